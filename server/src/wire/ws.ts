import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import {
  closeCodes,
  MAX_CLIENT_MESSAGE_BYTES,
  PRICES_PATH,
} from "@cryptovault/price-stream/protocol";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, every } from "../clock.ts";
import { type ClientErrorCode, clientErrors } from "../errors.ts";
import type { Broadcast, Hub, Sink } from "../hub/hub.ts";
import { createSession, type SessionOptions } from "./session.ts";

/** A client that has not answered a protocol ping by the next one is gone, ms. */
const PING_MS = 30_000;
/** Time for a close frame to reach a client that reads slowly, ms. */
const CLOSE_GRACE_MS = 1000;

/** The header by which the gateway's own probe names itself, with the process's secret. */
export const PROBE_HEADER = "x-price-stream-probe";

export type WebSocketOptions = Omit<SessionOptions, "now"> & {
  hub: Hub;
  clock: Clock;
  log: Logger;
  probeSecret: string;
};

/** Takes the WebSocket upgrades of `server`: the only listener there may be. */
export function serveWebSocket(server: Server, options: WebSocketOptions) {
  const { hub, clock, log, plain, book, find } = options;
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    perMessageDeflate: false,
    // None of the subprotocols a client may ask for is known here: choose none.
    handleProtocols: () => false,
  });
  const answered = new WeakSet<WebSocket>();
  let total = 0;

  /** Closes with a reason, and cuts a client that does not take its leave. */
  const dismiss = (client: WebSocket, code: number, reason: string) => {
    client.removeAllListeners("message");
    client.close(code, reason);
    client.once(
      "close",
      clock.after(CLOSE_GRACE_MS, () => client.terminate()),
    );
  };

  const refuse = (client: WebSocket, code: number, error: ClientErrorCode) => {
    const { message, hint } = clientErrors[error];
    client.send(plain.error(error, message, hint));
    dismiss(client, code, message);
  };

  const sinkOf = (client: WebSocket, socket: Duplex): Sink => ({
    // Whole frames pass `ws` by: it has nothing half-sent, since it compresses nothing here.
    write(frame) {
      if (client.readyState === client.OPEN) socket.write(frame);
    },
    drained: () => socket.writableLength === 0,
    evict: () => dismiss(client, closeCodes.slow, "Too slow: nothing was read for 30 s."),
  });

  const stream = (client: WebSocket, socket: Duplex, broadcast: Broadcast, counted: boolean) => {
    const leave = hub.join(broadcast, sinkOf(client, socket), counted);
    if (counted) log.info({ total: ++total }, `WebSocket connected (total: ${total})`);
    client.on("close", (code) => {
      leave();
      if (counted) log.info({ total: --total, code }, `WebSocket disconnected (total: ${total})`);
    });
    const answer = createSession({ plain, book, find, now: clock.now });
    client.on("message", (data, isBinary) => {
      const { reply, flood } = answer(data.toString(), isBinary);
      client.send(reply);
      if (flood) dismiss(client, closeCodes.flood, clientErrors.too_many_messages.message);
    });
  };

  const greet = (client: WebSocket, socket: Duplex, request: IncomingMessage) => {
    const path = pathOf(request);
    const counted = request.headers[PROBE_HEADER] !== options.probeSecret;
    if (path === PRICES_PATH) {
      client.send(plain.connection());
      stream(client, socket, plain.all(), counted);
      return;
    }
    const name = path?.startsWith(`${PRICES_PATH}/`) ? path.slice(PRICES_PATH.length + 1) : "";
    if (!name) return refuse(client, closeCodes.noSuchPath, "no_such_path");
    const asset = find(name);
    if (!asset) return refuse(client, closeCodes.unknownAsset, "unknown_asset");
    client.send(plain.connection());
    const entry = book.get(asset.id);
    if (entry) client.send(plain.price(entry));
    stream(client, socket, plain.single(asset.id), counted);
  };

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    wss.handleUpgrade(request, socket, head, (client) => {
      answered.add(client);
      client.on("pong", () => answered.add(client));
      // The close that follows tells the story; without a listener an error would end the process.
      client.on("error", (error) => log.debug({ error: error.message }, "WebSocket error"));
      greet(client, socket, request);
    });
  });

  const stopPings = every(clock, PING_MS, () => {
    for (const client of wss.clients) {
      if (!answered.delete(client)) client.terminate();
      else client.ping();
    }
  });

  return {
    /** Says goodbye with 1012 ("service restart") and cuts who does not answer within a second. */
    async close() {
      stopPings();
      const leaving = [...wss.clients].map(closed);
      for (const client of wss.clients) dismiss(client, 1012, "The gateway is restarting.");
      await Promise.all(leaving);
    },
  };
}

const closed = (client: WebSocket): Promise<void> =>
  new Promise((resolve) => client.once("close", () => resolve()));

/** The decoded path, without query and trailing slash; undefined where it is malformed. */
function pathOf(request: IncomingMessage): string | undefined {
  try {
    const { pathname } = new URL(request.url ?? "/", "http://gateway");
    return decodeURIComponent(pathname).replace(/\/$/, "");
  } catch {
    return undefined;
  }
}
