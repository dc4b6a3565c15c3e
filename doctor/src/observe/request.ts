import { get as getPlain, type IncomingMessage } from "node:http";
import { get as getSecure } from "node:https";
import type { Clock } from "@cryptovault/price-stream";
import type { Answer, HttpSeen } from "../seen.ts";
import { attempt } from "./attempt.ts";

/** How to get there, and how long to wait. */
export type Way = {
  clock: Clock;
  answerMs: number;
  /** ms since 1970. */
  wallNow(): number;
  /** Shown to the gateway. */
  token: string | undefined;
  /** Authorities to trust in place of the usual ones. */
  ca: string | undefined;
};

/** Of a body this much is kept, in characters. */
export const LONGEST_BODY = 1e6;

/** The SDK shows a token like this where it can set headers. */
export const credentials = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** One GET, on a connection of its own. Redirects are answers, too. */
export const ask = (
  url: string,
  way: Way,
  headers: Record<string, string> = {},
): Promise<HttpSeen> =>
  attempt<Answer>(way.clock, way.answerMs, (done, failed) => {
    const read = (response: IncomingMessage) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (body.length < LONGEST_BODY) body += chunk;
      });
      response.on("error", failed);
      response.on("end", () => done({ ...headOf(response), body }));
    };
    const request = get(url, way, read, headers);
    request.on("error", failed);
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      done({ ...headOf(response), body: "" });
    });
    return () => request.destroy();
  });

/** The same, but for the body, which may have no end. */
export const askHead = (
  url: string,
  way: Way,
  headers: Record<string, string>,
): Promise<HttpSeen> =>
  attempt<Answer>(way.clock, way.answerMs, (done, failed) => {
    const read = (response: IncomingMessage) => {
      response.on("error", () => {});
      done({ ...headOf(response), body: "" });
    };
    const request = get(url, way, read, headers);
    request.on("error", failed);
    return () => request.destroy();
  });

export function get(
  url: string,
  { token, ca }: Way,
  answered: (response: IncomingMessage) => void,
  headers: Record<string, string> = {},
) {
  const all = { ...headers, ...credentials(token) };
  return url.startsWith("https:")
    ? getSecure(url, { agent: false, headers: all, ca }, answered)
    : getPlain(url, { agent: false, headers: all }, answered);
}

export const headOf = ({ statusCode, headers }: IncomingMessage): Omit<Answer, "body"> => ({
  status: statusCode ?? 0,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]),
  ),
});
