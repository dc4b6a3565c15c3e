import type { StreamStatus } from "@cryptovault/price-stream";
import { formatAmount } from "@cryptovault/price-stream/format";
import { usePrice, useStreamStatus } from "@cryptovault/price-stream/react";
import { useEffect } from "react";

/**
 * Shows in the browser's tab how the connection is doing, and the price of an opened asset.
 * @param asset the opened one
 */
export function useSigns(asset: { id: string; symbol: string; name: string } | undefined) {
  const { state } = useStreamStatus();
  const price = usePrice(asset?.id ?? "");
  const amount = asset && price ? `${formatAmount(price)} ` : "";
  const what = asset
    ? `${amount}${asset.symbol || asset.name} · CryptoVault`
    : "CryptoVault prices";
  const isOld = asset && price?.stale && state === "live";
  const title = state === "live" ? `${isOld ? "(old) " : ""}${what}` : `(${state}) ${what}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    document.querySelector("link[rel=icon]")?.setAttribute("href", favicon(state));
  }, [state]);
}

/** Told apart by shape as well as by colour: a full disc, a ring, three dots, a cross. */
const MARKS: Readonly<Record<StreamStatus["state"], string>> = {
  live: '<circle cx="24" cy="24" r="6" fill="#2fbf71"/>',
  stale: '<circle cx="24" cy="24" r="4.5" fill="none" stroke="#e5a53b" stroke-width="3.5"/>',
  connecting: dots(),
  reconnecting: dots(),
  failed: cross("#e5484d"),
  closed: cross("#8b929d"),
};

function favicon(state: StreamStatus["state"]): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3e63dd"/><path d="M5 19l6-7 5 5 9-10" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><circle cx="24" cy="24" r="8" fill="#fff"/>${MARKS[state]}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function dots(): string {
  return [19.5, 24, 28.5].map((x) => `<circle cx="${x}" cy="24" r="1.8" fill="#8b929d"/>`).join("");
}

function cross(colour: string): string {
  return `<path d="M20.5 20.5l7 7m0-7l-7 7" stroke="${colour}" stroke-width="3.2" stroke-linecap="round"/>`;
}
