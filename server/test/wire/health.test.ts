import { expect, it } from "vitest";
import { unready, verdict } from "../../src/wire/health.ts";

type Stages = Parameters<typeof verdict>[0];

const source = (more: Partial<Stages["sources"][number]> = {}): Stages["sources"][number] => ({
  name: "coincap",
  state: "live",
  stateReason: "prices",
  standing: "speaking",
  standingReason: "data",
  dataAgeMs: 10,
  connections: 1,
  failovers: 0,
  reconnects: 0,
  rollovers: 0,
  frames: {},
  prices: 1,
  rejected: {},
  ...more,
});
const book: Stages["book"] = {
  epoch: "e",
  seq: 1,
  assets: 10,
  fresh: 10,
  stale: 0,
  bySource: { coincap: 10 },
  changesPerS: 1,
  newestAgeMs: 10,
};
const probe: Stages["probe"] = {
  verdict: "pass",
  seen: "a price after 5 ms",
  frames: 2,
  firstPriceMs: 5,
  ageMs: 100,
};

it("is ok when every stage and the probe are", () => {
  expect(verdict({ sources: [source()], book, probe })).toEqual({ status: "ok", reasons: [] });
});

it("is down when the probe gets no price, however well the stages say they are", () => {
  const failed = { ...probe, verdict: "fail" as const, seen: "connected, but no message came" };
  expect(verdict({ sources: [source()], book, probe: failed })).toEqual({
    status: "down",
    reasons: ["self-probe: connected, but no message came"],
  });
});

it("is down without a fresh price", () => {
  expect(
    verdict({ sources: [source()], book: { ...book, fresh: 0, stale: 10 }, probe }).status,
  ).toBe("down");
  expect(
    verdict({ sources: [source()], book: { ...book, assets: 0, fresh: 0 }, probe }).status,
  ).toBe("down");
});

it("is degraded while a source is down or does not speak, and says why", () => {
  const lost = source({ state: "down", stateReason: "connection refused", standing: "lost" });
  expect(verdict({ sources: [lost], book, probe })).toEqual({
    status: "degraded",
    reasons: ["coincap is down: connection refused"],
  });
  const holding = source({ standing: "holding", standingReason: "back for less than 30 s" });
  expect(verdict({ sources: [holding], book, probe }).status).toBe("degraded");
});

it("does not count a source that is off, for want of a key, as a fault", () => {
  const off = source({ state: "off", standing: "lost" });
  expect(verdict({ sources: [off], book, probe }).status).toBe("ok");
});

it("is degraded while draining, and says so", () => {
  expect(verdict({ sources: [source()], book, probe, draining: true })).toMatchObject({
    status: "degraded",
    reasons: [expect.stringContaining("draining")],
  });
});

it("is ready from the first price on, through an outage of all exchanges, not while draining", () => {
  expect(unready({ draining: false, assets: 0, probe })).toMatch(/no price/);
  expect(unready({ draining: false, assets: 5, probe })).toBeUndefined();
  expect(
    unready({ draining: false, assets: 5, probe: { ...probe, verdict: "quiet" } }),
  ).toBeUndefined();
  expect(unready({ draining: true, assets: 5, probe })).toMatch(/restarting/);
  const dead = { ...probe, verdict: "fail" as const, frames: 0 };
  expect(unready({ draining: false, assets: 5, probe: dead })).toMatch(/gets nothing/);
});
