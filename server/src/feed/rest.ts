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

/** Fetches a JSON body. Rejects with an Error whose message tells why there is none. */
export type FetchJson = (url: string, method?: "GET" | "POST") => Promise<unknown>;

/** The message never holds the URL, which may hold a key. */
export class RestError extends Error {
  override readonly name = "RestError";
  /** How long the other side wants to be left alone, ms; 0 where it did not say. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
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
    throw new RestError(error.cause instanceof Error ? error.cause.message : error.message);
  });
  const etag = response.headers.get("etag") ?? undefined;
  if (response.ok) return { body: await jsonOf(response), unchanged: false, etag };
  await response.body?.cancel();
  if (response.status === 304) return { body: undefined, unchanged: true, etag };
  throw new RestError(`HTTP ${response.status}`, retryAfterMs(response.headers));
};

export const fetchJson: FetchJson = async (url, method = "GET") =>
  (await rest({ url, method })).body;

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new RestError(error instanceof SyntaxError ? "the answer is no JSON" : String(error));
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Math.max(0, ms) || 0;
}
