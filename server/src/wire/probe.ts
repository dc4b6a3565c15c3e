import type { Logger } from "pino";
import WebSocket from "ws";
import { type Clock, every } from "../clock.ts";
import { PROBE_HEADER } from "./admission.ts";

/** From one probe to the next, ms. */
const INTERVAL_MS = 15_000;
/** How long one probe waits for a price, ms. */
const PATIENCE_MS = 3000;
/** From the start of the server to the first probe, ms. */
const FIRST_AFTER_MS = 1000;

/**
 * What the gateway saw as its own client. `pass`: prices come. `quiet`: the stream answers, and
 * there are no fresh prices to send. `fail`: what clients should get does not come.
 */
export type ProbeResult = {
  verdict: "pending" | "pass" | "quiet" | "fail";
  /** What was seen, in a sentence. */
  seen: string;
  /** Messages received. 0 means that the stream is dead. */
  frames: number;
  /** ms from connecting to the first price; null without one. */
  firstPriceMs: number | null;
};

export type Probe = ReturnType<typeof createProbe>;

/** The gateway's stream as this machine reaches it, and what lets the probe in. */
export type Target = { url: string; secret: string };

/** Connects to the gateway's own public listener from time to time, as a client would. */
export function createProbe(options: {
  clock: Clock;
  log: Logger;
  /** Whether the certificate is good at this time, if the gateway speaks TLS itself. */
  isCertified(): boolean;
  /** Whether there is a fresh price that a client should get. */
  hasPrices(): boolean;
}) {
  const { clock, log, hasPrices, isCertified } = options;
  let result: ProbeResult = {
    verdict: "pending",
    seen: "not run yet",
    frames: 0,
    firstPriceMs: null,
  };
  let finishedAt: number | undefined;
  let abort = () => {};

  const conclude = (next: ProbeResult) => {
    const hasTurned = (next.verdict === "fail") !== (result.verdict === "fail");
    const level = !hasTurned ? "debug" : next.verdict === "fail" ? "error" : "info";
    log[level]({ probe: next }, `Self-probe: ${next.seen}`);
    result = next;
    finishedAt = clock.now();
  };

  const run = ({ url, secret }: Target) => {
    abort();
    const startedAt = clock.now();
    // It is itself: no name to be checked, and whoever signed it, browsers judge.
    const socket = new WebSocket(url, {
      headers: { [PROBE_HEADER]: secret },
      rejectUnauthorized: false,
    });
    let frames = 0;
    let hadPrices = hasPrices();
    const finish = (verdict: ProbeResult["verdict"], seen: string, firstPriceMs?: number) => {
      abort();
      conclude({ verdict, seen, frames, firstPriceMs: firstPriceMs ?? null });
    };
    const giveUp = () => {
      if (frames === 0) finish("fail", "connected, but no message came");
      else if (!hasPrices()) finish("quiet", "a hello; no exchange has brought a fresh price");
      else if (hadPrices) finish("fail", "a hello, but no price though there are fresh ones");
      else {
        // They have come meanwhile: the next broadcast is to bring one.
        hadPrices = true;
        cancel = clock.after(PATIENCE_MS, giveUp);
      }
    };
    let cancel = clock.after(PATIENCE_MS, giveUp);
    abort = () => {
      cancel();
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.terminate();
      abort = () => {};
    };
    socket.on("message", (data) => {
      frames++;
      if (!data.toString().startsWith('{"type":"price_update"')) return;
      const waited = clock.now() - startedAt;
      if (isCertified()) finish("pass", `a price after ${waited} ms`, waited);
      else finish("fail", "a price, but the certificate is over: no browser connects", waited);
    });
    socket.on("close", (code) => finish("fail", `closed with ${code} before a price came`));
    socket.on("error", (error) => finish("fail", `no connection: ${error.message}`));
  };

  let stop = () => {};

  return {
    start(target: Target) {
      const look = () => run(target);
      const stopFirst = clock.after(FIRST_AFTER_MS, look);
      const stopNext = every(clock, INTERVAL_MS, look);
      stop = () => {
        stopFirst();
        stopNext();
        abort();
      };
    },

    result: () => ({
      ...result,
      ageMs: finishedAt === undefined ? null : clock.now() - finishedAt,
    }),
    stop: () => stop(),
  };
}
