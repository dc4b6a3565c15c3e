import type { StreamStatus } from "@cryptovault/price-stream";
import { expect, it } from "vitest";
import { announcement } from "../src/status/announce.ts";

const status = (state: StreamStatus["state"], reason = "Fresh prices arrive."): StreamStatus => ({
  state,
  reason,
  attempt: 3,
  maxAttempts: 10,
  nextAttemptInMs: 4000,
  source: "coincap",
  label: "none",
});

it("tells of each new state in whole sentences", () => {
  expect(announcement("connecting", status("live"), true)).toBe("Connected. Prices are live.");
  expect(announcement("stale", status("live"), true)).toBe("Prices are live again.");
  expect(announcement("live", status("stale", "No exchange is there."), true)).toBe(
    "Prices are stale. No exchange is there.",
  );
  expect(
    announcement("reconnecting", status("failed", "Failed to establish a connection"), true),
  ).toBe("Failed to establish a connection. The prices shown are old. You can retry.");
});

it("tells of a lost connection once, whatever the attempts do, and never of a countdown", () => {
  const lost = status("reconnecting", "The connection was lost (code 1006).");
  expect(announcement("live", lost, true)).not.toMatch(/\d/);
  expect(announcement("reconnecting", lost, true)).toBeUndefined();
  expect(announcement("live", status("live"), true)).toBeUndefined();
});

it("claims nothing of prices where none are shown", () => {
  expect(announcement("reconnecting", status("failed", "Nobody answers."), false)).toBe(
    "Nobody answers. You can retry.",
  );
});
