import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import type { Answer, SseSeen } from "../seen.ts";
import { createEventTally } from "../tally/events.ts";
import type { Timing } from "../timing.ts";
import { attempt } from "./attempt.ts";
import { get, headOf, LONGEST_BODY, type Way } from "./request.ts";

/**
 * Watches the stream of events of few assets: so few bytes that whoever buffers them holds them for long.
 * @param assets ids or symbols; unknown ones will do
 */
export async function watchEvents(
  http: string,
  way: Way,
  timing: Timing,
  assets: readonly string[],
): Promise<SseSeen> {
  const { clock, answerMs } = way;
  const { helloMs, watchMs } = timing;
  const query = new URLSearchParams({ assets: assets.join(), interval: "1000" });
  const tally = createEventTally();
  let endedMs: number | null = null;
  let watchedMs = 0;
  const seen = await attempt<Answer>(clock, answerMs + watchMs, (done, failed) => {
    const timers: (() => void)[] = [];
    let isAnswered = false;
    const request = get(
      `${http}/sse/prices?${query}`,
      way,
      (response) => {
        isAnswered = true;
        const answeredAt = clock.now();
        const elapsed = () => clock.now() - answeredAt;
        let body = "";
        const settle = () => {
          watchedMs = elapsed();
          done({ ...headOf(response), body });
        };
        readable(response).on("data", (chunk: string) => {
          if (body.length < LONGEST_BODY) body += chunk;
          tally.read(chunk, elapsed());
        });
        response.on("error", () => {});
        response.on("close", () => {
          endedMs = elapsed();
          settle();
        });
        const giveUp = () => {
          if (tally.seen().events === 0) settle();
        };
        timers.push(clock.after(helloMs, giveUp), clock.after(watchMs, settle));
      },
      { accept: "text/event-stream", "accept-encoding": "gzip" },
    );
    request.on("error", failed);
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      done({ ...headOf(response), body: "" });
    });
    timers.push(
      clock.after(answerMs, () => {
        if (!isAnswered) failed(Object.assign(new Error("no answer in time"), { code: "TIMEOUT" }));
      }),
    );
    return () => {
      for (const cancel of timers) cancel();
      request.destroy();
    };
  });
  return { ...seen, ...tally.seen(), watchedMs, endedMs };
}

/** Browsers offer gzip. A proxy that takes it may hold events back; what it has flushed is read at once. */
function readable(response: IncomingMessage): Readable {
  if (response.headers["content-encoding"] !== "gzip") return response.setEncoding("utf8");
  const inflated = createGunzip({ flush: constants.Z_SYNC_FLUSH }).setEncoding("utf8");
  // Cut in the middle: what came before it counts.
  inflated.on("error", () => {});
  return response.pipe(inflated);
}
