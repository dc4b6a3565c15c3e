import type { Clock } from "../../clock.ts";
import { formatMs } from "../../format.ts";
import { describeFailure } from "./failure.ts";
import { readRetryAfter, waitOf } from "./refusal.ts";

/** What is asked of a REST API. */
export type RestRequest = {
  url: string;
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  /** Ends the request before its time. */
  signal?: AbortSignal;
};

/**
 * An answer to make use of. `unchanged`: what the request's `if-none-match` names still holds
 * (HTTP 304), and there is no body.
 */
export type RestAnswer = { body: unknown; unchanged: boolean; etag: string | undefined };

/** Asks a REST API. Rejects with a RestError that tells why there is no answer to make use of. */
export type Rest = (request: RestRequest) => Promise<RestAnswer>;

/** The message never holds the URL, which may hold a key. */
export class RestError extends Error {
  override readonly name = "RestError";
  /** HTTP status; 0 where there was no answer, or none that could be read. */
  readonly status: number;
  /** What its Retry-After asked for, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, status = 0, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

const TIMEOUT_MS = 5000;

/** A real request, over within 5 s. */
export const rest: Rest = async ({ url, method = "GET", headers, signal }) => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, {
    method,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    headers: { accept: "application/json", ...headers },
  }).catch((error: Error) => {
    throw new RestError(describeFailure(error.cause instanceof Error ? error.cause : error));
  });
  const etag = response.headers.get("etag") ?? undefined;
  if (response.ok) return { body: await jsonOf(response), unchanged: false, etag };
  await response.body?.cancel();
  const { status } = response;
  if (status === 304) return { body: undefined, unchanged: true, etag };
  const header = response.headers.get("retry-after") ?? undefined;
  throw new RestError(`HTTP ${status}`, status, readRetryAfter(header, Date.now()));
};

/** Asks one exchange nothing more until the time that a 429 or 418 of it named. */
export function courteous(rest: Rest, clock: Clock): Rest {
  let until = Number.NEGATIVE_INFINITY;
  let status = 0;
  return async (request) => {
    const leftMs = until - clock.now();
    if (leftMs > 0) {
      throw new RestError(`HTTP ${status}, ${formatMs(leftMs)} to wait`, status, leftMs);
    }
    return rest(request).catch((error: unknown) => {
      if (!(error instanceof RestError)) throw error;
      const backAt = clock.now() + waitOf(error.status, error.retryAfterMs);
      // Of several under way at the same time, the one that is to wait longest counts.
      if (backAt > until) {
        status = error.status;
        until = backAt;
      }
      throw error;
    });
  };
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new RestError(error instanceof SyntaxError ? "the answer is no JSON" : String(error));
  }
}
