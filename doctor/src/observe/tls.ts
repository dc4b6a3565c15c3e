import { isIP } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import type { Certificate, TlsSeen } from "../seen.ts";
import type { Target } from "../target.ts";
import { attempt } from "./attempt.ts";
import type { Way } from "./request.ts";

type Shown = { certificate: Certificate; distrust: string | undefined };

/** Makes a TLS connection and looks at the certificate, be it to be trusted or not. */
export const shakeHands = (
  { host, port }: Target,
  { clock, answerMs, ca, wallNow }: Way,
): Promise<TlsSeen> =>
  attempt<Shown>(clock, answerMs, (done, failed) => {
    const socket = connect({
      host,
      port,
      ca,
      // To be judged, not obeyed.
      rejectUnauthorized: false,
      ALPNProtocols: ["http/1.1"],
      ...(isIP(host) ? {} : { servername: host }),
    });
    socket.on("error", failed);
    socket.on("secureConnect", () =>
      done({
        certificate: readCertificate(socket.getPeerCertificate(), wallNow()),
        distrust: socket.authorized ? undefined : codeOf(socket.authorizationError),
      }),
    );
    return () => socket.destroy();
  });

/** Despite its type it is often the code itself. */
const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

function readCertificate(shown: PeerCertificate, wallNow: number): Certificate {
  const validTo = Date.parse(shown.valid_to);
  const { O: organisation, CN: name } = shown.issuer;
  return {
    names: shown.subjectaltname ?? `CN:${shown.subject.CN}`,
    issuer: String(organisation ?? name ?? "nobody"),
    validFrom: Date.parse(shown.valid_from),
    validTo,
    leftMs: validTo - wallNow,
  };
}
