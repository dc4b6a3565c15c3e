/** What an answer means that is not the one that was due. */
import { z } from "zod";
import type { Answer } from "../seen.ts";
import type { Target } from "../target.ts";

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
export function readAnswer(answer: Answer, path: string, { stream, http }: Target): Finding {
  const { status, headers } = answer;
  const what = `${path} answers ${status}${by(answer)}`;
  const error = gatewayError(answer);
  const { location } = headers;
  if (status >= 300 && status < 400 && location) {
    const there = URL.canParse(location, http) ? new URL(location, http).href : location;
    const secure = stream.replace(/^ws:/, "wss:");
    return there.startsWith("https:") && secure !== stream
      ? {
          seen: `${what}: a redirect to ${there}`,
          mend: `Use ${secure} in the page, in place of ${stream}: a browser follows no redirect of a WebSocket.`,
        }
      : {
          seen: `${what}: a redirect to ${there}`,
          mend: "Use the address that it redirects to, or take the redirect out: a browser follows none of a WebSocket.",
        };
  }
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

const AWAY =
  "Start the gateway, and check the address under which the proxy looks for it: it does not reach it.";
const LOCKED =
  "Let this path through at the proxy, firewall or login page in front of the gateway: it turns requests away.";
const OTHERS = "Look at the log of what answers here: it is not the gateway.";

const mends: Record<number, string> = {
  200: "Route this path to the gateway: something else answers here.",
  400: "Have the proxy pass the headers Upgrade, Connection and Sec-WebSocket-* on as they are: it spoils them.",
  401: LOCKED,
  403: LOCKED,
  404: "Route this path to the gateway, as it is, without taking a part of it off: the proxy does not know it.",
  405: "Route this path to the gateway: something else answers here, that takes no GET.",
  429: "Raise the limit of the proxy for this path: it counts too many requests from one address.",
  502: AWAY,
  503: "Start the gateway, and wait until it is ready: the proxy or platform in front of it has none to send requests to.",
  504: "Restart the gateway: the proxy reaches it, but it does not answer in time.",
};
