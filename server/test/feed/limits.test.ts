import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manualClock } from "../../src/clock.ts";
import { createBudget, createConnectBudgets } from "../../src/feed/link/budget.ts";
import { createOutbox } from "../../src/feed/link/outbox.ts";
import { readRetryAfter } from "../../src/feed/link/refusal.ts";
import { courteous, RestError } from "../../src/feed/link/rest.ts";
import { createShares } from "../../src/feed/link/shares.ts";
import { binance } from "../../src/sources/binance.ts";
import { enliven, stageRunner } from "../support/runner.ts";

const FIVE_MINUTES_MS = 300_000;

describe("a budget", () => {
  it("never lets more through in any window than is allowed, and no less than it may", () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 5 }), (steps, count) => {
        const budget = createBudget({ count, perMs: 1000 });
        const taken: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          const inWindow = taken.filter((time) => time > now - 1000).length;
          const waitMs = budget.take(now);
          expect(waitMs === 0).toBe(inWindow < count);
          if (waitMs === 0) taken.push(now);
          else expect(waitMs).toBe((taken.at(-count) ?? 0) + 1000 - now);
        }
      }),
    );
  });

  it("lets nothing through while it is paused", () => {
    const budget = createBudget(undefined);
    budget.pause(5000);
    budget.pause(3000);
    expect([budget.take(0), budget.take(4999), budget.take(5000)]).toEqual([5000, 1, 0]);
  });
});

describe("Binance's 300 connections in 5 minutes", () => {
  const { facts } = binance;

  it("are shared by all connections and by runners that come later; the next one waits and says so", async () => {
    const clock = manualClock(0);
    const budgets = createConnectBudgets();
    const budget = () => budgets.of("wss://exchange", facts.limits?.connects);
    for (let n = 0; n < 299; n++) budget().take(clock.now());
    await clock.advanceTo(60_000);
    const first = await stageRunner({ clock, facts, budget: budget() });
    expect(first.calls).toHaveLength(1);
    first.runner.stop();

    const second = await stageRunner({ clock, facts, budget: budget() });
    expect(second.calls).toHaveLength(0);
    expect(second.runner.stats()).toMatchObject({
      state: "down",
      reason: "the exchange allows no further connection for 4 min",
    });
    await second.wait(239_999);
    expect(second.calls).toHaveLength(0);
    await second.wait(1);
    expect(second.calls).toHaveLength(1);
  });

  it("make a replacement wait as well, while the old connection goes on", async () => {
    const budget = createBudget({ count: 1, perMs: FIVE_MINUTES_MS });
    const { runner, calls, call, wait } = await stageRunner({ budget });
    enliven(call(0));
    call(0).events.text("shutdown");
    await wait(1000);
    expect(runner.stats()).toMatchObject({
      state: "live",
      reason: "prices; the exchange allows no further connection for 5 min",
    });
    for (let s = 0; s < 298; s++) {
      call(0).events.text("price");
      await wait(1000);
    }
    expect(calls).toHaveLength(1);
    await wait(1000);
    expect(calls).toHaveLength(2);
  });
});

describe("Binance's 5 messages a second", () => {
  const allowance = binance.facts.limits?.messages;

  it("are kept, with a pong, even where the network pushes messages together", () => {
    const clock = manualClock(0);
    const sent: { frame: string; at: number }[] = [];
    const outbox = createOutbox(clock, allowance, (frame) => sent.push({ frame, at: clock.now() }));
    const frames = Array.from({ length: 12 }, (_, n) => `frame ${n}`);
    outbox.put(frames);
    clock.advanceTo(10_000);
    expect(sent.map(({ frame }) => frame)).toEqual(frames);
    for (const { at } of sent) {
      const intoOneSecond = sent.filter((other) => other.at >= at && other.at < at + 1999);
      expect(intoOneSecond.length).toBeLessThanOrEqual(4);
    }
    expect(sent.at(-1)?.at).toBe(5000);
  });

  it("are not spent on a socket that is gone", async () => {
    const send = ["a", "b", "c", "d"];
    const { call, wait } = await stageRunner({
      facts: binance.facts,
      connection: async () => ({ url: "ws://exchange", send }),
    });
    call(0).events.opened();
    call(0).events.closed("cut");
    await wait(1000);
    call(1).events.opened();
    await wait(5000);
    expect([call(0).sent, call(1).sent]).toEqual([["a", "b"], send]);
  });
});

describe("symbols over the limit of a connection", () => {
  const symbols = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => `S${from + n}`);

  it("are spread over as few connections as hold them, each with the pulse", () => {
    const shares = createShares(1024).spread([...symbols(2500), "PULSE"], "PULSE");
    expect(shares.map(({ length }) => length)).toEqual([1024, 1024, 455]);
    for (const share of shares) expect(share[0]).toBe("PULSE");
    expect(new Set(shares.flat()).size).toBe(2501);
  });

  it("keep their connection when others come and go", () => {
    const shares = createShares(3);
    shares.spread(symbols(5), undefined);
    expect(shares.spread(["S0", "S2", "S3", "S4", "S5", "S6"], undefined)).toEqual([
      ["S0", "S2", "S5"],
      ["S3", "S4", "S6"],
    ]);
  });
});

describe("a wait that an exchange asks for", () => {
  const NOW = Date.parse("2026-11-24T12:00:00Z");

  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Tue, 24 Nov 2026 12:00:30 GMT", 30_000],
    ["Tue, 24 Nov 2026 11:59:00 GMT", undefined],
    ["99999999999", 3 * 86_400_000],
    ["soon", undefined],
    ["-5", undefined],
    [undefined, undefined],
  ])("is read from Retry-After: %s", (header, expected) => {
    expect(readRetryAfter(header, NOW)).toBe(expected);
  });

  it.each([
    [429, 7000, 7000],
    [418, undefined, 120_000],
  ])("after HTTP %i is kept by all calls of its REST API", async (status, asked, waitMs) => {
    const clock = manualClock(NOW);
    const urls: string[] = [];
    const rest = courteous(async ({ url }) => {
      urls.push(url);
      throw new RestError(`HTTP ${status}`, status, asked);
    }, clock);
    await expect(rest({ url: "/list" })).rejects.toThrow(`HTTP ${status}`);
    clock.advanceTo(NOW + waitMs - 1000);
    await expect(rest({ url: "/ticket" })).rejects.toMatchObject({ status, retryAfterMs: 1000 });
    expect(urls).toEqual(["/list"]);
    clock.advanceTo(NOW + waitMs);
    await expect(rest({ url: "/ticket" })).rejects.toThrow(`HTTP ${status}`);
    expect(urls).toEqual(["/list", "/ticket"]);
  });
});
