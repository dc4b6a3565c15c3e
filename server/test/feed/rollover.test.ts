import { describe, expect, it } from "vitest";
import { enliven, type StageOptions, stageRunner, TIMING } from "../support/runner.ts";

/** A stable connection that was told to go, and its successor under way. */
async function leaving(options: StageOptions = {}) {
  const stage = await stageRunner(options);
  const [old] = [stage.call(0)];
  old.events.opened();
  for (let s = 0; s <= 60; s++) {
    old.events.text("price");
    await stage.wait(1000);
  }
  old.events.text("shutdown");
  await stage.wait(1000);
  return { ...stage, old, next: stage.call(1) };
}

describe("a connection that must be left", () => {
  it("goes on until its successor has brought a price, and is not heard after that", async () => {
    const { runner, heard, states, old, next } = await leaving();
    next.events.opened();
    expect(next.sent).toEqual(["subscribe"]);
    old.events.text("price");
    next.events.text("heartbeat");
    expect(old.destroyed).toBe(false);
    next.events.text("price");
    expect(old.destroyed).toBe(true);
    heard.length = 0;
    old.events.text("price");
    old.events.closed("cut");
    expect(heard).toEqual([]);
    expect(runner.stats()).toEqual({
      state: "live",
      reason: "prices",
      reconnects: 0,
      rollovers: 1,
    });
    expect(states.filter((state) => !state.startsWith("live"))).toEqual([
      "open: connected, no price yet",
    ]);
  });

  it("says that it will be replaced, and why", async () => {
    const { runner } = await leaving();
    expect(runner.stats().reason).toBe("prices; to be replaced: shutdown");
  });

  it("goes on when its successor fails, which is tried again ever more seldom", async () => {
    const { runner, states, calls, call, wait, old, next } = await leaving();
    next.events.refused(503, undefined);
    expect(runner.stats()).toMatchObject({
      state: "live",
      reason: "prices; its replacement failed: refused with HTTP 503; again in 2 s",
    });
    old.events.text("price");
    await wait(1999);
    expect(calls).toHaveLength(2);
    await wait(1);
    call(2).events.closed("cut");
    old.events.text("price");
    await wait(3999);
    expect(calls).toHaveLength(3);
    await wait(1);
    expect(old.destroyed).toBe(false);
    enliven(call(3));
    expect(old.destroyed).toBe(true);
    expect(states.some((state) => state.startsWith("down"))).toBe(false);
  });

  it("goes on when its successor is refused for good", async () => {
    const { runner, calls, wait, old, next } = await leaving();
    next.events.refused(451, undefined);
    expect(runner.stats().state).toBe("live");
    for (let s = 0; s < 299; s++) {
      old.events.text("price");
      await wait(1000);
    }
    expect([old.destroyed, calls.length]).toEqual([false, 2]);
    await wait(1000);
    expect(calls).toHaveLength(3);
  });

  it("hands over to its successor when it is cut before that has brought a price", async () => {
    const { runner, states, calls, wait, old, next } = await leaving();
    next.events.opened();
    old.events.closed("cut");
    expect(runner.stats()).toMatchObject({ state: "open", reason: "connected, no price yet" });
    await wait(2000);
    expect(calls).toHaveLength(2);
    next.events.text("price");
    expect(runner.stats()).toMatchObject({ state: "live", reconnects: 1, rollovers: 0 });
    expect(states.some((state) => state.startsWith("down"))).toBe(false);
  });

  it("keeps its place until all that its successor subscribes to has been sent", async () => {
    const { old, next, wait } = await leaving({
      facts: { limits: { messages: { count: 3, perMs: 1000 } } },
      connection: async () => ({ url: "ws://exchange", send: ["first", "second"] }),
    });
    enliven(next);
    expect(next.sent).toEqual(["first"]);
    expect(old.destroyed).toBe(false);
    await wait(1000);
    expect(next.sent).toEqual(["first", "second"]);
    next.events.text("price");
    expect(old.destroyed).toBe(true);
  });

  it("does not come back in a hot loop where every successor is told to go as well", async () => {
    const { calls, call, wait, old } = await leaving();
    for (let s = 0; s < 60; s++) {
      old.events.text("price");
      enliven(call(-1));
      call(-1).events.text("shutdown");
      await wait(1000);
    }
    expect(calls.length).toBeLessThan(10);
  });
});

describe("a connection that the exchange cuts at 24 hours", () => {
  const HOUR_MS = 3_600_000;
  const timing = { ...TIMING, silenceMs: 30 * HOUR_MS, lifetimeMs: 24 * HOUR_MS };

  it("is replaced between 22.5 and 23.5 hours, drawn anew for each", async () => {
    const { clock, runner, chance, calls, call, wait } = await stageRunner({ timing });
    for (const [drawn, hours] of [
      [0, 22.5],
      [0.5, 23],
      [0.999, 23.499],
    ] as const) {
      const n = calls.length - 1;
      chance.drawn = drawn;
      enliven(call(n));
      const from = clock.now();
      while (calls.length === n + 1) await wait(60_000);
      expect((clock.now() - from) / HOUR_MS).toBeCloseTo(hours, 1);
    }
    expect(runner.stats()).toMatchObject({ state: "live", rollovers: 2, reconnects: 0 });
    expect(runner.stats().reason).toBe(
      "prices; to be replaced: the exchange cuts connections after 24 h",
    );
  });
});

describe("a symbol that is refused", () => {
  it("is left out of a new connection, once all refusals are told", async () => {
    const { calls, call, wait, chance } = await stageRunner();
    chance.drawn = 0;
    call(0).events.opened();
    call(0).events.text("refused");
    await wait(499);
    expect(calls).toHaveLength(1);
    await wait(1);
    expect(calls).toHaveLength(2);
    enliven(call(1));
    expect(call(0).destroyed).toBe(true);
  });

  it("makes no new connection when it is refused again", async () => {
    const { calls, call, wait } = await stageRunner();
    enliven(call(0));
    call(0).events.text("refused");
    await wait(1000);
    enliven(call(1));
    for (let s = 0; s < 120; s++) {
      call(1).events.text("refused");
      call(1).events.text("price");
      await wait(1000);
    }
    expect(calls).toHaveLength(2);
  });
});

it("asks nothing more for as long as an error frame wants, and goes on with what it has", async () => {
  const { runner, calls, call, wait } = await stageRunner({
    facts: { limits: { messages: { count: 3, perMs: 1000 } } },
    connection: async () => ({ url: "ws://exchange", send: ["first", "second"] }),
  });
  enliven(call(0));
  call(0).events.text("too many");
  await wait(6999);
  expect(call(0).sent).toEqual(["first"]);
  expect(runner.stats().reason).toBe("prices; to be replaced: slow down");
  expect(calls).toHaveLength(1);
  await wait(1);
  expect(calls).toHaveLength(2);
});
