import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createFrameReader, OPCODES } from "../frames.ts";
import { startServer } from "./child.ts";
import { afterHead, requestAll } from "./request.ts";

const MARKET = { assets: 2000, moving: 2000, everyMs: 100 };
const INTERVAL_MS = 100;
/** The server cuts who has not read for so long, and then waits for its leave, ms of its clock. */
const CUT_AFTER_MS = 30_000;
const LEAVE_MS = 1000;
/** What the memory still does by itself in the first moments counts as its level, as a share of the run. */
const SETTLED = 0.2;

export type StuckReport = {
  clients: number;
  /** Real time from the last connect until all were cut, s. */
  cutAfterS: number;
  evicted: number;
  /** Clients that found a close frame when they read at last, by its code. */
  codes: Record<number, number>;
  /** Memory of the server when it had settled, and the most after that, MiB. */
  settledMiB: number;
  mostMiB: number;
  /** All that was written to all clients, MiB. */
  writtenMiB: number;
};

/** Clients that ask for everything at 10 Hz and never read any of it. */
export async function runStuck(count: number, haste: number): Promise<StuckReport> {
  const server = await startServer({ ...MARKET, haste });
  const sockets: Socket[] = [];
  const codes: Record<number, number> = {};
  const open = async () => {
    const socket = connect(server.port, "127.0.0.1").on("error", () => {});
    socket.write(requestAll(INTERVAL_MS, false));
    sockets.push(socket);
    const [head] = await once(socket, "data");
    socket.pause();
    const read = afterHead(
      createFrameReader(({ opcode, payload }) => {
        if (opcode !== OPCODES.close) return;
        const code = payload.readUInt16BE(0);
        codes[code] = (codes[code] ?? 0) + 1;
      }),
    );
    read(head);
    socket.on("data", read);
    socket.pause();
  };
  while (sockets.length < count) {
    await Promise.all(Array.from({ length: Math.min(100, count - sockets.length) }, open));
  }

  const startedAt = performance.now();
  const passedMs = () => performance.now() - startedAt;
  const forMs = (CUT_AFTER_MS + LEAVE_MS) / haste;
  const levels: { atMs: number; rss: number }[] = [];
  let report = await server.report();
  let cutAfterMs: number | undefined;
  while (passedMs() < forMs * 1.2 && cutAfterMs === undefined) {
    await sleep(forMs / 60);
    report = await server.report();
    levels.push({ atMs: passedMs(), rss: report.rss });
    if (report.clients === 0) cutAfterMs = passedMs();
  }
  await Promise.all(
    sockets.map(async (socket) => {
      const closed = socket.destroyed ? undefined : once(socket, "close");
      socket.resume();
      await closed;
    }),
  );
  await server.close();

  const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
  const level = (isEarly: boolean) =>
    levels.filter(({ atMs }) => atMs < forMs * SETTLED === isEarly).map(({ rss }) => rss);
  return {
    clients: count,
    cutAfterS: Math.round((cutAfterMs ?? Number.NaN) / 100) / 10,
    evicted: report.evicted,
    codes,
    settledMiB: mib(Math.max(...level(true))),
    mostMiB: mib(Math.max(...level(false))),
    writtenMiB: mib(report.bytes),
  };
}
