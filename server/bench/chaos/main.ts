/** `npm run chaos -- --seed 1 --for 5m --policy priority` */
import { parseArgs } from "node:util";
import { policyNames } from "../../src/feed/price/policies.ts";
import { type ChaosReport, runChaos } from "./chaos.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    for: { type: "string", default: "5m" },
    policy: { type: "string", default: "priority" },
  },
});
const policy = policyNames.find((name) => name === values.policy);
const seed = Number(values.seed);
const [, number, unit] = /^(\d+)(s|m)$/.exec(values.for) ?? [];
const forMs = Number(number) * (unit === "m" ? 60_000 : 1000);
if (!policy || !Number.isInteger(seed) || !(forMs >= 20_000)) {
  console.error(
    `--seed is a whole number, --for 20s or more, --policy one of ${policyNames.join(", ")}.`,
  );
  process.exit(2);
}

console.log(`Chaos with seed ${seed} for ${values.for}, policy ${policy}`);
const report = await runChaos({ seed, forMs, policy });
console.log(report.violations.length > 0 ? failure(report) : "No violation.");
console.table(report.faults);
console.table(report.counts);
process.exitCode = report.violations.length > 0 ? 1 : 0;

function failure({ violations, outages, startedAt, log }: ChaosReport): string {
  const s = (ms: number) => `${(ms / 1000).toFixed(2).padStart(7)} s`;
  return [
    "Faults so far:",
    ...outages.map(({ exchange, fault, detail, from, mendedAt }) => {
      const until = mendedAt === Number.POSITIVE_INFINITY ? "now" : s(mendedAt - startedAt);
      return `${s(from - startedAt)} to ${until}  ${exchange} ${fault} ${JSON.stringify(detail)}`;
    }),
    "The gateway's last words:",
    ...log,
    `Violations of seed ${seed}:`,
    ...violations.map(({ atMs, what }) => `${s(atMs)}  ${what}`),
  ].join("\n");
}
