import { formatMs } from "../../format.ts";
import type { SourceFacts } from "../../sources/source.ts";

/** Why a connection is over. */
export type Ending = {
  reason: string;
  /** Asking again will not help. */
  fatal: boolean;
  /** Nothing is to be asked of the exchange for so long, ms. */
  waitMs: number;
};

/**
 * The wait after a 418 without Retry-After: Binance's shortest ban.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
const BAN_MS = 2 * 60_000;
/** The wait after a 429 without Retry-After. Documented limits count by the second or the minute. */
const TOO_MANY_MS = 60_000;
/** The longest wait that is taken at its word, the longest of those bans: 3 days. In ms. */
const LONGEST_WAIT_MS = 3 * 86_400_000;

/**
 * The wait that a Retry-After header asks for, ms: seconds, or an HTTP date.
 * @param now ms since 1970
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return ms >= 0 ? Math.min(ms, LONGEST_WAIT_MS) : undefined;
}

/** How long to wait after an answer with `status`, ms. */
export function waitOf(status: number, retryAfterMs: number | undefined): number {
  const unasked = status === 418 ? BAN_MS : status === 429 ? TOO_MANY_MS : 0;
  return Math.min(retryAfterMs ?? unasked, LONGEST_WAIT_MS);
}

/** What an HTTP status in place of a WebSocket means, and what to do about it. */
export function refusalOf(
  status: number,
  retryAfterMs: number | undefined,
  { keyVariable, regionHint }: Pick<SourceFacts, "keyVariable" | "regionHint">,
): Ending {
  const waitMs = waitOf(status, retryAfterMs);
  const wait = `asked to wait ${formatMs(waitMs)}`;
  const elsewhere = regionHint ?? "run the gateway in another one";
  const fatal: Record<number, string> = {
    401: "401 unauthorized: check the API key",
    402: "402 payment required: the plan or its credits do not cover this feed",
    403: keyVariable
      ? "403 forbidden: check the API key and its plan"
      : `403 forbidden: perhaps not for this address or region: ${elsewhere}`,
    451: `451 not available from this region: ${elsewhere}`,
  };
  const passing: Record<number, string> = {
    418: `banned for too many requests (HTTP 418): ${wait}`,
    429: `too many requests (HTTP 429): ${wait}`,
  };
  const reason = fatal[status] ?? passing[status] ?? `refused with HTTP ${status}`;
  return { reason, fatal: status in fatal, waitMs };
}
