import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { MAX_CLIENT_MESSAGE_BYTES } from "@cryptovault/price-stream/protocol";
import pino from "pino";
import { createBook } from "../../src/book/book.ts";
import type { Clock } from "../../src/clock.ts";
import { createHub } from "../../src/hub/hub.ts";
import { createPlain } from "../../src/hub/plain.ts";
import { createV1 } from "../../src/hub/v1.ts";
import { everybody } from "../../src/wire/access.ts";
import { createDoor } from "../../src/wire/door.ts";
import { defaultLimits, type Limits } from "../../src/wire/limits.ts";
import { createTally } from "../../src/wire/tally.ts";
import { serveWebSocket } from "../../src/wire/ws.ts";
import { idOf, type QuotePlan } from "./script.ts";
import { createTruth, type Truth } from "./truth.ts";

const STALE_AFTER_MS = 60_000;
/** Everybody comes from one address, and asks as quickly as the script says. */
const AMPLE = 10_000;
/** Assets that one subscription may name. */
export const MOST_ASSETS = 100;

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** A stage of which all is known. */
export type WatchedStage = Stage & { truth: Truth };

/**
 * Book, hub and WebSocket edge of a gateway on a port of loopback, without a feed.
 * @param pace the clock of clients
 */
export async function startStage(epoch: string, market: Pick<Clock, "now">, pace: Clock) {
  const log = pino({ level: "silent" });
  const book = createBook({ epoch, staleAfterMs: STALE_AFTER_MS });
  const hub = createHub({ clock: pace, log });
  const { now } = market;
  const mode = "demo";
  const limits: Limits = {
    ...defaultLimits,
    clientsPerIp: AMPLE,
    handshakesPerS: AMPLE,
    handshakesPerIpPerS: AMPLE,
    messagesPerS: AMPLE,
    assetsPerSubscription: MOST_ASSETS,
  };
  const refused = createTally();
  const v1 = createV1({
    book,
    now,
    wallNow: pace.now,
    mode,
    limits: {
      messageBytes: MAX_CLIENT_MESSAGE_BYTES,
      messagesPerSecond: limits.messagesPerS,
      assets: limits.assetsPerSubscription,
    },
  });
  const http = createServer((_request, response) => response.writeHead(426).end());
  const connections = new Map<number, Socket>();
  http.on("connection", (socket) => {
    const { remotePort = 0 } = socket;
    connections.set(remotePort, socket);
    socket.on("close", () => connections.delete(remotePort));
  });
  const sockets = serveWebSocket(http, {
    hub,
    plain: createPlain({
      book,
      now,
      staleAfterMs: STALE_AFTER_MS,
      mode,
      isRunning: hub.isRunning,
    }),
    v1,
    limits,
    refused,
    admit: createDoor({
      limits,
      probeSecret: "secret",
      clock: pace,
      log,
      refused,
      isDraining: () => false,
    }),
    access: everybody,
    isDraining: () => false,
    book,
    find(name) {
      const id = idOf(name);
      return id === undefined ? undefined : { id, symbol: id, name: id, rank: 1 };
    },
    clock: pace,
    log,
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const address = http.address();

  return {
    book,
    port: typeof address === "object" && address ? address.port : 0,

    put({ receivedAgo, exchangeAgo, ...quote }: QuotePlan) {
      const at = now();
      const exchangeTime = exchangeAgo === undefined ? undefined : at - exchangeAgo;
      if (book.put({ ...quote, receivedAt: at - receivedAgo, exchangeTime }, at)) hub.tick();
    },

    sweep() {
      book.sweep(now());
      hub.tick();
    },

    /** The server's end of the connection that a client has from this port. */
    connection: (port: number): Socket | undefined => connections.get(port),

    stats: hub.stats,

    /** Ends as a gateway does. Clients have a second to take their leave, by the pace clock. */
    async close() {
      hub.close();
      await sockets.close();
      http.close();
      http.closeAllConnections();
      await once(http, "close");
    },
  };
}

/** A stage whose book is known as it was at each of its numbers. */
export async function startWatched(
  ...options: Parameters<typeof startStage>
): Promise<WatchedStage> {
  const stage = await startStage(...options);
  const truth = createTruth(stage.book);
  return {
    ...stage,
    truth,
    put(quote) {
      stage.put(quote);
      truth.note();
    },
    sweep() {
      stage.sweep();
      truth.note();
    },
  };
}
