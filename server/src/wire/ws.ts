import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { closeCodes, PLAIN, PRICES_PATH } from "@cryptovault/price-stream/protocol";
import { V1 } from "@cryptovault/price-stream/protocol/v1";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { at, type Clock } from "../clock.ts";
import { type ClientErrorCode, clientErrors } from "../errors.ts";
import { deflatedFrames, plainFrames, textFrame } from "../hub/frame.ts";
import type { Hub, Membership } from "../hub/hub.ts";
import type { Sink } from "../hub/member.ts";
import type { V1 as V1Messages } from "../hub/v1.ts";
import type { Asset } from "../types.ts";
import { type Access, denials } from "./access.ts";
import type { Guest } from "./admission.ts";
import { declineOffers } from "./deflate.ts";
import type { Door } from "./door.ts";
import { type InboundSocket, inboundOptions, inboundSocket } from "./inbound.ts";
import type { Limits } from "./limits.ts";
import { startPings } from "./pings.ts";
import { createPlainSession, type PlainSessionOptions } from "./plain.ts";
import { refuseSocket } from "./refusal.ts";
import type { Tally } from "./tally.ts";
import { beforeSubscribing, createV1Session } from "./v1.ts";

export type WebSocketOptions = PlainSessionOptions & {
  v1: V1Messages;
  hub: Hub;
  clock: Clock;
  log: Logger;
  limits: Limits;
  refused: Tally;
  admit: Door;
  access: Access;
  /** Whether no more clients are taken. */
  isDraining(): boolean;
};

/** Why a client is cut that can't be sent anything. */
const TOO_SLOW = "Too slow: for 30 s nothing was read, or an echo that was asked for did not come.";

/** "Service restart": https://www.iana.org/assignments/websocket */
const RESTART = 1012;
const RESTARTING = "The gateway is restarting.";

/** Who a client is. */
type Visitor = {
  /** False for the gateway's own probe. */
  counted: boolean;
  /** The name of its API key. */
  key: string | undefined;
};

/** A client that has been taken in. */
type Connection = {
  client: InboundSocket;
  sink: Sink;
  /** Writes one message. */
  say(text: string): void;
};

