import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { beforeAll, expect, it } from "vitest";
import { sleep } from "../../../server/test/support/client.ts";
import type { Result } from "../../src/checks/index.ts";
import { type Parts, startFake } from "./fake.ts";
import { BRIEF, failing, look, of } from "./look.ts";

/** One thing that is wrong, and what the doctor has to say of it. */
export type Case = {
  name: string;
  /** Makes it, and has the doctor look; what it starts is ended by what it gives to `defer`. */
  look(defer: (end: () => unknown) => void): Promise<Result[]>;
  /** All that may fail of it, what is to be mended first in front. */
  fails: string[];
  seen: RegExp;
  mend: RegExp;
  /** What is seen of other checks, by name. */
  also?: Record<string, RegExp>;
};

/** A gateway or a proxy that is wrong in some of its parts. */
export const onFake = (
  name: string,
  parts: Parts,
  fails: string[],
  seen: RegExp,
  mend: RegExp,
  more: Parameters<typeof look>[1] = {},
): Case => ({
  name,
  fails,
  seen,
  mend,
  async look(defer) {
    const fake = await startFake(parts);
    defer(fake.close);
    return look(fake.url, more);
  },
});

/** What stands between the doctor and a gateway answers instead of it. */
export const answered: typeof onFake = (name, parts, fails, seen, mend, more = {}) =>
  onFake(name, parts, fails, seen, mend, { timing: BRIEF, ...more });

/** An answer to the request to upgrade. */
export const upgrade = (
  status: string,
  body = "",
  headers = "",
  takes = (_request: IncomingMessage) => true,
): Parts => ({
  upgrade(socket, request) {
    if (!takes(request)) return false;
    const length = `Content-Length: ${body.length}\r\n`;
    socket.end(
      `HTTP/1.1 ${status}\r\nServer: nginx\r\n${length}${headers}Connection: close\r\n\r\n${body}`,
    );
    return true;
  },
});

/** A server on any free port of loopback. */
export async function listen(take: (socket: Socket) => void, defer: (end: () => unknown) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    take(socket);
  });
  defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** All at the same time, since a look mostly waits; but they begin one after the other, ms. */
const APART_MS = 60;

/** One test for each. */
export function tellsApart(cases: readonly Case[]) {
  const outcomes = new Map<Case, PromiseSettledResult<Result[]>>();

  beforeAll(async () => {
    const looks = cases.map(async (one, place) => {
      await sleep(place * APART_MS);
      const [outcome] = await Promise.allSettled([lookAt(one)]);
      outcomes.set(one, outcome);
    });
    await Promise.all(looks);
  });

  const named = cases.map((one) => [one.name, one] as const);
  it.each(named)("tells %s", (_name, one) => {
    const outcome = outcomes.get(one);
    if (outcome?.status !== "fulfilled") throw outcome?.reason;
    const results = outcome.value;
    expect({ fails: failing(results), results }).toMatchObject({ fails: one.fails });
    const first = of(results, one.fails[0] ?? "");
    expect(first.seen).toMatch(one.seen);
    expect(first.mend).toMatch(one.mend);
    for (const [name, seen] of Object.entries(one.also ?? {})) {
      expect(of(results, name).seen).toMatch(seen);
    }
  });
}

async function lookAt({ look }: Case): Promise<Result[]> {
  const ends: (() => unknown)[] = [];
  try {
    return await look((end) => ends.push(end));
  } finally {
    for (const end of ends) await end();
  }
}
