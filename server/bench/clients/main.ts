/** `npm run chaos:clients -- --seed 1 --runs 1000`, or `--slow` for clients that read slowly. */
import { parseArgs } from "node:util";
import { runMany } from "./many.ts";
import { report } from "./run.ts";
import { runSlow } from "./slow/slow.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    runs: { type: "string", default: "1000" },
    slow: { type: "boolean", default: false },
  },
});
const [seed, runs] = [Number(values.seed), Number(values.runs)];
if (!Number.isInteger(seed) || !Number.isInteger(runs) || runs < 1) {
  console.error("--seed and --runs are whole numbers.");
  process.exit(2);
}

if (values.slow) {
  process.exitCode = (await runSlow(console.log)) ? 0 : 1;
} else {
  console.log(`${runs} runs from seed ${seed} on`);
  const { failures, leaks, counts, runsPerS } = await runMany({ seed, runs }, (done) => {
    if (done % 100 === 0) console.log(`${done} runs`);
  });
  for (const failure of failures) console.log(report(failure));
  for (const leak of leaks) console.log(`VIOLATION: ${leak}`);
  console.table({ ...counts, runsPerS });
  const isWell = failures.length + leaks.length === 0;
  console.log(isWell ? "No violation." : "Repeat one with --seed and --runs 1.");
  process.exitCode = isWell ? 0 : 1;
}
