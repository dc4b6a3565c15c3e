import { z } from "zod";
import type { HttpSeen, Seen } from "../seen.ts";
import { duration, list } from "../words.ts";
import { json } from "./answers.ts";

/** What is read of `GET /health`; server/src/wire/health.ts writes it. */
const Health = z.object({
  status: z.enum(["ok", "degraded", "down"]),
  reasons: z.array(z.string()),
  uptimeS: z.number(),
  version: z.string().optional(),
  sources: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      stateReason: z.string(),
      dataAgeMs: z.number().nullable(),
    }),
  ),
  book: z.object({
    assets: z.number(),
    fresh: z.number(),
    newestAgeMs: z.number().nullable(),
    staleAfterMs: z.number().optional(),
  }),
  hub: z.object({ clients: z.number() }),
  probe: z.object({ verdict: z.string(), seen: z.string() }),
});

export type Health = z.infer<typeof Health>;

/** Undefined where there was none, or where it is not the gateway's. */
export function readHealth(seen: HttpSeen | undefined): Health | undefined {
  if (!seen?.ok) return undefined;
  const read = Health.safeParse(json(seen.body));
  return read.success ? read.data : undefined;
}

/** The gateway's default for `--stale-after`; older gateways do not tell theirs, ms. */
const STALE_AFTER_MS = 60_000;

/** From which age on a price is old here, ms. */
export const oldFrom = ({ health, timing }: Pick<Seen, "health" | "timing">): number =>
  timing.oldMs ?? readHealth(health)?.book.staleAfterMs ?? STALE_AFTER_MS;

/**
 * How long ago data came from the exchange that speaks for most assets, else from any, ms. Undefined where
 * nobody tells.
 */
export function dataAge({ health, healthAfter, plain }: Seen): number | undefined {
  const { sources = [] } = readHealth(healthAfter) ?? readHealth(health) ?? {};
  const speaker = sources.filter(({ name }) => name === plain?.source);
  const ages = (speaker.length > 0 ? speaker : sources).flatMap(({ dataAgeMs }) => dataAgeMs ?? []);
  if (ages.length > 0) return Math.min(...ages);
  const { ms, ageMs } = plain?.status ?? {};
  if (!plain || ms === undefined || ageMs === undefined || ageMs === null) return undefined;
  return plain.watchedMs - ms + ageMs;
}

/** The exchanges that bring nothing, as `/health` tells them: `; down: binance (refused)`. */
export function upstream(seen: HttpSeen | undefined): string {
  const sources = readHealth(seen)?.sources.filter(({ state }) => state !== "off") ?? [];
  const silent = sources.filter(({ state, dataAgeMs }) => state !== "live" || dataAgeMs === null);
  if (sources.length === 0) return "";
  if (silent.length > 0) {
    return `; not live: ${list(silent.map(({ name, stateReason }) => `${name} (${stateReason})`))}`;
  }
  const ages = sources.map(({ name, dataAgeMs }) => `${name} ${duration(dataAgeMs ?? 0)} ago`);
  return `; last data: ${list(ages)}`;
}

/** What to do where the gateway is about to stop. */
export const MEND_DRAINING =
  "Wait for the next process to take over; if none does, start the gateway.";

/** What to do where more prices are old than fresh. */
export const MEND_OLD =
  "Mend the way from the gateway to its exchanges: /health names why each is down; where all are live, add others with --sources, or give assets that are hardly traded more time with --stale-after.";

/** What to do where no fresh price comes from the exchanges. */
export const MEND_UPSTREAM =
  "Mend the way from the gateway to its exchanges: /health names why each is down (network, key, region); --sources adds others.";
