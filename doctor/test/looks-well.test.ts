/** What a hasty look takes for well. */
import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import type { WebSocket } from "ws";
import { onFake, tellsApart } from "./support/broken.ts";
import { answer, change, events, health, IDS, startFake, status, update } from "./support/fake.ts";
import { BRIEF, failing, look, of, QUICK } from "./support/look.ts";

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const MINUTES = 60_000;

/** All but the first stand still. */
const oneMoves = (n: number) =>
  Object.fromEntries(IDS.map((id, place) => [id, place === 0 ? `97000.${n}` : "97000.5"]));

/** Whoever shows an origin is treated in this way, and who shows none as is due. */
const toPages = (treat: (socket: WebSocket) => void) => ({
  opened(socket: WebSocket, { headers }: IncomingMessage) {
    if (headers.origin === undefined) return false;
    treat(socket);
    return true;
  },
});
const PAGE = { timing: BRIEF, page: "https://app.example" };

const coincap = { name: "coincap", state: "live", stateReason: "prices", dataAgeMs: 30_000 };

/** Of v1: all but the first. */
const mostAreOld = [
  { assets: [0], names: ["bitcoin"], source: "coincap", quote: "USD" },
  {
    assets: IDS.slice(1).map(() => 1),
    names: IDS.slice(1),
    source: "coincap",
    quote: "USD",
    stale: IDS.slice(1).map(() => 10 * MINUTES),
  },
];

/** Of v1, so far. */
let lines = 0;

