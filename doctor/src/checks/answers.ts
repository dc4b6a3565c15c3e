/** What an answer means that is not the one that was due. */
import { z } from "zod";
import type { Answer } from "../seen.ts";
import { streamAt, type Target } from "../target.ts";

export type Finding = { seen: string; mend: string };

const GatewayError = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

/** The gateway's own words, if it is the gateway that refuses. */
export function gatewayError({ body }: Answer) {
  const read = GatewayError.safeParse(json(body));
  return read.success ? read.data.error : undefined;
}

export function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Who has answered, where it says so: `, by nginx/1.22.1`. */
export const by = ({ headers: { server, via } }: Answer): string => {
  const who = server ?? via;
  return who === undefined ? "" : `, by ${who}`;
};

const isPage = ({ headers, body }: Answer): boolean =>
  /html/.test(headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(body);

/**
 * Reads an answer that is none of the gateway's stream.
 * @param path what was asked for
 */
export function readAnswer(answer: Answer, path: string, target: Target): Finding {
  const { http } = target;
  const { status, headers, body } = answer;
  const what = `${path} answers ${status}${by(answer)}`;
  const error = gatewayError(answer);
  const { location } = headers;
  if (status >= 300 && status < 400 && location) {
    const there = URL.canParse(location, http) ? new URL(location, http).href : location;
    return {
      seen: `${what}: a redirect to ${there}`,
      mend: mendRedirect(there, path, target),
    };
  }
  if (status === 400 && /SSL certificate/i.test(body))
    return { seen: what, mend: MEND_CERTIFICATE };
  if (status === 426) {
    return {
      seen: `${what}: the request to upgrade did not get there${error ? ", says the gateway" : ""}`,
      mend: "Have the proxy pass the upgrade on; in nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection upgrade.",
    };
  }
  if (error) {
    const { "retry-after": wait } = headers;
    const until = wait === undefined ? "" : ` Retry-After: ${wait} s.`;
    return { seen: `${what}, ${error.code}: ${error.message}${until}`, mend: error.hint };
  }
  if (isPage(answer) && status < 400) {
    return {
      seen: `${what}: a page, not the gateway`,
      mend: `Route ${path} to the gateway: a page or a catch-all route takes it now.`,
    };
  }
  return { seen: what, mend: mends[status] ?? OTHERS };
}

/** What a login page in front of all else is usually called. */
const LOGIN = /log-?in|sign-?in|auth|sso|access/i;

function mendRedirect(there: string, path: string, { http, stream }: Target): string {
  if (!URL.canParse(there)) return ASTRAY;
  const { origin, pathname } = new URL(there);
  const prefix = pathname.replace(/\/$/, "").endsWith(path)
    ? pathname.slice(0, pathname.lastIndexOf(path))
    : undefined;
  if (prefix === undefined) return LOGIN.test(there) ? LOCKED : ASTRAY;
  const moved = `${origin}${prefix}`;
  return moved === http
    ? "Take the redirect out: it leads to the same place, and a browser follows none of a WebSocket."
    : `Use ${streamAt(moved)} in the page, in place of ${stream}: a browser follows no redirect of a WebSocket.`;
}

const ASTRAY =
  "Take the redirect of this path out, or use the address that it leads to: a browser follows none of a WebSocket.";

/** Browsers of visitors have none. */
export const MEND_CERTIFICATE =
  "Switch off for this address that clients have to show a certificate: the browsers of visitors have none.";

const AWAY =
  "Start the gateway, and check the address under which the proxy looks for it: it does not reach it.";
const LOCKED =
  "Let this path through at the proxy, firewall or login page in front of the gateway: it turns requests away.";
const LATE = "Restart the gateway: the proxy reaches it, but it does not answer in time.";
const OTHERS = "Look at the log of what answers here: it is not the gateway.";

const UNREACHED =
  "Start the gateway, and let Cloudflare's addresses through to it: Cloudflare does not reach it.";
const DISTRUSTED =
  "Mend TLS between Cloudflare and the gateway: a certificate that is valid for the name, or the mode that fits (SSL/TLS, Full).";

const mends: Record<number, string> = {
  101: "Look at what answers here: it takes every request for one to upgrade.",
  200: "Route this path to the gateway: something else answers here.",
  400: "Have the proxy pass the headers Upgrade, Connection and Sec-WebSocket-* on as they are: it spoils them.",
  401: LOCKED,
  403: LOCKED,
  404: "Route this path to the gateway, as it is, without taking a part of it off: the proxy does not know it.",
  405: "Route this path to the gateway: something else answers here, that takes no GET.",
  429: "Raise the limit of the proxy for this path: it counts too many requests from one address.",
  502: AWAY,
  503: "Start the gateway, and wait until it is ready: the proxy or platform in front of it has none to send requests to.",
  504: LATE,
  // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
  520: "Look at the logs of the gateway and of the proxy before it: they answer Cloudflare with something that is no HTTP.",
  521: UNREACHED,
  522: UNREACHED,
  523: UNREACHED,
  524: LATE,
  525: DISTRUSTED,
  526: DISTRUSTED,
  530: "Check the DNS record or the tunnel by which Cloudflare finds the gateway: it finds none.",
};