/** Takes the WebSocket upgrades of `server`: the only listener there may be. */
export function serveWebSocket(server: Server, options: WebSocketOptions) {
  const { hub, clock, log, plain, v1, book, find, limits, refused, admit, access, isDraining } =
    options;
  const wss = new WebSocketServer({
    ...inboundOptions,
    noServer: true,
    WebSocket: inboundSocket({ messagesPerS: limits.messagesPerS, now: clock.now }),
    // No context from frame to frame, on either side: no memory for it, and one frame fits all.
    perMessageDeflate: {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      // Messages of clients are short.
      zlibInflateOptions: { chunkSize: 1024 },
    },
    handleProtocols: (asked) => [V1, PLAIN].find((name) => asked.has(name)) ?? false,
  });
  const pings = startPings(clock, () => refused.add("ping_unanswered"));
  const answer = createPlainSession({ plain, book, find });
  /** Whose token is being checked. */
  const waiting = new Set<Duplex>();
  let total = 0;

  // The close that follows tells the story; without a listener an error would end the process.
  const logError = (error: Error) => log.debug({ error: error.message }, "WebSocket error");

  /** Closes with a reason; `ws` cuts a client that does not take its leave. */
  const dismiss = (client: WebSocket, code: number, reason: string) => {
    client.removeAllListeners("message");
    client.close(code, reason);
  };

  const connectionOf = (client: InboundSocket, socket: Duplex): Connection => {
    // Frames are made here and pass `ws` by, which never has anything half-sent.
    const write = (frame: Buffer) => {
      if (client.readyState === client.OPEN) socket.write(frame);
    };
    return {
      client,
      sink: {
        write,
        drained: () => socket.writableLength === 0,
        evict: () => dismiss(client, closeCodes.slow, TOO_SLOW),
        bye: (afterMs) =>
          dismiss(client, RESTART, `${RESTARTING} Come back in ${(afterMs / 1000).toFixed(1)} s.`),
      },
      say: (text) => write(textFrame(text)),
    };
  };

  const refuse = ({ client, say }: Connection, code: number, error: ClientErrorCode) => {
    const { message, hint } = clientErrors[error];
    const messages = client.protocol === V1 ? v1 : plain;
    refused.add(error);
    say(messages.error(error, message, hint));
    dismiss(client, code, message);
  };

  /** Keeps count, and leaves the hub with the client. */
  const stay = ({ client }: Connection, membership: Membership, { counted, key }: Visitor) => {
    if (counted) log.info({ total: ++total, key }, `WebSocket connected (total: ${total})`);
    client.on("close", (code) => {
      membership.leave();
      if (counted)
        log.info({ total: --total, key, code }, `WebSocket disconnected (total: ${total})`);
    });
  };

  const servePlain = (connection: Connection, asset: Asset | undefined, visitor: Visitor) => {
    const { client, say, sink } = connection;
    const encoding = encodingOf(client);
    say(plain.connection());
    const entry = asset && book.get(asset.id);
    if (entry) say(plain.price(entry));
    const broadcast = asset ? plain.single(asset.id, encoding) : plain.all(encoding);
    const { counted } = visitor;
    stay(connection, hub.join(broadcast, sink, { position: book.seq(), counted }), visitor);
    client.on("message", (data, isBinary) => say(answer(data.toString(), isBinary)));
  };

  const serveV1 = (connection: Connection, name: string | undefined, visitor: Visitor) => {
    const { client, say, sink } = connection;
    const encoding = encodingOf(client);
    const mostAssets = limits.assetsPerSubscription;
    const settings = { v1, book, find, mostAssets, encoding, echoes: true };
    say(v1.hello(true));
    const membership = hub.join(beforeSubscribing(settings), sink, visitor);
    stay(connection, membership, visitor);
    const session = createV1Session(settings, membership);
    if (name) session.change({ type: "subscribe", assets: [name] });
    client.on("message", (data, isBinary) => {
      const { reply, refused: error, wasAsked } = session.receive(data.toString(), isBinary);
      if (wasAsked) client.forgive();
      if (reply !== undefined) say(reply);
      if (!error) return;
      refused.add(error);
      dismiss(client, closeCodes.tooManyAssets, clientErrors[error].message);
    });
  };

  /** Takes a client in, and sees to it that it keeps the rules. */
  const connectionWith = (client: InboundSocket, socket: Duplex): Connection => {
    const connection = connectionOf(client, socket);
    pings.add(client);
    client.watch(socket);
    client.on("offence", (code: number, error: ClientErrorCode) => refuse(connection, code, error));
    client.on("error", logError);
    return connection;
  };

  const greet = (
    connection: Connection,
    path: string | undefined,
    { counted, welcome }: Guest,
    permit: Awaited<ReturnType<Access>>,
  ) => {
    if (!welcome) return refuse(connection, closeCodes.originNotAllowed, "origin_not_allowed");
    if ("denied" in permit) {
      return refuse(connection, denials[permit.denied].closeCode, permit.denied);
    }
    const name = path?.startsWith(`${PRICES_PATH}/`) ? path.slice(PRICES_PATH.length + 1) : "";
    if (path !== PRICES_PATH && !name) {
      return refuse(connection, closeCodes.noSuchPath, "no_such_path");
    }
    const asset = name ? find(name) : undefined;
    if (name && !asset) return refuse(connection, closeCodes.unknownAsset, "unknown_asset");
    const { name: key, expiresAt } = permit;
    const visitor = { counted, key };
    if (connection.client.protocol === V1) serveV1(connection, name, visitor);
    else servePlain(connection, asset, visitor);
    if (expiresAt === undefined) return;
    const end = () => refuse(connection, closeCodes.tokenExpired, "token_expired");
    connection.client.once("close", at(clock, expiresAt, end));
  };

  const refuseHandshake = (socket: Duplex) => {
    refused.add("bad_handshake");
    refuseSocket(socket, "bad_handshake");
  };

  const takeIn = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.httpVersion !== "1.1") return refuseHandshake(socket);
    const guest = admit(request, socket);
    if (!guest) return;
    socket.on("error", () => socket.destroy());
    waiting.add(socket);
    const permit = guest.counted ? await access(request.headers) : {};
    waiting.delete(socket);
    // What has changed meanwhile.
    if (isDraining()) {
      refused.add("draining");
      return refuseSocket(socket, "draining");
    }
    declineOffers(request);
    // What stays with a client must not hold on to its request.
    wss.handleUpgrade(request, socket, head, (client) => {
      greet(connectionWith(client, socket), pathOf(request), guest, permit);
    });
  };
  server.on("upgrade", takeIn);
  wss.on("wsClientError", (_error, socket) => refuseHandshake(socket));

  return {
    /**
     * Takes no more clients, says goodbye with 1012 ("service restart"), and cuts who does not answer
     * within a second.
     */
    async close() {
      server.off("upgrade", takeIn);
      pings.stop();
      for (const socket of waiting) socket.destroy();
      const leaving = [...wss.clients].map(closed);
      for (const client of wss.clients) dismiss(client, RESTART, RESTARTING);
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
