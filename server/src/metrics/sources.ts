import type { Standing } from "../feed/failover.ts";
import type { SourceHealth } from "../feed/lane.ts";
import type { LinkState, RejectReason } from "../types.ts";
import { type Family, meanings, type Sample, type Snapshot, seconds, stateSet } from "./family.ts";

const states: Record<LinkState, string> = {
  off: "not tried at all",
  connecting: "no connection yet",
  open: "connected, no price yet",
  live: "prices come",
  down: "broken, tried again soon",
  fatal: "refused for good, tried again seldom",
};

const standings: Record<Standing, string> = {
  waiting: "no price yet",
  speaking: "may speak",
  lost: "lost its assets to the next",
  holding: "is back, and must stay so for the hold time",
};

/** Counted from 0 on, so that the first of a kind is seen as an increase. */
const noneRejected: Record<RejectReason, number> = {
  not_json: 0,
  wrong_type: 0,
  bad_price: 0,
  absurd_price: 0,
  unknown_symbol: 0,
  out_of_order: 0,
};

const ofEach =
  (value: (source: SourceHealth) => number | null) =>
  ({ health }: Snapshot): Sample[] =>
    health.sources.flatMap((source) => {
      const known = value(source);
      return known === null ? [] : [{ value: known, labels: { source: source.name } }];
    });

/** Counts by a key of their own, for each source. */
const ofEachBy =
  (label: string, counts: (source: SourceHealth) => Record<string, number>) =>
  ({ health }: Snapshot): Sample[] =>
    health.sources.flatMap((source) =>
      Object.entries(counts(source)).map(([key, value]) => ({
        value,
        labels: { source: source.name, [label]: key },
      })),
    );

/** The exchanges, one by one. */
export const sourceFamilies: readonly Family[] = [
  {
    name: "price_stream_source_state",
    type: "gauge",
    help: `1 for the state of the source's link, 0 for the others; of several connections, that of the worst. ${meanings(states)}.`,
    labels: ["source", "state"],
    samples: ({ health }) =>
      health.sources.flatMap(({ name, state }) =>
        stateSet("state", states, state, { source: name }),
      ),
  },
  {
    name: "price_stream_source_standing",
    type: "gauge",
    help: `1 for whether the source may speak for assets, 0 for the others. ${meanings(standings)}.`,
    labels: ["source", "standing"],
    samples: ({ health }) =>
      health.sources.flatMap(({ name, standing }) =>
        stateSet("standing", standings, standing, { source: name }),
      ),
  },
  {
    name: "price_stream_source_data_age_seconds",
    type: "gauge",
    help: "Time since the source's last price; of several connections, that of the worst. Absent before the first price.",
    labels: ["source"],
    samples: ofEach(({ dataAgeMs }) => seconds(dataAgeMs)),
  },
  {
    name: "price_stream_source_connections",
    type: "gauge",
    help: "Connections that are kept up to the source, whatever their state.",
    labels: ["source"],
    samples: ofEach(({ connections }) => connections),
  },
  {
    name: "price_stream_source_reconnects_total",
    type: "counter",
    help: "Connections made anew after a break, or tried to.",
    labels: ["source"],
    samples: ofEach(({ reconnects }) => reconnects),
  },
  {
    name: "price_stream_source_rollovers_total",
    type: "counter",
    help: "Connections replaced without a break.",
    labels: ["source"],
    samples: ofEach(({ rollovers }) => rollovers),
  },
  {
    name: "price_stream_source_failovers_total",
    type: "counter",
    help: "Times that the source lost the assets that it spoke for to the next.",
    labels: ["source"],
    samples: ofEach(({ failovers }) => failovers),
  },
  {
    name: "price_stream_source_prices_total",
    type: "counter",
    help: "Prices of the source that were taken, whether it spoke or not.",
    labels: ["source"],
    samples: ofEach(({ prices }) => prices),
  },
  {
    name: "price_stream_source_frames_total",
    type: "counter",
    help: "Frames of the source by what they were.",
    labels: ["source", "kind"],
    samples: ofEachBy("kind", ({ frames }) => sumByKind(frames)),
  },
  {
    name: "price_stream_source_rejected_total",
    type: "counter",
    help: "Frames and prices of the source that were not taken, by reason.",
    labels: ["source", "reason"],
    samples: ofEachBy("reason", ({ rejected }) => ({ ...noneRejected, ...rejected })),
  },
  {
    name: "price_stream_unmatched_assets",
    type: "gauge",
    help: "Assets for which a source does not speak, since its price seems to be another coin's.",
    samples: ({ health }) => [{ value: health.unmatched.length }],
  },
  {
    name: "price_stream_metadata_age_seconds",
    type: "gauge",
    help: "Time since the last list of market caps, volumes and ranks came, by who told it. Absent before the first.",
    labels: ["source"],
    samples: ({ health }) =>
      health.metadata.flatMap(({ name, answerAgeMs }) => {
        const value = seconds(answerAgeMs);
        return value === null ? [] : [{ value, labels: { source: name } }];
      }),
  },
];

/** `ignored:trade` and `ignored:book` are of one kind. */
function sumByKind(frames: Record<string, number>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, count] of Object.entries(frames)) {
    const [kind = key] = key.split(":");
    sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}
