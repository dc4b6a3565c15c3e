import { isLoopback, isSameSite, type Target } from "../target.ts";
import { type Check, fail, pass, skip, type Verdict } from "./check.ts";
import { forbids } from "./csp.ts";

/** Whether browsers let the page connect at all. */
export const page: Check = {
  name: "page",
  needs: [],
  diagnose({ page, document, target }) {
    if (page === undefined) return skip("no page was named with --page");
    const { secure, host, stream } = target;
    const isElsewhere = document?.ok === true && !isSameSite(page, document.url);
    const url = document?.ok && !isElsewhere ? document.url : page;
    if (!secure && url.startsWith("https:") && !isLoopback(host)) {
      return fail(
        `${url} is https, and ${stream} is not: browsers block it`,
        `Use ${stream.replace(/^ws:/, "wss:")} in the page, and have a proxy speak TLS there.`,
      );
    }
    if (!document) return pass(`${url} may use ${stream}`);
    if (!document.ok) return unread(url, `${document.code}: ${document.message}`);
    if (isElsewhere) return unread(url, `it redirects to ${new URL(document.url).origin}`);
    const isPage = /html/.test(document.headers["content-type"] ?? "");
    if (document.status !== 200 || !isPage) {
      return unread(url, isPage ? `it answers ${document.status}` : "it is no HTML");
    }
    return judge(document, target);
  },
};

/** Reads the policy that the page was built with, or that its host sends. */
function judge(document: Parameters<typeof forbids>[0] & { url: string }, target: Target): Verdict {
  const { url } = document;
  const { stream, http } = target;
  const addresses = [stream, `${http}/api/prices`, `${http}/sse/prices`];
  const page = new URL(url);
  for (const [place, address] of addresses.entries()) {
    const refusal = forbids(document, page, new URL(address));
    if (!refusal) continue;
    const { by, sources } = refusal;
    const seen = `the Content-Security-Policy of ${url} lets it connect to ${sources.join(" ") || "nothing"}, and not to ${address}`;
    // A page may do without all but the stream.
    if (place > 0) {
      return pass(
        seen,
        `Add ${http} to connect-src if the page is to ask there, too: the stream does not need it.`,
      );
    }
    return fail(
      seen,
      by === "meta"
        ? `Build the page for this gateway, with VITE_API_URL=${http}: it was built for another.`
        : `Add ${http} and ${http.replace(/^http/, "ws")} to connect-src in the header Content-Security-Policy that the page's host sends.`,
    );
  }
  return pass(`${url} may connect to ${stream}`);
}

const unread = (url: string, why: string): Verdict =>
  pass(
    `${url} could not be read from here (${why})`,
    "Open the page in a browser, and look in its console for what its Content-Security-Policy forbids: the doctor can't tell.",
  );
