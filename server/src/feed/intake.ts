import type { Source } from "../sources/source.ts";
import type { Rejection, SourceEvent } from "../types.ts";
import type { Identity } from "./identity.ts";
import type { Quotes } from "./price/quotes.ts";

/** An exchange's clock may be ahead of ours by so much; a time beyond, or before 1970, is none. In ms. */
const MAX_TIME_AHEAD_MS = 5 * 60_000;

/**
 * Takes the frames of one source into the quotes: whatever is wrong with them is counted and
 * handed to `complain`, and ends here.
 */
export function createIntake(
  source: Source,
  index: number,
  identity: Identity,
  quotes: Quotes,
  complain: (rejection: Rejection) => void,
) {
  const frames = new Map<string, number>();
  const rejected = new Map<string, number>();
  const resolve = identity.resolver(source);
  let prices = 0;

  const reject = (rejection: Rejection) => {
    increment(rejected, rejection.reason);
    complain(rejection);
  };

  const takeTicks = ({ ticks, rejected }: SourceEvent & { kind: "ticks" }, now: number) => {
    let taken = 0;
    for (const tick of ticks) {
      const mapping = resolve(tick.symbol);
      if (mapping === "other_quote") continue;
      if (mapping === "unknown") {
        reject({ reason: "unknown_symbol", detail: tick.symbol.slice(0, 80) });
        continue;
      }
      if (tick.time !== undefined && !isTime(tick.time, now)) delete tick.time;
      const refusal = quotes.tick(index, mapping, tick, now);
      if (refusal === undefined) taken++;
      else if (refusal !== "other_quote")
        reject({ reason: refusal, detail: `${tick.symbol}: ${tick.price}` });
    }
    rejected.forEach(reject);
    prices += taken;
    return taken;
  };

  return {
    /** Reads one frame. `prices`: how many of its prices were taken. */
    frame(text: string, now: number): { event: SourceEvent; prices: number } {
      const event = source.read(text);
      increment(frames, event.kind === "ignored" ? `ignored:${event.what}` : event.kind);
      if (event.kind === "ticks") return { event, prices: takeTicks(event, now) };
      if (event.kind === "bad") reject(event.rejection);
      if (event.kind === "unknown") {
        complain({ reason: "wrong_type", detail: `unknown frame: ${event.what.slice(0, 80)}` });
      }
      return { event, prices: 0 };
    },

    /** Frames by kind, prices taken, and what was not taken by reason. */
    stats: () => ({
      frames: Object.fromEntries(frames),
      prices,
      rejected: Object.fromEntries(rejected),
    }),
  };
}

const isTime = (time: number, now: number): boolean => time >= 0 && time <= now + MAX_TIME_AHEAD_MS;

const increment = (counts: Map<string, number>, key: string) =>
  counts.set(key, (counts.get(key) ?? 0) + 1);
