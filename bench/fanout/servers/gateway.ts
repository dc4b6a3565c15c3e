import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { MAX_CLIENT_MESSAGE_BYTES } from "../../../client/src/protocol.ts";
import { createBook } from "../../../server/src/book/book.ts";
import { every, systemClock } from "../../../server/src/clock.ts";
import { createHub } from "../../../server/src/hub/hub.ts";
import { createPlain } from "../../../server/src/hub/plain.ts";
import { createV1 } from "../../../server/src/hub/v1.ts";
import { createLog } from "../../../server/src/log.ts";
import { everybody } from "../../../server/src/wire/access.ts";
import { createDoor } from "../../../server/src/wire/door.ts";
import { defaultLimits, type Limits } from "../../../server/src/wire/limits.ts";
import { createTally } from "../../../server/src/wire/tally.ts";
import { serveWebSocket } from "../../../server/src/wire/ws.ts";
import type { Scene, Server } from "../scene.ts";
import { startFeed } from "./feed.ts";
import { listen } from "./listen.ts";

const STALE_AFTER_MS = 60_000;
const SWEEP_MS = 1000;

/** Here all clients come from one address, and as fast as they can. */
const limits: Limits = {
  ...defaultLimits,
  clients: Number.POSITIVE_INFINITY,
  clientsPerIp: Number.POSITIVE_INFINITY,
  handshakesPerS: Number.POSITIVE_INFINITY,
  handshakesPerIpPerS: Number.POSITIVE_INFINITY,
};

/** Book, hub and wire of this gateway, wired as its `gateway.ts` wires them. */
export async function open({ market }: Scene): Promise<Server> {
  const clock = systemClock;
  const { now } = clock;
  const mode = "live";
  const log = createLog("silent", false);
  const book = createBook({ epoch: "bench", staleAfterMs: STALE_AFTER_MS });
  const hub = createHub({ clock, log });
  const { isRunning } = hub;
  const refused = createTally();
  const server = createServer();
  serveWebSocket(server, {
    hub,
    plain: createPlain({ book, now, staleAfterMs: STALE_AFTER_MS, mode, isRunning }),
    v1: createV1({
      book,
      now,
      wallNow: now,
      mode,
      limits: {
        messageBytes: MAX_CLIENT_MESSAGE_BYTES,
        messagesPerSecond: limits.messagesPerS,
        assets: limits.assetsPerSubscription,
      },
    }),
    book,
    find: () => undefined,
    clock,
    log,
    limits,
    refused,
    // Nobody probes here.
    admit: createDoor({
      limits,
      probeSecret: randomUUID(),
      clock,
      log,
      refused,
      isDraining: () => false,
    }),
    access: everybody,
    isDraining: () => false,
  });
  startFeed(market, clock, (quote) => {
    if (book.put(quote, now())) hub.tick();
  });
  every(clock, SWEEP_MS, () => {
    book.sweep(now());
    hub.tick();
  });
  return { port: await listen(server), sent: () => hub.stats().frames };
}
