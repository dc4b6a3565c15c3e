import {
  decodeServerMessage,
  encode,
  HEARTBEAT_MS,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import type { IdleSeen, OriginSeen, PlainSeen, SingleSeen, V1Seen } from "../seen.ts";
import { createPlainTally, isOnePrice, isUpdate } from "../tally/plain.ts";
import { createV1Tally } from "../tally/v1.ts";
import type { Timing } from "../timing.ts";
import { parsed, watchLine } from "./line.ts";
import type { Way } from "./request.ts";

const GET_STATUS = JSON.stringify({ type: "get_status" });

const always = () => true;

/** A browser can set no header: the token goes with the subprotocols. */
const withToken = (token: string | undefined) =>
  token === undefined ? [V1] : [V1, `bearer.${token}`];

/** Watches the plain contract, as pages in the field speak it. */
export async function watchPlain(url: string, way: Way, timing: Timing): Promise<PlainSeen> {
  const tally = createPlainTally();
  let messages = 0;
  const line = await watchLine(url, way, {
    read(text, ms) {
      const understood = tally.read(parsed(text), ms, way.wallNow());
      return { understood, say: ++messages === 1 ? [GET_STATUS] : [] };
    },
    until: [
      { ms: timing.helloMs, over: () => messages === 0 },
      { ms: timing.priceMs, over: () => tally.seen().prices.updates === 0 },
      { ms: timing.watchMs, over: always },
    ],
  });
  return { ...line, ...tally.seen() };
}

/** Watches the line of one asset, until its price has come. */
export async function watchSingle(
  url: string,
  way: Way,
  timing: Timing,
  asset: string,
): Promise<SingleSeen> {
  let prices = 0;
  const line = await watchLine(`${url}/${asset}`, way, {
    read(text) {
      const fields = parsed(text);
      if (isOnePrice(fields)) prices++;
      return { understood: fields !== undefined };
    },
    until: [
      { ms: timing.dueMs, over: () => prices > 0 },
      { ms: timing.watchMs, over: always },
    ],
  });
  return { ...line, asset, prices };
}

/** Watches `cryptovault.v1.json`, subscribed to everything, as the SDK is. */
export async function watchV1(
  url: string,
  way: Way,
  timing: Timing,
  opened: () => void,
): Promise<V1Seen> {
  const tally = createV1Tally();
  let unreadable = 0;
  const protocols = withToken(way.token);
  const line = await watchLine(
    url,
    { ...way, protocols },
    {
      opened,
      read(text, ms) {
        const message = decodeServerMessage(text);
        if (!message && isUpdate(parsed(text))) unreadable++;
        return message
          ? { understood: true, say: tally.read(message, ms, way.wallNow()).map(encode) }
          : { understood: false };
      },
      until: [
        { ms: timing.helloMs, over: () => tally.seen().hello === null },
        { ms: timing.priceMs, over: () => tally.seen().snapshot === null },
        { ms: timing.watchMs, over: always },
      ],
    },
  );
  return { ...line, ...tally.seen(), unreadable };
}

/** Watches a line on which nothing but heartbeats is due. */
export async function watchIdle(url: string, way: Way, timing: Timing): Promise<IdleSeen> {
  let heartbeatMs = HEARTBEAT_MS;
  let heartbeats = 0;
  const protocols = withToken(way.token);
  const line = await watchLine(
    url,
    { ...way, protocols },
    {
      read(text) {
        const message = decodeServerMessage(text);
        if (message?.type === "hello") heartbeatMs = message.heartbeatMs;
        if (message?.type === "heartbeat") heartbeats++;
        const asks = message && "echo" in message && message.echo;
        return {
          understood: message !== undefined,
          say: asks ? [encode({ type: "echo", seq: message.seq })] : [],
        };
      },
      until: [{ ms: timing.watchMs, over: always }],
    },
  );
  return { ...line, heartbeatMs, heartbeats };
}

/** Connects as a page would, and stays until it has been greeted or turned away. */
export async function watchOrigin(
  url: string,
  way: Way,
  timing: Timing,
  origin: string,
): Promise<OriginSeen> {
  let isGreeted = false;
  const line = await watchLine(
    url,
    { ...way, protocols: withToken(way.token), origin },
    {
      read(text) {
        const message = decodeServerMessage(text);
        isGreeted ||= message?.type === "hello";
        return { understood: message !== undefined };
      },
      until: [
        // Whoever is turned away is told so at once.
        { ms: timing.helloMs / 5, over: () => isGreeted },
        { ms: timing.helloMs, over: always },
      ],
    },
  );
  return { ...line, origin, isGreeted };
}
