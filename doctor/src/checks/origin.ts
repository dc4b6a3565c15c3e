import { isTerminalClose } from "@cryptovault/price-stream/protocol";
import { type HttpSeen, NO_SUBPROTOCOL } from "../seen.ts";
import { duration, list } from "../words.ts";
import { gatewayError } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { ending } from "./endings.ts";
import { readHandshake } from "./handshake.ts";

const ALLOWED = "access-control-allow-origin";

/** Whether a browser would hand the answer to the page. What is no answer to the question is no matter here. */
function mayRead(answer: HttpSeen, origin: string): boolean {
  if (!answer.ok) return true;
  const { status, headers } = answer;
  const isUnknown = status === 404 && /json/.test(headers["content-type"] ?? "");
  const isOurs = status === 200 || isUnknown;
  return !isOurs || headers[ALLOWED] === "*" || headers[ALLOWED] === origin;
}

/** Whether pages of the page's origin may connect. */
export const origin: Check = {
  name: "origin",
  needs: ["handshake"],
  diagnose({ page, origin, v1, cors = [], target }) {
    if (page === undefined) return skip("no page was named with --page");
    if (!origin) return NOT_LOOKED;
    const { complaint, end } = origin;
    const { handshake } = origin;
    // An old gateway lets the origin in, and does not know the subprotocol: that is another check.
    const isOld = handshake.kind === "failed" && handshake.code === NO_SUBPROTOCOL;
    const trouble = readHandshake(handshake, target);
    if (trouble && !isOld) {
      const isGateway = handshake.kind === "answered" && gatewayError(handshake) !== undefined;
      return fail(
        `pages of ${origin.origin} get no connection: ${trouble.seen}`,
        isGateway ? trouble.mend : MEND_PROXY,
      );
    }
    if (complaint?.code === "origin_not_allowed") {
      return fail(
        `pages of ${origin.origin} are turned away: ${complaint.code}`,
        `Add this origin to those that the gateway allows: --origins ${origin.origin}`,
      );
    }
    if (end && isTerminalClose(end.code)) {
      return fail(
        `pages of ${origin.origin} are turned away: ${ending(end)}`,
        complaint?.hint ?? "Add this origin to those that the gateway allows, with --origins.",
      );
    }
    if (!isOld && !v1?.hello) return skip("without an Origin there is no hello, either");
    if (!isOld && !origin.isGreeted) {
      const what = end ? ending(end) : `silence for ${duration(origin.watchedMs)}`;
      return fail(`pages of ${origin.origin} get a 101, then ${what}`, MEND_PROXY);
    }
    if (end && !v1?.end) {
      return fail(`pages of ${origin.origin} are greeted, then ${ending(end)}`, MEND_PROXY);
    }
    const refused = cors.filter(({ answer }) => !mayRead(answer, origin.origin));
    const [first] = refused;
    if (first?.answer.ok && new URL(target.http).origin !== origin.origin) {
      const allowed = first.answer.headers[ALLOWED];
      const paths = list(refused.map(({ path }) => path));
      return fail(
        `pages of ${origin.origin} get the stream, but may not read ${paths}: ${ALLOWED} is ${allowed ?? "missing"}`,
        "Have the proxy pass Access-Control-Allow-Origin on as the gateway sends it, once, and add none of its own.",
      );
    }
    return pass(`${origin.origin} is let in`);
  },
};

const MEND_PROXY =
  "Allow this origin at the proxy in front of the gateway: without an Origin the same request is answered.";