tellsApart([
  onFake(
    "that most prices are old, though some are fresh",
    { update: (n) => update(n, { stale: IDS.slice(1) }) },
    ["fresh", "truth"],
    /^11 of 12 prices are old, the newest received \d+ ms ago/,
    /exchanges/,
    { timing: BRIEF },
  ),
  onFake(
    "that most prices are old, and so old that updates leave them out",
    {
      update: (n) => update(n, { prices: { bitcoin: `97000.${n}` } }),
      change: (n) => change(n, n === 0 ? { facts: mostAreOld } : {}),
    },
    ["fresh", "truth"],
    /^11 of 12 prices are old/,
    /exchanges/,
    { timing: BRIEF },
  ),
  onFake(
    "that one asset moves, and all others stand still with the exchange",
    {
      update: (n) => update(n, { prices: oneMoves(n) }),
      routes: {
        "/health": answer(200, health({ sources: [coincap] })),
      },
    },
    ["moving", "truth"],
    /^updates go on, and only 1 of 12 prices changed for [\d.]+ m?s; last data: coincap 30 s ago$/,
    /exchanges/,
  ),
  onFake(
    "an exchange that sends the same again and again",
    { update: () => update(1) },
    ["moving", "truth"],
    /^updates go on, and not one of 12 prices changed for [\d.]+ m?s, though data came from the exchanges 40 ms ago$/,
    /sends the same again and again/,
    { timing: { ...QUICK, oldMs: 1500 } },
  ),
  onFake(
    "v1 that brings no assets",
    { change: (n) => ({ ...change(n), assets: [], prices: [], facts: [] }) },
    ["v1"],
    /^0 assets after [\d.]+ m?s, without bitcoin, coin-0, coin-1 and 9 more, of 12 of the plain contract$/,
    /cryptovault\.v1\.json does not work/,
    { timing: BRIEF },
  ),
  onFake(
    "v1 whose updates bring nothing new",
    { change: (n) => ({ ...change(n), prices: change(0).prices }) },
    ["v1"],
    /^12 assets after [\d.]+ m?s, 0 updates, and none for [\d.]+ m?s, while the plain contract goes on$/,
    /cryptovault\.v1\.json does not work/,
  ),
  onFake(
    "a proxy that lets the first events through, and holds the rest",
    { routes: { "/sse/prices": events(100, 3) } },
    ["sse"],
    /^4 events, and none for [\d.]+ m?s, while WebSocket goes on: held back on the way$/,
    /buffering/,
  ),
  onFake(
    "a proxy that lets the greeting of the events through, and nothing else",
    { routes: { "/sse/prices": events(100, 0) } },
    ["sse"],
    /^1 event, and none for /,
    /buffering/,
  ),
  onFake(
    "a handshake that takes longer than clients wait",
    { handshakeMs: 1200 },
    ["hello", "truth", "v1"],
    /^the first message comes [\d.]+ s after the attempt began \(101 after [\d.]+ s\); clients give it up after 1 s$/,
    /wakes the gateway up/,
    { timing: { ...BRIEF, attemptMs: 1000 } },
  ),
  onFake(
    "that pages get a 101, and then a cut",
    toPages((socket) => socket.terminate()),
    ["origin"],
    /^pages of https:\/\/app\.example get a 101, then closed with 1006 after/,
    /^Allow this origin at the proxy/,
    PAGE,
  ),
  onFake(
    "that pages get a 101, and then silence",
    toPages(() => {}),
    ["origin"],
    /^pages of https:\/\/app\.example get a 101, then silence for/,
    /^Allow this origin at the proxy/,
    PAGE,
  ),
  onFake(
    "that pages get a 101, and then a close that is not the gateway's",
    toPages((socket) => socket.close(1008)),
    ["origin"],
    /then closed with 1008 after/,
    /^Allow this origin at the proxy/,
    PAGE,
  ),
  onFake(
    "prices that are none",
    {
      update: (n) =>
        update(n, { prices: { bitcoin: "NaN", a: "0", b: "-1", c: "2.5", d: "1e-7" } }),
      status: status({ prices_cached: 5 }),
      change: (n) => ({ ...change(n), prices: IDS.map(() => `${n}.5`) }),
    },
    ["prices", "truth", "v1"],
    /^4 of 5 prices are none: bitcoin "NaN", a "0", b "-1" and 1 more$/,
    /a decimal string above zero/,
    { timing: BRIEF },
  ),
  onFake(
    "prices of v1 that are none",
    { change: (n) => ({ ...change(n), prices: IDS.map(() => "undefined") }) },
    ["v1"],
    /^\d+ updates of \d+ messages can't be read by a client$/,
    /a decimal string above zero/,
    { timing: BRIEF },
  ),
  onFake(
    "a clock of the gateway that is wrong",
    {
      update: (n) => update(n, { timestamp: ago(10 * MINUTES) }),
      status: status({ timestamp: ago(10 * MINUTES), last_update: ago(10 * MINUTES) }),
    },
    ["clock"],
    /^updates are dated 10 min before this machine's clock, with which the Date of \/livez agrees$/,
    /^Set the clock of the gateway's machine right/,
    { timing: BRIEF },
  ),
  onFake(
    "updates that are sent again, long after",
    { update: (n) => update(n, { timestamp: ago(10 * MINUTES) }), status: status() },
    ["clock"],
    /^updates are dated 10 min before this machine's clock, and the answer to get_status is not$/,
    /^Restart the gateway/,
    { timing: BRIEF },
  ),
  onFake(
    "that one more line is refused",
    {
      upgrade(socket, { headers }) {
        if (!headers["sec-websocket-protocol"] || ++lines !== 2) return false;
        socket.end("HTTP/1.1 503 x\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n");
        return true;
      },
    },
    ["idle"],
    /^one more line beside those with prices: \/ws\/prices answers 503, by nginx/,
    /^Start the gateway/,
    { timing: BRIEF },
  ),
  onFake(
    "a WebSocket that a proxy sends on in batches",
    { batchMs: 600 },
    ["steady", "truth"],
    /^\d+ updates in 2\.\d s, in bursts: up to [\d.]+ m?s later than they were sent$/,
    /buffering/,
    { timing: { ...QUICK, heldMs: 400 } },
  ),
  onFake(
    "a /health that is well, under a status that is not",
    { routes: { "/health": answer(503, health(), { server: "nginx" }) } },
    ["health"],
    /^\/health answers 503, by nginx, and says ok$/,
    /changes the answer/,
    { timing: BRIEF },
  ),
  onFake(
    "a /health that is well, without one fresh price",
    {
      routes: {
        "/health": answer(200, health({ book: { assets: 12, fresh: 0, newestAgeMs: 9e5 } })),
      },
    },
    ["health"],
    /^ok, with none of 12 prices fresh$/,
    /exchanges/,
    { timing: BRIEF },
  ),
]);

