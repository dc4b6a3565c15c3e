import { useSyncExternalStore } from "react";

export const SORT_KEYS = ["rank", "name", "price", "change", "volume"] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export type Sort = { readonly key: SortKey; readonly descending: boolean };

/** The list of assets: which of them, and in which order. */
export type MarketRoute = {
  readonly view: "market";
  readonly query: string;
  readonly sort: Sort;
  readonly favouritesOnly: boolean;
};
export type AssetRoute = { readonly view: "asset"; readonly asset: string };
export type Route = MarketRoute | AssetRoute;

export const MARKET: MarketRoute = {
  view: "market",
  query: "",
  sort: { key: "rank", descending: false },
  favouritesOnly: false,
};

/**
 * What an address means, by its hash, so that any static host can serve every view: `#/bitcoin` is an
 * asset, `#/?q=bit&sort=-change&fav=1` the list, `-` meaning the largest first.
 */
export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const asset = path.replace(/\/$/, "");
  if (asset !== "") return { view: "asset", asset: decode(asset) };
  const params = new URLSearchParams(search);
  return {
    view: "market",
    query: params.get("q") ?? "",
    sort: parseSort(params.get("sort") ?? ""),
    favouritesOnly: params.get("fav") === "1",
  };
}

/** The hash that `parseRoute` understands as `route`; what is usual is left out. */
export function formatRoute(route: Route): string {
  if (route.view === "asset") return `#/${encodeURIComponent(route.asset)}`;
  const { query, sort, favouritesOnly } = route;
  const params = new URLSearchParams();
  if (query !== "") params.set("q", query);
  const order = `${sort.descending ? "-" : ""}${sort.key}`;
  if (order !== MARKET.sort.key) params.set("sort", order);
  if (favouritesOnly) params.set("fav", "1");
  return params.size > 0 ? `#/?${params}` : "#/";
}

export const assetHref = (asset: string): string => formatRoute({ view: "asset", asset });

const listeners = new Set<() => void>();

const subscribe = (fn: () => void) => {
  listeners.add(fn);
  addEventListener("hashchange", fn);
  return () => {
    listeners.delete(fn);
    removeEventListener("hashchange", fn);
  };
};

const readHash = () => location.hash;

/** Where the page is. Rendered again when that changes. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, readHash));
}

/** Goes to another view, which the back button leaves again. */
export function go(route: Route) {
  history.pushState(null, "", formatRoute(route));
  tell();
}

/** Says better where the page already is: what is typed into the search makes no history. */
export function replaceRoute(route: Route) {
  history.replaceState(null, "", formatRoute(route));
  tell();
}

const tell = () => {
  for (const listener of listeners) listener();
};

function parseSort(text: string): Sort {
  const name = text.replace(/^-/, "");
  const key = SORT_KEYS.find((one) => one === name);
  return key ? { key, descending: text.startsWith("-") } : MARKET.sort;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
