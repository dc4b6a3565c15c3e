/** What two contracts of the same gateway say of the same prices. */
import { expect, it } from "vitest";
import { aged, apart, lacking } from "../src/checks/contracts.ts";
import { isPrice } from "../src/tally/price.ts";
import { onFake, tellsApart } from "./support/broken.ts";
import { change, events, IDS, status, update } from "./support/fake.ts";
import { BRIEF } from "./support/look.ts";

const REFS = IDS.map((_, place) => Math.min(place, 1));
const brief = { timing: BRIEF };

/** v1 with all prices an hour old. */
const old = (n: number) =>
  change(n, {
    facts: [
      {
        assets: REFS,
        names: IDS,
        source: "coincap",
        quote: "USD",
        stale: IDS.map(() => 3_600_000),
      },
    ],
  });

tellsApart([
  onFake(
    "v1 that calls all prices old, while the plain contract has them fresh",
    { change: old },
    ["v1"],
    /^12 assets after [\d.]+ m?s; 12 of 12 that are fresh in the plain contract are old here$/,
    /cryptovault\.v1\.json does not work/,
    brief,
  ),
  onFake(
    "events that call all prices old, while WebSocket has them fresh",
    { routes: { "/sse/prices": events(100, Number.POSITIVE_INFINITY, old) } },
    ["sse"],
    /^12 of 12 that are fresh over WebSocket are old here$/,
    /^Restart the gateway/,
    brief,
  ),
  onFake(
    "updates of the plain contract without a price",
    { update: (n) => update(n, { prices: {} }), status: status({ prices_cached: 0 }) },
    ["prices", "truth"],
    /^a hello, then \d+ updates without a price within [\d.]+ m?s, though the gateway says it has 0 /,
    /pages without a subprotocol get fewer prices/,
    brief,
  ),
  onFake(
    "a plain contract that has fewer prices than v1",
    { update: (n) => update(n, { prices: { bitcoin: `97000.${n}` } }) },
    ["prices", "truth"],
    /^1 asset, most by coincap, without coin-0, coin-1, coin-2 and 8 more that v1 has, and has as fresh$/,
    /pages without a subprotocol get fewer prices/,
    brief,
  ),
  onFake(
    "prices of the plain contract that are a hundred times those of v1",
    {
      update: (n) =>
        update(n, { prices: Object.fromEntries(IDS.map((id) => [id, `9700000.${n}`])) }),
    },
    ["v1"],
    /most of them far from those of the plain contract: bitcoin 9700000\.\d+ and 97000\.\d+, coin-0 /,
    /one of its two contracts tells wrong prices/,
    brief,
  ),
  onFake(
    "v1 that is dated an hour ago, while the plain contract is of now",
    {
      change: (n) => change(n, { timestamp: new Date(Date.now() - 3_600_000).toISOString() }),
    },
    ["clock"],
    /^updates of v1 are dated 60 min before this machine's clock, those of the plain contract \d+ ms (before|after) it$/,
    /its two contracts tell different times/,
    brief,
  ),
  onFake(
    "prices that are none for a moment",
    {
      update: (n) =>
        n === 3 ? update(n, { prices: Object.fromEntries(IDS.map((id) => [id, "0"])) }) : update(n),
    },
    ["prices", "truth"],
    /^12 of 12 prices are none, in 1 of \d+ updates: bitcoin "0", coin-0 "0", coin-1 "0" and 9 more$/,
    /a decimal string above zero/,
    brief,
  ),
  onFake(
    "that none of few prices that move does so for the SDK",
    {
      change: (n) => (n === 0 ? change(0) : null),
      update: (n) =>
        update(n, {
          prices: Object.fromEntries(
            IDS.map((id, place) => [id, place < 5 && n > 3 ? "97000.1" : "97000.0"]),
          ),
        }),
    },
    ["v1"],
    /^12 assets after [\d.]+ m?s, of which 0 changed, and 5 of the plain contract$/,
    /cryptovault\.v1\.json does not work/,
    brief,
  ),
]);

it.each(["0x1F3", "1e5", "+5", " 5 ", "5.", ".5", "0", "0.00", "-1", ""])(
  "takes %j for no price",
  (text) => expect(isPrice(text)).toBe(false),
);

it.each(["5", "0.000000268721", "97000.10"])("takes %j for a price", (text) =>
  expect(isPrice(text)).toBe(true),
);

it("takes little that differs between contracts for what is under way", () => {
  const all = (price: string, stale = false) =>
    new Map(IDS.map((id) => [id, { price, stale }] as const));
  const mixed = new Map(
    [...all("1").entries()].map(
      ([id, price], place) => [id, place < 6 ? price : { price: "5", stale: true }] as const,
    ),
  );
  expect(aged(all("1"), mixed)).toBeUndefined();
  expect(apart(all("1"), mixed)).toBeUndefined();
  expect(lacking(all("1"), new Map([...all("1")].slice(1)))).toBeUndefined();
});
