import { isIP } from "node:net";
import type { CorsSeen, DocumentSeen } from "../seen.ts";
import { isSameSite } from "../target.ts";
import { findName, type Lookup } from "./name.ts";
import { ask, askHead, type Way } from "./request.ts";

/** Who redirects more often leads in circles. */
const MOST_REDIRECTS = 5;

/** Fetches a page as a browser does, along redirects. */
export async function fetchPage(
  page: string,
  way: Way & { lookup: Lookup },
  redirects = 0,
): Promise<DocumentSeen> {
  const host = new URL(page).hostname.replace(/^\[|\]$/g, "");
  const found = isIP(host) ? undefined : await findName(host, way);
  if (found?.ok === false) return found;
  const answer = await ask(page, way, { accept: "text/html" });
  if (!answer.ok) return answer;
  const { location } = answer.headers;
  const isRedirect = answer.status >= 300 && answer.status < 400 && redirects < MOST_REDIRECTS;
  if (isRedirect && location !== undefined && URL.canParse(location, page)) {
    const { href, protocol } = new URL(location, page);
    if (/^https?:$/.test(protocol)) return fetchPage(href, way, redirects + 1);
  }
  return { ...answer, url: page };
}

/** The `Origin` that browsers show for it: a page of another site is not the one that was meant. */
export const originOf = (page: string, document: DocumentSeen | undefined): string =>
  new URL(document?.ok && isSameSite(page, document.url) ? document.url : page).origin;

/** Asks as a page of that origin does what is no WebSocket. */
export const askAcross = (http: string, way: Way, origin: string): Promise<CorsSeen[]> =>
  Promise.all(
    ["/sse/prices?assets=bitcoin", "/api/prices/bitcoin"].map(async (path) => ({
      path: path.replace(/\?.*/, ""),
      answer: await askHead(`${http}${path}`, way, { origin }),
    })),
  );
