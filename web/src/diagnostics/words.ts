import type { Diagnostics } from "@cryptovault/price-stream";

/** How the stream speaks, in words. */
export const CONTRACTS: Readonly<Record<Diagnostics["transport"], string>> = {
  v1: "WebSocket, cryptovault.v1.json: only what has changed",
  plain: "WebSocket, plain contract: every price, every second",
  sse: "Server-sent events, cryptovault.v1.json",
};

export const LABELS = {
  none: "None: the live market",
  demo: "Demo: made up by an emulator",
  replay: "Replay: recorded earlier",
};

const NONE = "–";

/** `0.8`, `12`: whole from 10 on. */
export const formatRate = (perS: number | undefined): string =>
  perS === undefined ? NONE : perS.toFixed(perS < 9.95 ? 1 : 0);

/** A number with its unit, apart so that the unit can be smaller. */
export const formatBytes = (bytes: number | undefined): [text: string, unit: string] => {
  if (bytes === undefined) return [NONE, "kB"];
  const [amount, unit] = bytes < 1e6 ? [bytes / 1000, "kB"] : [bytes / 1e6, "MB"];
  return [amount.toFixed(amount < 9.95 ? 1 : 0), unit];
};

/** Whole ms; loopback answers within less than one. */
export const formatMs = (ms: number | null): string => {
  if (ms === null) return NONE;
  return ms < 0.5 ? "< 1" : Math.round(ms).toLocaleString("en");
};

const time = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** Local time of day, `09:05:07.120`. */
export const formatTime = (at: number): string => time.format(at);
