import { isIP } from "node:net";
import type { Seen } from "../seen.ts";
import { plainUrl } from "../target.ts";
import { watchEvents } from "./events.ts";
import { findName, type Lookup } from "./name.ts";
import { knock } from "./port.ts";
import { ask, type Way } from "./request.ts";
import { watchIdle, watchOrigin, watchPlain, watchV1 } from "./streams.ts";
import { shakeHands } from "./tls.ts";

/** What is to be looked at. */
export type Question = Pick<Seen, "target" | "page" | "wanted" | "timing" | "version">;

/** What looking takes. */
export type Means = Omit<Way, "answerMs"> & {
  lookup: Lookup;
  /** ms since 1970. */
  wallNow(): number;
};

/**
 * Looks from outside, layer by layer, and no further than where it gets. All streams are watched at the
 * same time.
 */
export async function observe(question: Question, means: Means): Promise<Seen> {
  const { target, page, wanted, timing } = question;
  const { lookup, wallNow } = means;
  const way: Way = { ...means, answerMs: timing.answerMs };
  /** For what is open to everybody. */
  const stranger: Way = { ...way, token: undefined };
  const { http, stream } = target;
  const seen: Seen = { ...question };

  if (!isIP(target.host)) {
    seen.dns = await findName(target.host, { ...way, lookup });
    if (!seen.dns.ok) return seen;
  }
  seen.tcp = await knock(target, way);
  if (!seen.tcp.ok) return seen;
  if (target.secure) {
    seen.tls = await shakeHands(target, way, wallNow());
    if (!seen.tls.ok && seen.tls.code !== "TIMEOUT") {
      seen.speaksHttp = (await ask(plainUrl(target), stranger)).ok;
    }
    if (!seen.tls.ok || seen.tls.distrust) return seen;
  }
  seen.live = await ask(`${http}/livez`, stranger);
  if (!target.secure && (!seen.live.ok || seen.live.status === 400)) {
    seen.speaksTls = (await shakeHands(target, way, wallNow())).ok;
    if (seen.speaksTls) return seen;
  }
  [seen.ready, seen.health] = await Promise.all([
    ask(`${http}/readyz`, stranger),
    ask(`${http}/health`, stranger),
  ]);
  const quotes = () =>
    Promise.all(wanted.map((asset) => ask(`${http}/api/prices/${encodeURIComponent(asset)}`, way)));
  const before = await quotes();
  [seen.plain, seen.v1, seen.idle, seen.sse, seen.origin] = await Promise.all([
    watchPlain(stream, way, timing),
    watchV1(stream, way, timing),
    watchIdle(stream, way, timing),
    watchEvents(http, way, timing, wanted.length > 0 ? wanted : ["bitcoin"]),
    page === undefined ? undefined : watchOrigin(stream, way, timing, new URL(page).origin),
  ]);
  const after = await quotes();
  seen.quotes = wanted.map((asset, place) => ({
    asset,
    before: before[place],
    after: after[place],
  }));
  return seen;
}
