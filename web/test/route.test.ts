import fc from "fast-check";
import { expect, it } from "vitest";
import { formatRoute, MARKET, parseRoute, type Route, SORT_KEYS } from "../src/route.ts";

it.each(["", "#", "#/", "#/?", "#/?sort=nonsense&fav=2&other=1"])(
  "takes %o for the list as it usually is",
  (hash) => {
    expect(parseRoute(hash)).toEqual(MARKET);
  },
);

it("takes a path for an asset, however it is written", () => {
  for (const hash of ["#/bitcoin", "#bitcoin", "#/bitcoin/", "#/bitcoin?q=ignored"]) {
    expect(parseRoute(hash)).toEqual({ view: "asset", asset: "bitcoin" });
  }
});

it("does not fall over an address that no URL could have", () => {
  expect(parseRoute("#/%E0%A4%A")).toEqual({ view: "asset", asset: "%E0%A4%A" });
});

it("writes what is usual as nothing", () => {
  expect(formatRoute(MARKET)).toBe("#/");
  const sorted: Route = { ...MARKET, sort: { key: "change", descending: true } };
  expect(formatRoute({ ...sorted, query: "bit", favouritesOnly: true })).toBe(
    "#/?q=bit&sort=-change&fav=1",
  );
});

it("understands every address that it writes", () => {
  const sort = fc.record({ key: fc.constantFrom(...SORT_KEYS), descending: fc.boolean() });
  const market = fc.record({
    view: fc.constant("market" as const),
    query: fc.string({ unit: "grapheme" }),
    sort,
    favouritesOnly: fc.boolean(),
  });
  const asset = fc.record({
    view: fc.constant("asset" as const),
    asset: fc.string({ unit: "grapheme", minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.oneof(market, asset), (route) => {
      expect(parseRoute(formatRoute(route))).toEqual(route);
    }),
  );
});
