import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import {
  closeCodes,
  MAX_CLIENT_MESSAGE_BYTES,
  PRICES_PATH,
} from "@cryptovault/price-stream/protocol";
import { V1 } from "@cryptovault/price-stream/protocol/v1";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, every } from "../clock.ts";
import { type ClientErrorCode, clientErrors } from "../errors.ts";
import { deflatedFrames, plainFrames, textFrame } from "../hub/frame.ts";
import type { Hub, Membership } from "../hub/hub.ts";
import type { Sink } from "../hub/member.ts";
import type { V1 as V1Messages } from "../hub/v1.ts";
import type { Asset } from "../types.ts";
import { declineNarrowWindows } from "./deflate.ts";
import { createSession, type SessionOptions } from "./session.ts";
import { beforeSubscribing, createV1Session } from "./v1.ts";

/** A client that has not answered a protocol ping by the next one is gone, ms. */
const PING_MS = 30_000;
/** Time for a close frame to reach a client that reads slowly, ms. */
const CLOSE_GRACE_MS = 1000;

/** The header by which the gateway's own probe names itself, with the process's secret. */
export const PROBE_HEADER = "x-price-stream-probe";

export type WebSocketOptions = Omit<SessionOptions, "now"> & {
  v1: V1Messages;
  /** Assets that one subscription may name. */
  mostAssets: number;
  hub: Hub;
  clock: Clock;
  log: Logger;
  probeSecret: string;
};

/** A client that has been taken in. */
type Connection = {
  client: WebSocket;
  sink: Sink;
  /** Writes one message. */
  say(text: string): void;
};

/** Takes the WebSocket upgrades of `server`: the only listener there may be. */
export function serveWebSocket(server: Server, options: WebSocketOptions) {
  const { hub, clock, log, plain, v1, book, find, mostAssets } = options;
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    // No context from frame to frame, on either side: no memory for it, and one frame fits all.
    perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true },
    handleProtocols: (asked) => (asked.has(V1) ? V1 : false),
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

  const connectionOf = (client: WebSocket, socket: Duplex): Connection => {
    // Frames are made here and pass `ws` by, which never has anything half-sent.
    const write = (frame: Buffer) => {
      if (client.readyState === client.OPEN) socket.write(frame);
    };
    return {
      client,
      sink: {
        write,
        drained: () => socket.writableLength === 0,
        evict: () => dismiss(client, closeCodes.slow, "Too slow: nothing was read for 30 s."),
      },
      say: (text) => write(textFrame(text)),
    };
  };

  const refuse = ({ client, say }: Connection, code: number, error: ClientErrorCode) => {
    const { message, hint } = clientErrors[error];
    const messages = client.protocol === V1 ? v1 : plain;
    say(messages.error(error, message, hint));
    dismiss(client, code, message);
  };

  /** Keeps count, and leaves the hub with the client. */
  const stay = ({ client }: Connection, membership: Membership, counted: boolean) => {
    if (counted) log.info({ total: ++total }, `WebSocket connected (total: ${total})`);
    client.on("close", (code) => {
      membership.leave();
      if (counted) log.info({ total: --total, code }, `WebSocket disconnected (total: ${total})`);
    });
  };

  const servePlain = (connection: Connection, asset: Asset | undefined, counted: boolean) => {
    const { client, say, sink } = connection;
    const encoding = encodingOf(client);
    say(plain.connection());
    const entry = asset && book.get(asset.id);
    if (entry) say(plain.price(entry));
    const broadcast = asset ? plain.single(asset.id, encoding) : plain.all(encoding);
    stay(connection, hub.join(broadcast, sink, { position: book.seq(), counted }), counted);
    const answer = createSession({ plain, book, find, now: clock.now });
    client.on("message", (data, isBinary) => {
      const { reply, flood } = answer(data.toString(), isBinary);
      say(reply);
      if (flood) dismiss(client, closeCodes.flood, clientErrors.too_many_messages.message);
    });
  };

  const serveV1 = (connection: Connection, asset: Asset | undefined, counted: boolean) => {
    const { client, say, sink } = connection;
    const encoding = encodingOf(client);
    const settings = { v1, book, find, mostAssets, encoding, echoes: true };
    say(v1.hello());
    const membership = hub.join(beforeSubscribing(settings), sink, { counted });
    stay(connection, membership, counted);
    const session = createV1Session(settings, membership);
    if (asset) session.change({ type: "subscribe", assets: [asset.id] });
    client.on("message", (data, isBinary) => {
      const { reply, refused } = session.receive(data.toString(), isBinary);
      if (reply !== undefined) say(reply);
      if (refused) dismiss(client, closeCodes.tooManyAssets, clientErrors[refused].message);
    });
  };

  const greet = (client: WebSocket, socket: Duplex, path: string | undefined, isProbe: boolean) => {
    answered.add(client);
    client.on("pong", () => answered.add(client));
    // The close that follows tells the story; without a listener an error would end the process.
    client.on("error", (error) => log.debug({ error: error.message }, "WebSocket error"));
    const connection = connectionOf(client, socket);
    const name = path?.startsWith(`${PRICES_PATH}/`) ? path.slice(PRICES_PATH.length + 1) : "";
    if (path !== PRICES_PATH && !name) {
      return refuse(connection, closeCodes.noSuchPath, "no_such_path");
    }
    const asset = name ? find(name) : undefined;
    if (name && !asset) return refuse(connection, closeCodes.unknownAsset, "unknown_asset");
    const serve = client.protocol === V1 ? serveV1 : servePlain;
    serve(connection, asset, !isProbe);
  };

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    declineNarrowWindows(request);
    const isProbe = request.headers[PROBE_HEADER] === options.probeSecret;
    // What stays with a client must not hold on to its request.
    wss.handleUpgrade(request, socket, head, (client) => {
      greet(client, socket, pathOf(request), isProbe);
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

const encodingOf = ({ extensions }: WebSocket) =>
  extensions.includes("permessage-deflate") ? deflatedFrames : plainFrames;

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
