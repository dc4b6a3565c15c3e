import type { Price } from "@cryptovault/price-stream";
import type { Asset, Assets } from "../assets.ts";
import type { MarketRoute, Sort, SortKey } from "../route.ts";

/** The direction that a column is first sorted in: the best, the largest, or A first. */
const FIRST_DESCENDING: Readonly<Record<SortKey, boolean>> = {
  rank: false,
  name: false,
  price: true,
  change: true,
  volume: true,
};

/** What a click on a column's head asks for. */
export const nextSort = (sort: Sort, key: SortKey): Sort => ({
  key,
  descending: sort.key === key ? !sort.descending : FIRST_DESCENDING[key],
});

/** Ids of the assets to be shown, in order. What has no value in the sorted column comes last. */
export function arrange(
  assets: Assets,
  prices: ReadonlyMap<string, Price>,
  favourites: ReadonlySet<string>,
  { query, sort, favouritesOnly }: Omit<MarketRoute, "view">,
): string[] {
  const wanted = query.trim().toLowerCase();
  const shown = [...assets.values()].filter(
    (asset) =>
      (!favouritesOnly || favourites.has(asset.id)) &&
      `${asset.name} ${asset.symbol} ${asset.id}`.toLowerCase().includes(wanted),
  );
  const rows = shown.map((asset) => ({
    asset,
    value: sortValue(sort.key, asset, prices.get(asset.id)),
  }));
  const sign = sort.descending ? -1 : 1;
  rows.sort((a, b) => {
    if (a.value === null || b.value === null)
      return a.value === b.value ? byRank(a, b) : a.value === null ? 1 : -1;
    return sign * compare(a.value, b.value) || byRank(a, b);
  });
  return rows.map(({ asset }) => asset.id);
}

function sortValue(key: SortKey, asset: Asset, price: Price | undefined): number | string | null {
  if (key === "rank") return asset.rank;
  if (key === "name") return asset.name.toLowerCase();
  if (key === "volume") return asset.volume24hUsd;
  if (key === "change") return price?.change24h ?? asset.change24h;
  return price ? Number(price.price) : null;
}

const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0);

type Row = { asset: Asset };
const byRank = (a: Row, b: Row) =>
  compare(a.asset.rank ?? Infinity, b.asset.rank ?? Infinity) || compare(a.asset.id, b.asset.id);
