import { expect, it } from "vitest";
import { createDial } from "../../src/feed/link/dial.ts";
import { RestError } from "../../src/feed/link/rest.ts";
import { enliven, stageRunner, TIMING } from "../support/runner.ts";

it("subscribes once the socket is open, and is live with the first price, not with an ack", async () => {
  const { runner, call } = await stageRunner();
  call(0).events.opened();
  expect(call(0).sent).toEqual(["subscribe"]);
  call(0).events.text("heartbeat");
  expect(runner.stats().state).toBe("open");
  call(0).events.text("price");
  expect(runner.stats().state).toBe("live");
});

it("subscribes at the exchange's word, once, where it gives one", async () => {
  const { call } = await stageRunner({
    connection: async () => ({ url: "ws://exchange", send: ["subscribe"], sendOn: "ready" }),
  });
  call(0).events.opened();
  expect(call(0).sent).toEqual([]);
  call(0).events.text("ready");
  call(0).events.text("ready");
  expect(call(0).sent).toEqual(["subscribe"]);
});

it("sends what keeps the socket open, as often as the exchange wants it, while it is open", async () => {
  const { call, wait } = await stageRunner({
    connection: async () => ({
      url: "ws://exchange",
      send: [],
      keepAlive: { everyMs: 4000, frame: "ping" },
    }),
  });
  call(0).events.opened();
  await wait(8000);
  expect(call(0).sent).toEqual(["ping", "ping"]);
  call(0).events.closed("cut");
  await wait(8000);
  expect(call(0).sent).toHaveLength(2);
});

it("gives up a connect that is not answered, and tries again", async () => {
  const { states, calls, call, wait } = await stageRunner();
  await wait(TIMING.connectTimeoutMs);
  expect(call(0).destroyed).toBe(true);
  expect(states.at(-1)).toBe("down: no answer within 10 s");
  await wait(1000);
  expect(calls).toHaveLength(2);
});

it("takes a socket that brings heartbeats and no price for dead", async () => {
  const { states, call, wait } = await stageRunner();
  call(0).events.opened();
  for (let s = 0; s < 10; s++) {
    call(0).events.text("heartbeat");
    await wait(1000);
  }
  expect(call(0).destroyed).toBe(true);
  expect(states).toContain("down: connected, but no price for 10 s");
});

it("takes a half-open socket for dead, though no close ever comes", async () => {
  const { call, wait } = await stageRunner();
  enliven(call(0));
  await wait(9000);
  call(0).events.text("price");
  await wait(9999);
  expect(call(0).destroyed).toBe(false);
  await wait(1);
  expect(call(0).destroyed).toBe(true);
});

it("waits twice as long after each failure, up to 30 s, opening or not", async () => {
  const { clock, calls, call, wait } = await stageRunner();
  const waits: number[] = [];
  for (let n = 0; n < 8; n++) {
    call(n).events.opened();
    call(n).events.closed("cut");
    const from = clock.now();
    while (calls.length === n + 1) await wait(100);
    waits.push(clock.now() - from);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it("draws each wait anew between nothing and the ceiling", async () => {
  const { chance, calls, call, wait } = await stageRunner();
  chance.drawn = 0.25;
  call(0).events.closed("cut");
  await wait(249);
  expect(calls).toHaveLength(1);
  await wait(1);
  expect(calls).toHaveLength(2);
});

it("forgets failures only after a minute of prices", async () => {
  const { calls, call, wait } = await stageRunner();
  for (const n of [0, 1]) {
    call(n).events.closed("cut");
    await wait(30_000);
  }
  const stable = call(2);
  stable.events.opened();
  for (let s = 0; s <= 60; s++) {
    stable.events.text("price");
    await wait(1000);
  }
  stable.events.closed("cut");
  await wait(1000);
  expect(calls).toHaveLength(4);
  enliven(call(3));
  call(3).events.closed("cut");
  await wait(1999);
  expect(calls).toHaveLength(4);
  await wait(1);
  expect(calls).toHaveLength(5);
});

it.each([401, 402, 403, 451])(
  "takes HTTP %i for final, and asks again only after minutes",
  async (status) => {
    const { runner, calls, call, wait } = await stageRunner();
    call(0).events.refused(status, undefined);
    expect(runner.stats().state).toBe("fatal");
    expect(runner.stats().reason).toContain(String(status));
    await wait(TIMING.fatalRetryMs - 1);
    expect(calls).toHaveLength(1);
    await wait(1);
    expect(calls).toHaveLength(2);
  },
);

it("says what to do where the region is refused", async () => {
  const { runner, call } = await stageRunner({ facts: { regionHint: "try another host" } });
  call(0).events.refused(451, undefined);
  expect(runner.stats().reason).toBe("451 not available from this region: try another host");
});

it.each([
  [429, 7000, 7000, "too many requests (HTTP 429): asked to wait 7 s"],
  [429, undefined, 60_000, "too many requests (HTTP 429): asked to wait 60 s"],
  [418, 7000, 7000, "banned for too many requests (HTTP 418): asked to wait 7 s"],
  [418, undefined, 120_000, "banned for too many requests (HTTP 418): asked to wait 2 min"],
])("after HTTP %i with a wait of %s ms, asks again after %i ms", async (...row) => {
  const [status, asked, expected, reason] = row;
  const { runner, chance, calls, call, wait } = await stageRunner();
  chance.drawn = 0;
  call(0).events.refused(status, asked);
  expect(runner.stats()).toMatchObject({ state: "down", reason });
  await wait(expected - 1);
  expect(calls).toHaveLength(1);
  await wait(1);
  expect(calls).toHaveLength(2);
});

it("treats a refusal of the call for the address like one of the socket", async () => {
  const { runner } = await stageRunner({
    connection: () => Promise.reject(new RestError("HTTP 429", 429, 5000)),
  });
  expect(runner.stats()).toMatchObject({
    state: "down",
    reason: "no address to connect to: too many requests (HTTP 429): asked to wait 5 s",
  });
});

it("survives an address that is none", async () => {
  const connection = async () => ({ url: "nonsense", send: [] });
  const { runner } = await stageRunner({ connection, dial: createDial() });
  expect(runner.stats().state).toBe("down");
  expect(runner.stats().reason).toMatch(/^no address to connect to: Invalid URL/);
});

it("takes an error frame that is fatal for final", async () => {
  const { runner, call } = await stageRunner();
  call(0).events.opened();
  call(0).events.text("fatal");
  expect(runner.stats().state).toBe("fatal");
  expect(call(0).destroyed).toBe(true);
});

it("hears nothing from an old socket any more", async () => {
  const { runner, heard, call, wait } = await stageRunner();
  call(0).events.opened();
  call(0).events.closed("cut");
  await wait(1000);
  call(1).events.opened();
  call(0).events.text("price");
  call(0).events.closed("cut again");
  expect(heard).toEqual([]);
  expect(runner.stats()).toMatchObject({ state: "open", reconnects: 1 });
});

it("leaves no socket and no timer behind when stopped", async () => {
  const { runner, calls, call, wait } = await stageRunner();
  call(0).events.opened();
  runner.stop();
  expect(call(0).destroyed).toBe(true);
  await wait(1_000_000);
  expect(calls).toHaveLength(1);
});
