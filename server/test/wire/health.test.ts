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
  staleAfterMs: 60_000,
};
const probe: Stages["probe"] = {
  verdict: "pass",
  seen: "a price after 5 ms",
  frames: 2,
  firstPriceMs: 5,
  ageMs: 100,
};
const hub: Stages["hub"] = { lastFrameAgeMs: { plain: 900, v1: null, sse: 4000 } };
const well = { sources: [source()], book, hub, probe };

it("is ok when every stage and the probe are", () => {
  expect(verdict(well)).toEqual({ status: "ok", reasons: [] });
});

it("is down when the probe gets no price, however well the stages say they are", () => {
  const failed = { ...probe, verdict: "fail" as const, seen: "connected, but no message came" };
  expect(verdict({ ...well, probe: failed })).toEqual({
    status: "down",
    reasons: ["self-probe: connected, but no message came"],
  });
});

it("is down when clients of one contract are sent nothing, though the probe, of another, gets prices", () => {
  const hub = { lastFrameAgeMs: { plain: 900, v1: 41_000, sse: null } };
  expect(verdict({ ...well, hub })).toEqual({
    status: "down",
    reasons: ["clients of v1 have been sent nothing for 41 s"],
  });
});

it("is down without a fresh price", () => {
  const old = { ...book, fresh: 0, stale: 10 };
  expect(verdict({ ...well, book: old }).status).toBe("down");
  const empty = { ...book, assets: 0, fresh: 0 };
  expect(verdict({ ...well, book: empty }).status).toBe("down");
});

it("is degraded while a source is down or does not speak, and says why", () => {
  const lost = source({ state: "down", stateReason: "connection refused", standing: "lost" });
  expect(verdict({ ...well, sources: [lost] })).toEqual({
    status: "degraded",
    reasons: ["coincap is down: connection refused"],
  });
  const holding = source({ standing: "holding", standingReason: "back for less than 30 s" });
  expect(verdict({ ...well, sources: [holding] }).status).toBe("degraded");
});

it("does not count a source that is off, for want of a key, as a fault", () => {
  const off = source({ state: "off", standing: "lost" });
  expect(verdict({ ...well, sources: [off] }).status).toBe("ok");
});

it("is degraded while draining, and says so", () => {
  expect(verdict({ ...well, draining: true })).toMatchObject({
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
