import type { Certificate } from "../seen.ts";
import { duration } from "../words.ts";
import { MEND_CERTIFICATE } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass, skip, type Verdict } from "./check.ts";

/** A certificate that ends sooner is worth a warning, ms. */
const SOON_MS = 7 * 86_400_000;

/** Whether browsers trust the certificate. */
export const tls: Check = {
  name: "tls",
  needs: ["connect"],
  diagnose({ tls, speaksHttp, target: { secure, host, port } }) {
    if (!secure) return skip("the URL does not ask for it: not https or wss");
    if (!tls) return NOT_LOOKED;
    if (tls.ok) {
      const { certificate, distrust } = tls;
      if (distrust) return distrusted(distrust, host, certificate);
      const { issuer, leftMs } = certificate;
      return pass(
        `trusted, by ${issuer}, for another ${duration(leftMs)} (${duration(tls.ms)})`,
        leftMs < SOON_MS
          ? "Renew the certificate soon, and see why it did not renew itself."
          : null,
      );
    }
    if (speaksHttp) {
      return fail(
        `port ${port} speaks plain HTTP, not TLS (${tls.code})`,
        "Use http:// or ws:// with this port, or have a proxy speak TLS at it: the gateway behind it speaks plain HTTP.",
      );
    }
    if (tls.code === "TIMEOUT") {
      return fail(
        `port ${port} accepts the connection, and then says nothing for ${duration(tls.ms)}`,
        "Restart what listens at this port, and check that it speaks TLS: it takes connections and does not answer.",
      );
    }
    if (/CERTIFICATE_REQUIRED/.test(tls.code)) {
      return fail(`wants a certificate of the client (${tls.code})`, MEND_CERTIFICATE);
    }
    if (/NO_APPLICATION_PROTOCOL/.test(tls.code)) {
      return fail(
        `does not speak HTTP/1.1 (${tls.code})`,
        "Have the proxy offer HTTP/1.1 beside HTTP/2 at this port: WebSocket handshakes of most clients need it.",
      );
    }
    if (/UNRECOGNIZED_NAME|HANDSHAKE_FAILURE|INTERNAL_ERROR/.test(tls.code)) {
      return fail(
        `refuses to speak TLS for the name of ${host} (${tls.code})`,
        "Give the proxy a certificate for this name: it has none for it.",
      );
    }
    return fail(
      `no TLS comes about (${tls.code}: ${tls.message})`,
      "Look at the log of what ends TLS at this port: its protocol versions, ciphers or certificate are amiss.",
    );
  },
};

function distrusted(code: string, host: string, certificate: Certificate): Verdict {
  const { names, issuer, validFrom, validTo, leftMs } = certificate;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return fail(
        `the certificate expired ${duration(-leftMs)} ago, on ${day(validTo)}`,
        "Renew the certificate, reload the proxy, and see why it did not renew itself.",
      );
    case "CERT_NOT_YET_VALID":
      return fail(
        `the certificate is valid only from ${day(validFrom)} on`,
        "Set the clocks of this machine and of the gateway right, or use a certificate that is valid by now.",
      );
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return fail(
        `the certificate is for ${names}, not for ${host}`,
        "Use a name that the certificate is for, or get one for this name; where several sites share the address, the proxy shows that of another.",
      );
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return fail(
        `the certificate is signed by ${issuer}, whom no browser trusts (${code})`,
        "Get a certificate of a public authority, such as Let's Encrypt; where it is your own authority, name it to the doctor in NODE_EXTRA_CA_CERTS.",
      );
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return fail(
        `the chain from the certificate to an authority has a gap: ${issuer} is unknown (${code})`,
        "Have the proxy send the whole chain (fullchain.pem), with the certificates in between.",
      );
    default:
      return fail(
        `the certificate is not to be trusted (${code})`,
        "Get a certificate of a public authority for this name.",
      );
  }
}
