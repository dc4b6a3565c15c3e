import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FANOUT = fileURLToPath(new URL("../fanout.ts", import.meta.url));

const SMALL = "--no-peers --runs 1 --clients 50 --crowd 50 --seconds 1.1".split(" ");

it("brings what each server sends to all of its clients, and prints the figures as one object", () => {
  // Where clients get nothing, or something else than was sent, it prints none.
  const printed = execFileSync(process.execPath, [FANOUT, "--json", ...SMALL], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { ratios, tenThousand, connectsPerS } = JSON.parse(printed);
  expect(ratios).toEqual({ netLoop: expect.any(Number), ws: expect.any(Number) });
  expect(Object.keys(tenThousand)).toEqual([
    "cpuPercent",
    "p50Ms",
    "p99Ms",
    "rssPerClientKiB",
    "bytesPerClientPerS",
    "loopP99Ms",
  ]);
  // Each second every client gets the new prices of 200 assets.
  expect(tenThousand.bytesPerClientPerS).toBeGreaterThan(500);
  expect(connectsPerS).toBeGreaterThan(0);
}, 60_000);

it("says what to do where too few files may be open", () => {
  const { stderr } = spawnSync(process.execPath, [FANOUT, "--clients", "100000000"], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/ulimit -n 100000100/);
});
