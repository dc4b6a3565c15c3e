import { z } from "zod";
import type { HttpSeen, PlainSeen, QuoteSeen } from "../seen.ts";
import type { Target } from "../target.ts";
import { count, duration, list } from "../words.ts";
import { gatewayError, json, readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { oldFrom } from "./health-body.ts";
import { singleTrouble } from "./single.ts";

/** Whether the assets that the operator cares for have prices that live. */
export const assets: Check = {
  name: "assets",
  needs: ["fresh", "steady", "moving"],
  diagnose(seen) {
    const { plain, quotes = [], single, target } = seen;
    if (!plain) return NOT_LOOKED;
    const named = quotes.find(({ asset }) => asset === single?.asset);
    const id = readQuote(named?.after)?.id ?? single?.asset.toLowerCase() ?? "";
    const trouble = single && singleTrouble(single, plain.assets.get(id), seen);
    if (trouble && quotes.length === 0) return fail(trouble.seen, trouble.mend);
    if (quotes.length === 0) {
      const old = [...plain.assets].filter(([, { stale }]) => stale).map(([id]) => id);
      const all = count(plain.assets.size, "asset");
      return pass(old.length === 0 ? `none of ${all} is old` : `old: ${list(old)}, of ${all}`);
    }
    const oldMs = oldFrom(seen);
    const states = quotes.map((quote) => judge(quote, plain, oldMs, target));
    const told = states.map((state) => state.seen).join("; ");
    const broken = states.find(({ mend }) => mend !== undefined);
    if (broken?.mend !== undefined) return fail(told, broken.mend);
    if (trouble) return fail(`${told}; ${trouble.seen}`, trouble.mend);
    return pass(
      told,
      states.some(({ isOpen }) => isOpen)
        ? "Watch for longer than the gateway's --stale-after, as with --for 90s: a price that nobody trades and one that is frozen look alike till then."
        : null,
    );
  },
};

const Quote = z.object({
  id: z.string(),
  price: z.string().nullable(),
  stale: z.boolean(),
  receivedAt: z.string().nullable(),
  timestamp: z.string(),
});

type State = {
  seen: string;
  /** Of what is not well. */
  mend?: string;
  /** It could not be told yet. */
  isOpen?: true;
};

function judge(
  { asset, before, after }: QuoteSeen,
  plain: PlainSeen,
  oldMs: number,
  target: Target,
): State {
  const first = readQuote(before);
  const last = readQuote(after);
  const id = last?.id ?? asset.toLowerCase();
  const streamed = plain.assets.get(id);
  const isUnknown = after?.ok && gatewayError(after)?.code === "unknown_asset";
  if (isUnknown && !streamed) {
    return {
      seen: `${asset} is unknown`,
      mend: "Check how the asset is spelled, and whether the gateway is limited to others with --assets; GET /api/prices lists those it has.",
    };
  }
  const behindMs = last && plain.latest !== null ? plain.latest - Date.parse(last.timestamp) : 0;
  if (behindMs > oldMs) {
    return {
      seen: `/api/prices/${asset} is dated ${duration(behindMs)} before the last update of the stream`,
      mend: "Have what stands before the gateway keep no answers of /api: a cache sends old prices again.",
    };
  }
  const receivedAt = last?.receivedAt ? Date.parse(last.receivedAt) : undefined;
  const ageMs =
    last && receivedAt !== undefined ? Date.parse(last.timestamp) - receivedAt : undefined;
  const age = ageMs === undefined ? "" : `, received ${duration(ageMs)} ago`;
  if (!streamed && !last) return unread(asset, after, target);
  if (!streamed && !last?.price) return { seen: `${asset} has no price`, mend: mendAsset(id) };
  if (!streamed || streamed.stale || last?.stale || (ageMs ?? 0) > oldMs) {
    return { seen: `${id} is old${age}, while others move`, mend: mendAsset(id) };
  }
  if (streamed.changes > 0) return { seen: `${id} changed ${count(streamed.changes, "time")}` };
  if (first?.receivedAt && receivedAt && receivedAt > Date.parse(first.receivedAt)) {
    return { seen: `${id} is unchanged, and confirmed${age}` };
  }
  const spanMs = plain.watchedMs;
  const frozen = `${id} did not change for ${duration(spanMs)}${age}, while others did`;
  return spanMs >= oldMs ? { seen: frozen, mend: mendAsset(id) } : { seen: frozen, isOpen: true };
}

function readQuote(seen: HttpSeen | undefined) {
  if (!seen?.ok) return undefined;
  const read = Quote.safeParse(json(seen.body));
  return read.success ? read.data : undefined;
}

/** Nobody tells which asset is meant. */
function unread(asset: string, answer: HttpSeen | undefined, target: Target): State {
  const path = `/api/prices/${asset}`;
  if (!answer?.ok) {
    const why = answer ? ` (${answer.code})` : "";
    return { seen: `${path} brings no answer${why}`, mend: MEND_ROUTE };
  }
  const { seen, mend } = readAnswer(answer, path, target);
  return { seen, mend: gatewayError(answer) ? mend : MEND_ROUTE };
}

const MEND_ROUTE =
  "Route /api to the gateway, as /ws and /sse: what is asked for there does not get to it.";

const mendAsset = (id: string): string =>
  `See which exchanges price it in \`sources\` of GET /api/prices/${id}: add one that does with --sources, or take the asset off the page.`;
