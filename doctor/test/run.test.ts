import { expect, it } from "vitest";
import type { Result } from "../src/checks/index.ts";
import { lookOf, summaryOf, textOf } from "../src/report/text.ts";
import { run } from "../src/run.ts";

const PLAIN = { colour: false, columns: undefined };
const well = (name: string, seen = "fine"): Result => ({ name, status: "pass", seen, mend: null });
const broken = (name: string, seen = "broken"): Result => ({
  name,
  status: "fail",
  seen,
  mend: `Mend the ${name}.`,
});
const because = (name: string, root: string): Result => ({
  name,
  status: "skip",
  seen: `because ${root} failed`,
  mend: null,
});
const warned = (name: string): Result => ({ ...well(name, "DEMO"), mend: "Think." }) as Result;

it("lists the checks in columns, and tells in one line what was skipped for the same reason", () => {
  const results = [
    well("dns"),
    broken("connect"),
    because("tls", "connect"),
    because("http", "connect"),
  ];
  expect(textOf(results, PLAIN)).toBe(
    [
      "  pass  dns        fine",
      "  FAIL  connect    broken",
      "                   → Mend the connect.",
      "  skip  tls        because connect failed; so are http",
    ].join("\n"),
  );
});

it("breaks long lines between words, under their column", () => {
  const text = textOf([well("dns", "one two three four five six")], { ...PLAIN, columns: 42 });
  expect(text).toBe("  pass  dns        one two three four five\n                   six");
});

it("ends in one line that names what to mend first, or warns, or says that all is well", () => {
  const first = "2 of 3 checks fail. Mend first: connect. Mend the connect.";
  expect(summaryOf([well("dns"), broken("connect"), broken("http")])).toBe(first);
  expect(summaryOf([well("dns"), warned("label")])).toBe("All well, but: label. DEMO");
  expect(summaryOf([well("dns"), because("x", "y")])).toBe("All well.");
});

it("has colours only on a terminal, and none where NO_COLOR asks for none", () => {
  expect(lookOf({ isTTY: true, columns: 80 }, {})).toEqual({ colour: true, columns: 80 });
  expect(lookOf({ isTTY: true, columns: 80 }, { NO_COLOR: "1" }).colour).toBe(false);
  expect(lookOf({ columns: 80 }, {})).toEqual(PLAIN);
  const red = `${String.fromCharCode(27)}[31m`;
  expect(textOf([broken("dns")], { ...PLAIN, colour: true })).toContain(`${red}FAIL`);
  expect(textOf([broken("dns")], PLAIN)).not.toContain(red);
});

/** Looks as often as there are states, and no more. */
async function watched(states: Result[][], json = false) {
  const printed: string[] = [];
  const settled: boolean[] = [];
  const left = [...states];
  await run(
    { json },
    {
      examine: async () => left.shift() ?? [],
      print: (text) => printed.push(text),
      settle: (isWell) => settled.push(isWell),
      pause: async () => left.length > 0,
      now: () => new Date("2026-11-24T03:00:00Z"),
      look: PLAIN,
    },
  );
  return { printed, settled };
}

it("tells after the first look only what has changed, be the numbers others", async () => {
  const { printed, settled } = await watched([
    [well("dns"), well("prices", "after 3 ms")],
    [well("dns"), well("prices", "after 4 ms")],
    [well("dns"), broken("prices")],
    [well("dns"), broken("prices", "broken for longer")],
    [well("dns"), well("prices")],
  ]);
  expect(printed).toEqual([
    "  pass  dns        fine\n  pass  prices     after 3 ms\n\nAll well.",
    "\n2026-11-24T03:00:00.000Z\n  FAIL  prices     broken\n                   → Mend the prices.\n1 of 2 checks fail. Mend first: prices. Mend the prices.",
    "\n2026-11-24T03:00:00.000Z\n  pass  prices     fine\nAll well.",
  ]);
  expect(settled).toEqual([true, true, false, false, true]);
});

it("gives programs the same facts, whole, at each change", async () => {
  const states = [[well("dns")], [well("dns", "again")], [broken("dns")]];
  const { printed } = await watched(states, true);
  expect(printed.map((text) => JSON.parse(text))).toEqual([
    { ok: true, checks: [{ name: "dns", status: "pass", seen: "fine", mend: null }] },
    { ok: false, checks: [{ name: "dns", status: "fail", seen: "broken", mend: "Mend the dns." }] },
  ]);
});
