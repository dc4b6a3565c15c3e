import { type Family, type Snapshot, seconds, single } from "./family.ts";

/** The ages of prices at a share of them all: half are as old as `ageAt(0.5)` at most. */
const ageAt =
  (share: number) =>
  ({ priceAgesMs }: Snapshot) => {
    const ages = [...priceAgesMs].sort((a, b) => a - b);
    return single(seconds(ages[Math.ceil(ages.length * share) - 1]));
  };

/** The prices that there are to deliver. */
export const bookFamilies: readonly Family[] = [
  {
    name: "price_stream_book_assets",
    type: "gauge",
    help: "Assets that have a price, by the source that speaks for them.",
    labels: ["source"],
    samples: ({ health }) =>
      Object.entries({
        ...Object.fromEntries(health.sources.map(({ name }) => [name, 0])),
        ...health.book.bySource,
      }).map(([source, value]) => ({ value, labels: { source } })),
  },
  {
    name: "price_stream_book_fresh_assets",
    type: "gauge",
    help: "Assets whose price is not stale.",
    samples: ({ health }) => single(health.book.fresh),
  },
  {
    name: "price_stream_book_stale_assets",
    type: "gauge",
    help: "Assets whose price is stale: older than --stale-after.",
    samples: ({ health }) => single(health.book.stale),
  },
  {
    name: "price_stream_book_stale_after_seconds",
    type: "gauge",
    help: "From which age a price is stale: --stale-after.",
    samples: ({ health }) => single(seconds(health.book.staleAfterMs)),
  },
  {
    name: "price_stream_book_changes_total",
    type: "counter",
    help: "Changes in the book of prices: the newest number of its sequence (seq).",
    samples: ({ health }) => single(health.book.seq),
  },
  {
    name: "price_stream_book_newest_price_age_seconds",
    type: "gauge",
    help: "Time since any price was received. Absent before the first.",
    samples: ({ health }) => single(seconds(health.book.newestAgeMs)),
  },
  {
    name: "price_stream_book_price_age_p50_seconds",
    type: "gauge",
    help: "Half of all assets have a price that was received no longer ago. Absent before the first price.",
    samples: ageAt(0.5),
  },
  {
    name: "price_stream_book_price_age_p95_seconds",
    type: "gauge",
    help: "95 % of all assets have a price that was received no longer ago. Absent before the first price.",
    samples: ageAt(0.95),
  },
];
