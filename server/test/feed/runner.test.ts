import { afterEach, beforeEach, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../../src/clock.ts";
import { type Runner, startRunner } from "../../src/feed/runner.ts";
import type { SourceEvent } from "../../src/types.ts";
import { type Call, fakeDial } from "../support/dial.ts";

const TIMING = {
  connectTimeoutMs: 10_000,
  silenceMs: 10_000,
  stableMs: 60_000,
  backoff: { baseMs: 1000, capMs: 30_000 },
  fatalRetryMs: 300_000,
};

let clock: ManualClock;
let calls: Call[];
let runner: Runner;
let heard: string[];
let states: string[];
let random: number;

/** Frames in the tests: `price`, or the kind of another event. */
const readFrame = (text: string): { event: SourceEvent; prices: number } => {
  heard.push(text);
  if (text === "price") return { event: { kind: "ticks", ticks: [], rejected: [] }, prices: 1 };
  if (text === "fatal") return { event: { kind: "error", message: "no", fatal: true }, prices: 0 };
  if (text === "refused") {
    return { event: { kind: "error", message: "no", fatal: false, symbols: ["X"] }, prices: 0 };
  }
  if (text === "shutdown") return { event: { kind: "reconnect", reason: "shutdown" }, prices: 0 };
  return { event: { kind: "heartbeat" }, prices: 0 };
};

beforeEach(async () => {
  clock = manualClock(0);
  heard = [];
  states = [];
  random = 1;
  const fake = fakeDial();
  calls = fake.calls;
  runner = startRunner({
    connection: async () => ({ url: "ws://exchange", send: ["subscribe"] }),
    dial: fake.dial,
    clock,
    random: () => random,
    timing: TIMING,
    frame: readFrame,
    changed: (state, reason) => states.push(`${state}: ${reason}`),
  });
  await turn();
});

afterEach(() => runner.stop());

/** Lets promises settle. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function wait(ms: number) {
  clock.advanceTo(clock.now() + ms);
  await turn();
}

const call = (n: number): Call => {
  const found = calls.at(n);
  if (!found) throw new Error(`no call ${n}`);
  return found;
};

it("subscribes once the socket is open, and is live with the first price, not with an ack", () => {
  call(0).events.opened();
  expect(call(0).sent).toEqual(["subscribe"]);
  call(0).events.text("heartbeat");
  expect(runner.stats().state).toBe("open");
  call(0).events.text("price");
  expect(runner.stats().state).toBe("live");
});

it("gives up a connect that is not answered, and tries again", async () => {
  await wait(TIMING.connectTimeoutMs);
  expect(call(0).destroyed).toBe(true);
  expect(states.at(-1)).toBe("down: no answer within 10 s");
  await wait(1000);
  expect(calls).toHaveLength(2);
});

it("takes a socket that brings heartbeats and no price for dead", async () => {
  call(0).events.opened();
  for (let s = 0; s < 10; s++) {
    call(0).events.text("heartbeat");
    await wait(1000);
  }
  expect(call(0).destroyed).toBe(true);
  expect(states).toContain("down: connected, but no price for 10 s");
});

it("takes a half-open socket for dead, though no close ever comes", async () => {
  call(0).events.opened();
  call(0).events.text("price");
  await wait(9000);
  call(0).events.text("price");
  await wait(9999);
  expect(call(0).destroyed).toBe(false);
  await wait(1);
  expect(call(0).destroyed).toBe(true);
});

it("waits twice as long after each failure, up to 30 s, opening or not", async () => {
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
  random = 0.25;
  call(0).events.closed("cut");
  await wait(249);
  expect(calls).toHaveLength(1);
  await wait(1);
  expect(calls).toHaveLength(2);
});

it("forgets failures only after a minute of prices", async () => {
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
  call(3).events.opened();
  call(3).events.text("price");
  call(3).events.closed("cut");
  await wait(1999);
  expect(calls).toHaveLength(4);
  await wait(1);
  expect(calls).toHaveLength(5);
});

it.each([401, 402, 403, 451])(
  "takes HTTP %i for final, and asks again only after minutes",
  async (status) => {
    call(0).events.refused(status, undefined);
    expect(runner.stats().state).toBe("fatal");
    expect(runner.stats().reason).toContain(String(status));
    await wait(TIMING.fatalRetryMs - 1);
    expect(calls).toHaveLength(1);
    await wait(1);
    expect(calls).toHaveLength(2);
  },
);

it("waits at least as long as a 429 asks for", async () => {
  random = 0;
  call(0).events.refused(429, 7000);
  expect(runner.stats()).toMatchObject({ state: "down", reason: "refused with HTTP 429" });
  await wait(6999);
  expect(calls).toHaveLength(1);
  await wait(1);
  expect(calls).toHaveLength(2);
});

it("takes an error frame that is fatal for final", () => {
  call(0).events.opened();
  call(0).events.text("fatal");
  expect(runner.stats().state).toBe("fatal");
  expect(call(0).destroyed).toBe(true);
});

it("subscribes again, once, when symbols are refused", async () => {
  call(0).events.opened();
  call(0).events.text("refused");
  await wait(400);
  call(0).events.text("refused");
  await wait(499);
  expect(call(0).sent).toEqual(["subscribe"]);
  await wait(1);
  expect(call(0).sent).toEqual(["subscribe", "subscribe"]);
  await wait(2000);
  expect(call(0).sent).toHaveLength(2);
});

it("leaves a server that announces its shutdown", async () => {
  call(0).events.opened();
  call(0).events.text("price");
  call(0).events.text("shutdown");
  expect(call(0).destroyed).toBe(true);
  await wait(1000);
  expect(calls).toHaveLength(2);
});

it("hears nothing from an old socket any more", async () => {
  call(0).events.opened();
  call(0).events.closed("cut");
  await wait(1000);
  call(1).events.opened();
  heard = [];
  call(0).events.text("price");
  call(0).events.closed("cut again");
  expect(heard).toEqual([]);
  expect(runner.stats()).toMatchObject({ state: "open", reconnects: 1 });
});

it("leaves no socket and no timer behind when stopped", async () => {
  call(0).events.opened();
  runner.stop();
  expect(call(0).destroyed).toBe(true);
  await wait(1_000_000);
  expect(calls).toHaveLength(1);
});
