import { z } from "zod";
import type { AssetSeen, Label, PlainSeen, StatusSeen } from "../seen.ts";
import { createUpdates } from "./updates.ts";

const Labelled = z.object({ demo: z.literal(true), replay: z.literal(true) }).partial();

/** As loose as can be: gateways older than the contract are to be judged, too. */
const Message = z.discriminatedUnion("type", [
  Labelled.extend({
    type: z.literal("price_update"),
    prices: z.record(z.string(), z.string()),
    stale: z.array(z.string()).default([]),
    source: z.string().default(""),
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

type PlainTally = Pick<
  PlainSeen,
  "label" | "protocols" | "prices" | "source" | "status" | "assets" | "changedMs"
>;

/** Keeps count of what the plain contract brings. */
export function createPlainTally() {
  const updates = createUpdates();
  const assets = new Map<string, AssetSeen>();
  let label: Label = "live";
  let protocols: readonly string[] = [];
  let source = "";
  let status: StatusSeen | null = null;
  let changedMs: number | null = null;

  return {
    /**
     * @param ms since the connection opened
     * @returns whether the message means something
     */
    read(fields: unknown, ms: number): boolean {
      const { success, data } = Message.safeParse(fields);
      if (!success) return false;
      if (data.demo) label = "demo";
      if (data.replay) label = "replay";
      if (data.type === "connection") protocols = data.protocols;
      if (data.type === "status") {
        const { state, is_running, prices_cached, last_update, timestamp } = data;
        const ageMs = last_update ? Date.parse(timestamp) - Date.parse(last_update) : Number.NaN;
        status = {
          state,
          isRunning: is_running,
          assets: prices_cached,
          ageMs: Number.isNaN(ageMs) ? null : ageMs,
        };
      }
      if (data.type === "price_update") {
        updates.add(ms);
        source = data.source;
        const old = new Set(data.stale);
        for (const [id, price] of Object.entries(data.prices)) {
          const known = assets.get(id);
          const isChanged = known !== undefined && known.price !== price;
          if (isChanged) changedMs = ms;
          const changes = (known?.changes ?? 0) + (isChanged ? 1 : 0);
          assets.set(id, { price, stale: old.has(id), changes });
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
      label,
      protocols,
      prices: updates.seen(),
      source,
      status,
      assets,
      changedMs,
    }),
  };
}
