import type { AssetPriceResponse, PricesResponse } from "@cryptovault/price-stream/protocol";

/** Where the gateway is: the page's own origin unless the build names another. */
const BASE = (import.meta.env.VITE_API_URL ?? "").replace(/\/$/, "");

export const STREAM_URL = `${BASE}/ws/prices`;

export const fetchPrices = (): Promise<PricesResponse> => fetchJson("/api/prices");

/**
 * Never out of the browser's cache: where only single exchanges' views have changed the gateway answers
 * 304, and the cached body would make old ones look as young as they were then.
 */
export const fetchPrice = (asset: string): Promise<AssetPriceResponse> =>
  fetchJson(`/api/prices/${encodeURIComponent(asset)}`, { cache: "no-store" });

/** One exchange in the demo, and what can be broken there. */
export type Exchange = { fault: string | null; faults: string[] };
export type Control = {
  exchanges: Record<string, Exchange>;
  faults: { name: string; meaning: string }[];
};

/** The demo's control. Only there where the prices are made up. */
export const fetchControl = (): Promise<Control> => fetchJson("/demo/control");

export const breakExchange = (exchange: string, fault: string): Promise<Control> =>
  fetchJson(`/demo/control/${exchange}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ fault }),
  });

export const mendExchange = (exchange: string): Promise<Control> =>
  fetchJson(`/demo/control/${exchange}`, { method: "DELETE" });

/** What the page shows of `GET /health`. */
export type Health = {
  sources: {
    name: string;
    state: string;
    stateReason: string;
    standing: string;
    standingReason: string;
  }[];
};

/** An unhealthy gateway answers 503, and tells the same. */
export const fetchHealth = async (): Promise<Health> => (await fetch(`${BASE}/health`)).json();

async function fetchJson<Body>(path: string, init?: RequestInit): Promise<Body> {
  const response = await fetch(`${BASE}${path}`, init);
  if (!response.ok) throw new Refusal(await whyOf(response));
  return response.json();
}

/** The gateway, or a proxy before it, has answered: not with what was asked for, but why not. */
export class Refusal extends Error {}

/** The status, and what the gateway says about it. A proxy answers in a form of its own. */
async function whyOf(response: Response): Promise<string> {
  const { status, statusText } = response;
  const body: { error?: { message?: unknown } } | null = await response.json().catch(() => null);
  const message = body?.error?.message;
  return `${status}, ${typeof message === "string" ? message : statusText || "and no reason"}`;
}
