/** Fetches a JSON body. Rejects with an Error whose message tells why there is none. */
export type FetchJson = (url: string, method?: "GET" | "POST") => Promise<unknown>;

const TIMEOUT_MS = 5000;

/** A real request. The message of its errors never holds the URL, which may hold a key. */
export const fetchJson: FetchJson = async (url, method = "GET") => {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: "application/json" },
  }).catch((error: Error) => {
    throw new Error(error.cause instanceof Error ? error.cause.message : error.message);
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status}`);
  }
  return response.json();
};
