import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { z } from "zod";
import type { Random } from "../../src/emulator/random.ts";
import { requestAll } from "../clients/slow/request.ts";
import { openReader } from "./reader.ts";

/** Who comes, asks and goes at the same time, who stays, and who never reads. */
const CROWD = { visitors: 40, residents: 10, watchers: 10, stuck: 10 };
/** How long a visitor stays, and how long its place is empty then, at most, ms. */
const STAY_MS = 4000;
const PAUSE_MS = 1000;
/** Nobody who asks may wait for longer, ms. */
const PATIENCE_MS = 10_000;

export type Crowd = {
  counts: { visits: number; stuck: number };
  /** Ages of the prices that came since the last call, ms. */
  takeAges(): number[];
  close(): Promise<void>;
};

/**
 * Clients of every kind, which come and go, and clients that never read.
 * @param complain told of each that did not get what it came for
 */
export function openCrowd(
  port: number,
  rng: Random,
  assets: readonly string[],
  complain: (what: string) => void,
): Crowd {
  const end = new AbortController();
  const { signal } = end;
  const host = `127.0.0.1:${port}`;
  const counts = { visits: 0, stuck: 0 };
  let ages: number[] = [];
  const pick = () => assets[Math.floor(rng.next() * assets.length)] ?? "";
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  /** Some say goodbye, some are gone. */
  const leave = async (socket: WebSocket) => {
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = once(socket, "close");
    if (rng.next() < 0.5) socket.terminate();
    else socket.close();
    await closed;
  };

  /** Each is given how long to stay, and resolves when it is gone. Rejects where it could not connect. */
  const kinds: ((stayMs: number) => Promise<void>)[] = [
    async (stayMs) => {
      const some = rng.next() < 0.5 ? [pick(), pick(), pick()] : "*";
      const interval = rng.next() < 0.5 ? 0 : 1000;
      const first = openReader(host, some, interval);
      await once(first.socket, "open");
      await pause(stayMs / 2);
      if (stayMs > STAY_MS / 2) {
        const inTime = await Promise.race([
          first.priced.then(() => true),
          pause(PATIENCE_MS).then(() => signal.aborted),
        ]);
        if (!inTime) complain(`a visitor of v1 got no price in ${PATIENCE_MS} ms`);
      }
      await leave(first.socket);
      const again = openReader(host, some, interval, first.position());
      await once(again.socket, "open");
      await pause(stayMs / 2);
      await leave(again.socket);
    },
    async (stayMs) => {
      const path = rng.next() < 0.5 ? "/ws/prices" : `/ws/prices/${pick()}`;
      const socket = new WebSocket(`ws://${host}${path}`, { handshakeTimeout: PATIENCE_MS });
      socket.on("error", () => {});
      await once(socket, "open");
      socket.send('{"type":"get_status"}');
      await pause(stayMs);
      await leave(socket);
    },
    async (stayMs) => {
      const request = get(`http://${host}/sse/prices?assets=${pick()}&interval=500`);
      const [response] = await once(request, "response");
      response.resume();
      await pause(stayMs);
      response.destroy();
    },
    async (stayMs) => {
      for (const path of ["/api/prices", `/api/prices/${pick()}`, "/health", "/readyz"]) {
        await (await fetch(`http://${host}${path}`)).arrayBuffer();
        await pause(stayMs / 4);
      }
    },
  ];

  const visit = async () => {
    for (; !signal.aborted; await pause(rng.next() * PAUSE_MS)) {
      const kind = kinds[Math.floor(rng.next() * kinds.length)];
      counts.visits++;
      await kind?.(rng.next() * STAY_MS).catch((error: unknown) => {
        if (!signal.aborted) complain(`a visitor: ${error}`);
      });
    }
  };

  /** Asks for everything at 10 Hz and reads nothing, until it is cut; then comes again. */
  const clog = async () => {
    while (!signal.aborted) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.write(requestAll(100, false));
      socket.pause();
      counts.stuck++;
      // Cut after 30 s, which who does not read learns when it does.
      await pause(40_000);
      socket.destroy();
    }
  };

  const watch = (asset: string) => {
    const socket = new WebSocket(`ws://${host}/ws/prices/${asset}`);
    socket.on("message", (data) => {
      const { type, last_update } = told.parse(JSON.parse(data.toString()));
      if (type === "price" && last_update) ages.push(Date.now() - Date.parse(last_update));
    });
    return socket;
  };

  const staying = [
    ...assets.slice(0, CROWD.watchers).map(watch),
    ...Array.from({ length: CROWD.residents }, () => openReader(host, "*", 1000).socket),
  ];
  for (const socket of staying) {
    socket.on("error", (error) => complain(`one who stays: ${error.message}`));
    socket.on("close", (code) => {
      if (!signal.aborted) complain(`one who stays was closed: ${code}`);
    });
  }
  const visits = [
    ...Array.from({ length: CROWD.visitors }, visit),
    ...Array.from({ length: CROWD.stuck }, clog),
  ];

  return {
    counts,
    takeAges() {
      const taken = ages;
      ages = [];
      return taken;
    },
    async close() {
      end.abort();
      for (const socket of staying) socket.close();
      await Promise.all(visits);
    },
  };
}

const told = z.object({ type: z.string(), last_update: z.string().nullish() });
