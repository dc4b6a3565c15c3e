import type { DataLabel } from "@cryptovault/price-stream/protocol";
import type { Book } from "../book/book.ts";
import type { Feed } from "../feed/feed.ts";
import type { Hub } from "../hub/hub.ts";
import type { MetadataHealth } from "../metadata/metadata.ts";
import type { DataMode } from "../types.ts";
import type { Probe } from "./probe.ts";
import type { Tally } from "./tally.ts";

/** Each client hears something every 25 s. One that does not read is cut after 30 s, and may be the only one, ms. */
const STARVING_MS = 40_000;

/** The chain by stage, as `GET /health` tells it. */
export type Health = DataLabel & {
  status: "ok" | "degraded" | "down";
  /** Why it is not ok; empty when it is. */
  reasons: string[];
  /** Of the gateway. */
  version: string;
  mode: DataMode;
  uptimeS: number;
} & ReturnType<Feed["health"]> & {
    book: Omit<ReturnType<Book["stats"]>, "lastReceivedAt"> & {
      /** ms since the newest receipt of any price. */
      newestAgeMs: number | null;
      /** A price that was received longer ago than this is stale, ms. */
      staleAfterMs: number;
    };
    metadata: MetadataHealth[];
    hub: ReturnType<Hub["stats"]>;
    /** Who was turned away, by code. */
    refused: ReturnType<Tally["counts"]>;
    probe: ReturnType<Probe["result"]>;
  };

/**
 * The verdict over all stages. What the gateway received as its own client rules: stages that claim
 * to be well don't make up for a client that gets nothing.
 */
export function verdict(
  stages: Pick<Health, "sources" | "book" | "probe"> & {
    hub: Pick<Health["hub"], "lastFrameAgeMs">;
    draining?: boolean;
  },
): Pick<Health, "status" | "reasons"> {
  const { sources, book, hub, probe, draining = false } = stages;
  const down: string[] = [];
  const degraded: string[] = [];
  if (draining) degraded.push("draining: clients are sent away, the gateway is restarting");
  if (probe.verdict === "fail") down.push(`self-probe: ${probe.seen}`);
  if (book.assets === 0) down.push("no price since the start");
  else if (book.fresh === 0) down.push("every price is stale");
  else if (book.stale > book.fresh)
    degraded.push(`${book.stale} of ${book.assets} prices are stale`);
  for (const [contract, ageMs] of Object.entries(hub.lastFrameAgeMs)) {
    if (ageMs === null || ageMs <= STARVING_MS) continue;
    down.push(`clients of ${contract} have been sent nothing for ${Math.round(ageMs / 1000)} s`);
  }
  for (const { name, state, stateReason, standing, standingReason } of sources) {
    if (state === "off") continue;
    if (state === "fatal" || state === "down") degraded.push(`${name} is down: ${stateReason}`);
    else if (standing === "lost" || standing === "holding") {
      degraded.push(`${name} does not speak: ${standingReason}`);
    }
  }
  const status = down.length > 0 ? "down" : degraded.length > 0 ? "degraded" : "ok";
  return { status, reasons: [...down, ...degraded] };
}

/**
 * Why not to send clients here, undefined where they may come: from the first price on, unless the gateway
 * is draining or its own probe gets nothing at all. An outage of the exchanges is no reason: a restart would
 * not mend it.
 */
export function unready(state: {
  draining: boolean;
  assets: number;
  probe: ReturnType<Probe["result"]>;
}): string | undefined {
  if (state.draining) return "The gateway is restarting.";
  if (state.assets === 0) return "There has been no price since the start.";
  const isDead = state.probe.verdict === "fail" && state.probe.frames === 0;
  return isDead ? `As its own client the gateway gets nothing: ${state.probe.seen}.` : undefined;
}
