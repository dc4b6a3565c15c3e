import { isIP } from "node:net";
import type { HttpSeen, Seen } from "../seen.ts";
import { plainUrl } from "../target.ts";
import { watchEvents } from "./events.ts";
import { findName, type Lookup } from "./name.ts";
import { askAcross, fetchPage, originOf } from "./page.ts";
import { knock } from "./port.ts";
import { ask, type Way } from "./request.ts";
import { watchIdle, watchOrigin, watchPlain, watchV1 } from "./streams.ts";
import { shakeHands } from "./tls.ts";

/** What is to be looked at. */
export type Question = Pick<Seen, "target" | "page" | "wanted" | "timing" | "version">;

/** What looking takes. */
export type Means = Omit<Way, "answerMs"> & {
  lookup: Lookup;
};

/**
 * Looks from outside, layer by layer, and no further than where it gets. All streams are watched at the
 * same time.
 */
export async function observe(question: Question, means: Means): Promise<Seen> {
  const { target, page, wanted, timing } = question;
  const { lookup } = means;
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
    seen.tls = await shakeHands(target, way);
    if (!seen.tls.ok && seen.tls.code !== "TIMEOUT") {
      seen.speaksHttp = (await ask(plainUrl(target), stranger)).ok;
    }
    if (!seen.tls.ok || seen.tls.distrust) return seen;
  }
  const open = (path: string) => ask(`${http}${path}`, stranger);
  const quote = (asset: string) => ask(`${http}/api/prices/${encodeURIComponent(asset)}`, way);
  const [live, ready, health, document, before] = await Promise.all([
    open("/livez"),
    open("/readyz"),
    open("/health"),
    page === undefined ? undefined : fetchPage(page, { ...stranger, lookup }),
    Promise.all(wanted.map(quote)),
  ]);
  seen.live = live;
  seen.liveAt = way.wallNow();
  seen.document = document;
  // Who speaks TLS does not wait when it is asked in plain.
  const isOdd = live.ok ? live.status === 400 : live.code !== "TIMEOUT";
  if (!target.secure && isOdd) {
    seen.speaksTls = (await shakeHands(target, way)).ok;
    if (seen.speaksTls) return seen;
  }
  seen.ready = ready;
  seen.health = health;
  const origin = page === undefined ? undefined : originOf(page, document);
  // The quiet line comes after those with prices: where room is short, it is the one to be refused.
  const { promise: isOpen, resolve: settle } = Promise.withResolvers<boolean>();
  const v1 = watchV1(stream, way, timing, () => settle(true));
  void v1.then(() => settle(false));
  const idle = isOpen.then((is) => (is ? watchIdle(stream, way, timing) : undefined));
  [seen.plain, seen.v1, seen.idle, seen.sse, seen.origin, seen.cors] = await Promise.all([
    watchPlain(stream, way, timing),
    v1,
    idle,
    watchEvents(http, way, timing, wanted.length > 0 ? wanted : ["bitcoin"]),
    origin === undefined ? undefined : watchOrigin(stream, way, timing, origin),
    origin === undefined ? [] : askAcross(http, way, origin),
  ]);
  const isDeaf = (answer: HttpSeen | undefined) =>
    answer?.ok === false && answer.code === "TIMEOUT";
  const [healthAfter, ...after] = await Promise.all([
    isDeaf(health) ? health : open("/health"),
    ...wanted.map((asset, place) => {
      const first = before[place];
      return first && isDeaf(first) ? first : quote(asset);
    }),
  ]);
  seen.healthAfter = healthAfter;
  seen.quotes = wanted.map((asset, place) => ({
    asset,
    before: before[place],
    after: after[place],
  }));
  return seen;
}
