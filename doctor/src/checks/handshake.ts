import type { Handshake } from "../seen.ts";
import type { Target } from "../target.ts";
import { duration } from "../words.ts";
import { type Finding, gatewayError, readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";

/** Whether a WebSocket comes about. */
export const handshake: Check = {
  name: "handshake",
  needs: ["tls"],
  diagnose({ plain, target }) {
    if (!plain) return NOT_LOOKED;
    const trouble = readHandshake(plain.handshake, target);
    return trouble
      ? fail(trouble.seen, trouble.mend)
      : pass(`/ws/prices answers 101 (${duration(plain.handshake.ms)})`);
  },
};

/** Why there is no WebSocket; undefined where there is one. */
export function readHandshake(
  handshake: Handshake,
  target: Target,
  path = "/ws/prices",
): Finding | undefined {
  if (handshake.kind === "open") return undefined;
  if (handshake.kind === "answered") {
    const finding = readAnswer(handshake, path, target);
    const isCrowd = /_per_ip$/.test(gatewayError(handshake)?.code ?? "");
    const seen = `${finding.seen}${handshake.status === 426 ? "" : " (101 is due)"}`;
    return { seen, mend: isCrowd ? MEND_CROWD : finding.mend };
  }
  const { code, message, ms } = handshake;
  if (code === "TIMEOUT") {
    return {
      seen: `${path} does not answer the request to upgrade within ${duration(ms)}`,
      mend: "Have the proxy pass the upgrade on; if there is none, restart the gateway: the request hangs.",
    };
  }
  if (code === "BAD_UPGRADE") {
    return {
      seen: `${path} answers 101, but not as asked (${message})`,
      mend: "Look at the proxy: it answers the request to upgrade itself, and in a wrong way.",
    };
  }
  return {
    seen: `${path} ends the connection without an answer (${code}: ${message})`,
    mend: "Look at the proxy or firewall in front of the gateway: it drops connections that ask for a WebSocket.",
  };
}

const MEND_CROWD =
  "Behind a proxy all clients count as one address: say how many stand in front with --trusted-proxies; if none does, raise the limit per address (--max-clients-per-ip), or find who opens so many.";