it.concurrent("warns where this machine's clock may be the one that is wrong", async () => {
  const fake = await startFake();
  const results = await look(fake.url, {
    timing: BRIEF,
    wallNow: () => Date.now() + 10 * MINUTES,
  });
  await fake.close();
  expect(failing(results)).toEqual([]);
  const { seen, mend } = of(results, "clock");
  expect(seen).toMatch(/^updates are dated 10 min before this machine's clock$/);
  expect(mend).toMatch(/^Compare the clocks of the gateway's machine and of this one with a third/);
});

it.concurrent("warns of clocks that are half a minute apart", async () => {
  const fake = await startFake();
  const results = await look(fake.url, { timing: BRIEF, wallNow: () => Date.now() - 30_000 });
  await fake.close();
  expect(failing(results)).toEqual([]);
  const { seen, mend } = of(results, "clock");
  expect(seen).toMatch(/^updates are dated (30|29\.\d) s after this machine's clock$/);
  expect(mend).toMatch(/^Compare the clocks/);
});

it.concurrent("warns of a market at rest while data come in, and does not call it frozen", async () => {
  const fake = await startFake({ update: () => update(1) });
  const results = await look(fake.url);
  await fake.close();
  expect(failing(results)).toEqual([]);
  const { seen, mend } = of(results, "moving");
  expect(seen).toMatch(
    /not one of 12 prices changed .*, though data came from the exchanges 40 ms/,
  );
  expect(mend).toMatch(/^Hold some prices against an exchange's own page/);
});

it.concurrent.each([401, 403, 404])(
  "has nothing against %i to who asks the gateway how it is, where the stream is open",
  async (code) => {
    const shut = answer(code, "<html>", { server: "nginx" });
    const fake = await startFake({
      routes: { "/livez": shut, "/readyz": shut, "/health": shut },
    });
    const results = await look(fake.url, { timing: BRIEF });
    await fake.close();
    expect(failing(results)).toEqual([]);
    for (const name of ["http", "ready", "health", "version", "truth"]) {
      expect(of(results, name).status).toBe("skip");
    }
    expect(of(results, "http").seen).toBe(`/livez is not open to the public (${code}, by nginx)`);
  },
);

it.concurrent("warns of a quiet market whose operator gives prices long to grow old", async () => {
  const book = { assets: 12, fresh: 12, newestAgeMs: 20_000, staleAfterMs: 5 * MINUTES };
  const sources = [{ ...coincap, dataAgeMs: 20_000 }];
  const fake = await startFake({
    update: () => update(1),
    routes: { "/health": answer(200, health({ book, sources })) },
  });
  const results = await look(fake.url);
  await fake.close();
  expect(failing(results)).toEqual([]);
  const { seen, mend } = of(results, "moving");
  expect(seen).toMatch(/not one of 12 prices changed .*; last data: coincap 20 s ago$/);
  expect(mend).toMatch(/^Hold some prices against an exchange's own page/);
});

it.concurrent("warns of updates that come half as often as they are due", async () => {
  const fake = await startFake({ tickMs: 700 });
  const results = await look(fake.url, { timing: { ...QUICK, dueMs: 200 } });
  await fake.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "steady").seen).toMatch(
    /one in [\d.]+ m?s on average; one is due each second$/,
  );
  expect(of(results, "steady").mend).toMatch(/half of the updates do not come/);
});

it.concurrent("warns of bursts before it calls them a fault", async () => {
  const fake = await startFake({ batchMs: 600 });
  const results = await look(fake.url, { timing: { ...QUICK, dueMs: 150, heldMs: 1500 } });
  await fake.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "steady").seen).toMatch(/in bursts: up to [\d.]+ m?s later/);
  expect(of(results, "steady").mend).toMatch(/buffering/);
});

it.concurrent("calls a price old when the gateway does", async () => {
  const slow = { assets: 12, fresh: 12, newestAgeMs: 40, staleAfterMs: 5 * MINUTES };
  const fake = await startFake({
    status: status({ last_update: ago(2 * MINUTES) }),
    routes: { "/health": answer(200, health({ book: slow })) },
  });
  const results = await look(fake.url, { timing: BRIEF });
  await fake.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "fresh").seen).toBe("12 of 12 prices fresh, the newest received 2 min ago");
});
