/** What a cache sends again, as if it were of now. */
import { expect, it } from "vitest";
import { health as check } from "../src/checks/health.ts";
import type { HttpSeen } from "../src/seen.ts";
import { readTarget } from "../src/target.ts";
import { onFake, tellsApart } from "./support/broken.ts";
import { answer, health } from "./support/fake.ts";
import { BRIEF } from "./support/look.ts";

const MINUTES = 60_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

tellsApart([
  onFake(
    "prices of /api that come from a cache",
    {
      routes: {
        "/api/prices/bitcoin": answer(200, {
          id: "bitcoin",
          price: "97000.1",
          stale: false,
          receivedAt: ago(10 * MINUTES),
          timestamp: ago(10 * MINUTES),
        }),
      },
    },
    ["assets"],
    /^\/api\/prices\/bitcoin is dated 10 min before the last update of the stream$/,
    /keep no answers of \/api/,
    { wanted: ["bitcoin"], timing: BRIEF },
  ),
]);

/** What is said of two answers of /health, 15 s apart. */
function judge(uptimeS: number, later: number) {
  const target = readTarget("http://prices.example");
  if (!target) throw new Error("no target");
  const seen = (uptimeS: number): HttpSeen => {
    const body = JSON.stringify(health({ uptimeS }));
    return { ok: true, ms: 5, status: 200, headers: {}, body };
  };
  const question = { target, page: undefined, wanted: [], timing: BRIEF, version: "0.1.0" };
  return check.diagnose(
    { ...question, health: seen(uptimeS), healthAfter: seen(later), healthMs: 15_000 },
    new Set(),
  );
}

it("tells a /health that comes from a cache by a time that stands still", () => {
  const { status, seen, mend } = judge(3600, 3600);
  expect(status).toBe("fail");
  expect(seen).toBe("/health says after 15 s that it is up for 0 ms longer");
  expect(mend).toMatch(/keep no answers of \/health/);
});

it.each([
  ["that goes on", 3600, 3614],
  ["that begins anew with the gateway", 3600, 2],
])("has nothing against a time of /health %s", (_name, before, after) => {
  expect(judge(before, after)).toMatchObject({ status: "pass", mend: null });
});
