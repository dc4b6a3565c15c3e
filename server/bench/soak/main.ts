/** `npm run soak -- --for 12h --seed 1 --json` */
import { parseArgs } from "node:util";
import { type Row, type Sample, WARM_UP } from "./measures.ts";
import { runSoak, type SoakReport } from "./soak.ts";

const UNITS = new Map([
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);
/** Long enough for a trend after the warm-up, ms. */
const LEAST_MS = 1.5 * WARM_UP.leastMs;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    for: { type: "string", default: "10m" },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const [, number, unit = ""] = /^(\d+)(s|m|h)$/.exec(values.for) ?? [];
const forMs = Number(number) * (UNITS.get(unit) ?? Number.NaN);
if (!Number.isInteger(seed) || !(forMs >= LEAST_MS)) {
  console.error(
    "--seed is a whole number, --for 6m or more, of which four minutes are warm-up: 10m, 12h.",
  );
  process.exit(2);
}

const say = values.json ? () => {} : console.log;
say(`Soak with seed ${seed} for ${values.for}`);
let told = 0;
const report = await runSoak({ seed, forMs }, (sample) => {
  // Ten lines of a run are enough to see that it goes on.
  if (Math.floor((sample.atMs / forMs) * 10) === told) return;
  told = Math.floor((sample.atMs / forMs) * 10);
  say(line(sample));
});
if (values.json) console.log(JSON.stringify(report));
else print(report);
process.exitCode = report.ok ? 0 : 1;

function line({ atMs, ...sample }: Sample): string {
  const rest = Object.entries(sample).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  return `${(atMs / 60_000).toFixed(1).padStart(6)} min  ${rest.join("  ")}`;
}

function print({ rows, complaints, counts, ok }: SoakReport) {
  console.table(Object.fromEntries(rows.map((row) => [row.measure, cells(row)])));
  console.table(counts);
  for (const what of complaints) console.log(`WRONG: ${what}`);
  for (const { measure } of rows.filter(({ verdict }) => verdict === "open")) {
    console.log(`${measure}: it takes a longer run to tell whether it grows.`);
  }
  console.log(ok ? "Nothing grows that must not." : `Repeat it with --seed ${seed}.`);
}

function cells({ trend, allowed, verdict }: Row) {
  const round = (value = Number.NaN) => Math.round(value * 100) / 100;
  return {
    from: round(trend?.first),
    to: round(trend?.last),
    noise: round(trend?.noise),
    "per hour": round(trend?.perHour),
    "±": round(trend?.uncertainty),
    allowed: round(allowed),
    verdict,
  };
}
