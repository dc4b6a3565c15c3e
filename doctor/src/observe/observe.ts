import { isIP } from "node:net";
import type { DocumentSeen, HttpSeen, Seen } from "../seen.ts";
import { plainUrl } from "../target.ts";
import { watchEvents } from "./events.ts";
import { findName, type Lookup } from "./name.ts";
import { askAcross, fetchPage, originOf } from "./page.ts";
import { knock } from "./port.ts";
import { ask, type Way } from "./request.ts";
import { watchIdle, watchOrigin, watchPlain, watchSingle, watchV1 } from "./streams.ts";
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
  const { http } = target;
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
    open("/livez").then((answer) => ({ answer, at: way.wallNow() })),
    open("/readyz"),
    open("/health"),
    page === undefined ? undefined : fetchPage(page, { ...stranger, lookup }),
    Promise.all(wanted.map(quote)),
  ]);
  const lookedAt = way.clock.now();
  seen.live = live.answer;
  seen.liveAt = live.at;
  seen.document = document;
  // Who speaks TLS does not wait when it is asked in plain.
  const isOdd = live.answer.ok ? live.answer.status === 400 : live.answer.code !== "TIMEOUT";
  if (!target.secure && isOdd) {
    seen.speaksTls = (await shakeHands(target, way)).ok;
    if (seen.speaksTls) return seen;
  }
  const streams = await watchAll(question, way, document);
  const healthMs = way.clock.now() - lookedAt;
  const [healthAfter, ...after] = await Promise.all([
    isDeaf(health) ? health : open("/health"),
    ...wanted.map((asset, place) => {
      const first = before[place];
      return first && isDeaf(first) ? first : quote(asset);
    }),
  ]);
  const quotes = wanted.map((asset, place) => ({
    asset,
    before: before[place],
    after: after[place],
  }));
  return { ...seen, ready, health, ...streams, healthAfter, healthMs, quotes };
}

/** Whoever did not answer in time is not waited for again. */
const isDeaf = (answer: HttpSeen): boolean => !answer.ok && answer.code === "TIMEOUT";

/** All streams at the same time, and what a page of another origin may read besides. */
async function watchAll(
  { target: { http, stream, asset }, page, wanted, timing }: Question,
  way: Way,
  document: DocumentSeen | undefined,
) {
  const from = page === undefined ? undefined : originOf(page, document);
  const { promise: isOpen, resolve: settle } = Promise.withResolvers<boolean>();
  const busy = watchV1(stream, way, timing, () => settle(true));
  void busy.then(() => settle(false));
  // After those with prices: where room is short, the quiet line is the one to be refused.
  const quiet = isOpen.then((is) => (is ? watchIdle(stream, way, timing) : undefined));
  const [plain, v1, idle, single, sse, origin, cors] = await Promise.all([
    watchPlain(stream, way, timing),
    busy,
    quiet,
    asset === undefined ? undefined : watchSingle(stream, way, timing, asset),
    watchEvents(http, way, timing, wanted.length > 0 ? wanted : ["bitcoin"]),
    from === undefined ? undefined : watchOrigin(stream, way, timing, from),
    from === undefined ? [] : askAcross(http, way, from),
  ]);
  return { plain, v1, idle, single, sse, origin, cors };
}
