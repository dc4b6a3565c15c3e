import { z } from "zod";
import type { AssetSeen, Label, LineSeen, PlainSeen, StatusSeen } from "../seen.ts";
import { createOffsets } from "./offsets.ts";
import { isPrice } from "./price.ts";
import { createUpdates } from "./updates.ts";

const Labelled = z.object({ demo: z.literal(true), replay: z.literal(true) }).partial();

/** As loose as can be: gateways older than the contract are to be judged, too. */
const Message = z.discriminatedUnion("type", [
  Labelled.extend({
    type: z.literal("price_update"),
    prices: z.record(z.string(), z.string()),
    stale: z.array(z.string()).default([]),
    source: z.string().nullish(),
    timestamp: z.string().default(""),
  }),
  Labelled.extend({
    type: z.literal("status"),
    state: z.string(),
    is_running: z.boolean().default(true),
    prices_cached: z.number().default(0),
    last_update: z.string().nullish(),
    timestamp: z.string(),
  }),
  Labelled.extend({ type: z.literal("connection"), protocols: z.array(z.string()).default([]) }),
  Labelled.extend({ type: z.enum(["price", "keep_alive", "pong", "error"]) }),
]);

const Update = z.object({ type: z.literal("price_update") });

/** Whether it is meant as an update, be it one or not. */
export const isUpdate = (fields: unknown): boolean => Update.safeParse(fields).success;

const Price = z.object({ type: z.literal("price"), price: z.string().refine(isPrice) });

/** Whether it is the price of one asset. */
export const isOnePrice = (fields: unknown): boolean => Price.safeParse(fields).success;

type PlainTally = Omit<PlainSeen, keyof LineSeen>;

/** Keeps count of what the plain contract brings. */
export function createPlainTally() {
  const updates = createUpdates();
  const assets = new Map<string, AssetSeen>();
  let label: Label = "live";
  let protocols: readonly string[] = [];
  let source = "";
  let status: StatusSeen | null = null;
  let unreadable: string | null = null;
  const none = new Map<string, string>();
  let noneUpdates = 0;
  const offsets = createOffsets();
  const statusOffsets = createOffsets();

  return {
    /**
     * @param ms since the connection opened
     * @param now ms since 1970
     * @returns whether the message means something
     */
    read(fields: unknown, ms: number, now: number): boolean {
      const { success, data, error } = Message.safeParse(fields);
      if (!success) {
        if (isUpdate(fields)) unreadable ??= problemOf(error);
        return false;
      }
      if (data.demo) label = "demo";
      if (data.replay) label = "replay";
      if (data.type === "connection") protocols = data.protocols;
      if (data.type === "status") {
        const { state, is_running, prices_cached, last_update, timestamp } = data;
        const ageMs = last_update ? Date.parse(timestamp) - Date.parse(last_update) : Number.NaN;
        if (!data.replay) statusOffsets.add(now, timestamp);
        status = {
          ms,
          state,
          isRunning: is_running,
          assets: prices_cached,
          ageMs: Number.isNaN(ageMs) ? null : ageMs,
        };
      }
      if (data.type === "price_update") {
        updates.add(ms);
        source = data.source ?? "";
        if (!data.replay) offsets.add(now, data.timestamp);
        const old = new Set(data.stale);
        const prices = Object.entries(data.prices);
        const wrong = prices.filter(([, price]) => !isPrice(price));
        for (const [id, price] of wrong) if (!none.has(id)) none.set(id, price);
        if (wrong.length > 0) noneUpdates++;
        for (const [id, price] of prices) {
          const known = assets.get(id);
          const { changes = 0, changedMs = null, changedBeforeMs = null } = known ?? {};
          const change =
            known !== undefined && known.price !== price
              ? { changes: changes + 1, changedMs: ms, changedBeforeMs: changedMs }
              : { changes, changedMs, changedBeforeMs };
          assets.set(id, { price, stale: old.has(id), ...change });
        }
        // Left out of the prices, since they are too old.
        for (const id of old) {
          const known = assets.get(id);
          if (known && !known.stale) assets.set(id, { ...known, stale: true });
        }
      }
      return true;
    },
    seen: (): PlainTally => ({
      unreadable,
      none,
      noneUpdates,
      lag: offsets.seen(),
      latest: offsets.latest(),
      statusLagMs: statusOffsets.seen()?.leastMs ?? null,
      label,
      protocols,
      prices: updates.seen(),
      source,
      status,
      assets,
    }),
  };
}

const problemOf = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
