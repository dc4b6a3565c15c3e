import { expect, it } from "vitest";
import { createFailover } from "../../src/feed/failover.ts";

const TIMING = { failoverAfterMs: 30_000, holdMs: 20_000 };

function setUp() {
  const told: string[] = [];
  const failover = createFailover(["coincap", "binance"], TIMING, 0, (name, standing, reason) =>
    told.push(`${name} ${standing}: ${reason}`),
  );
  return { failover, told };
}

it("lets a source speak from its first data on", () => {
  const { failover } = setUp();
  expect(failover.standing(0)).toBe("waiting");
  failover.data(0, 100);
  expect(failover.standing(0)).toBe("speaking");
});

it("takes all assets from a source that brings no data for longer than the limit, not sooner", () => {
  const { failover, told } = setUp();
  failover.data(0, 1000);
  failover.sweep(31_000);
  expect(failover.standing(0)).toBe("speaking");
  failover.sweep(31_001);
  expect(failover.standing(0)).toBe("lost");
  expect(told).toContain("coincap lost: no data for 30 s");
});

it("takes them at once when the exchange refuses for good, and says why", () => {
  const { failover, told } = setUp();
  failover.data(0, 1000);
  failover.fatal(0, "401 unauthorized");
  expect(failover.standing(0)).toBe("lost");
  expect(told).toContain("coincap lost: 401 unauthorized");
});

it("gives them back only after the hold time, and begins it anew when the link breaks again", () => {
  const { failover } = setUp();
  failover.fatal(0, "403");
  failover.data(0, 100_000);
  expect(failover.standing(0)).toBe("holding");
  failover.data(0, 115_000);
  failover.down(0, "closed with 1006");
  expect(failover.standing(0)).toBe("lost");
  failover.data(0, 116_000);
  failover.data(0, 135_000);
  failover.sweep(135_999);
  expect(failover.standing(0)).toBe("holding");
  failover.sweep(136_000);
  expect(failover.standing(0)).toBe("speaking");
});

it("does not give them back on hold time without data", () => {
  const { failover } = setUp();
  failover.fatal(0, "403");
  failover.data(0, 100_000);
  failover.sweep(130_001);
  expect(failover.standing(0)).toBe("lost");
});

it("keeps a source speaking through a short loss of its link", () => {
  const { failover } = setUp();
  failover.data(0, 1000);
  failover.down(0, "closed");
  failover.sweep(20_000);
  failover.data(0, 21_000);
  expect(failover.standing(0)).toBe("speaking");
});

it("counts a source lost that never brought anything", () => {
  const { failover } = setUp();
  failover.sweep(30_001);
  expect(failover.standing(1)).toBe("lost");
});
