import { aligned, machine, median } from "../common/table.ts";
import type { Result, Row } from "./measure.ts";

/** Our time divided by theirs on the same frames: the median of all rounds, at three decimals. */
function ratio(ours: Row, theirs: Row): number {
  const ratios = ours.wall.map((time, round) => time / (theirs.wall[round] ?? Number.NaN));
  return Math.round(median(ratios) * 1000) / 1000;
}

/** One figure for each of the others, by its key: the worst of all workloads. */
export function ratiosOf(results: readonly Result[]): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const { ours, others } of results) {
    for (const other of others) {
      const { key } = other.contender;
      ratios[key] = Math.max(ratios[key] ?? 0, ratio(ours, other));
    }
  }
  return ratios;
}

export function report(results: readonly Result[]): string {
  const contenders = results.flatMap(({ ours, others }) => [ours, ...others]);
  const computes = new Map(contenders.map(({ contender }) => [contender.name, contender.computes]));
  const legend = [...computes].map(([name, what]) => `${name}: ${what}`);
  return [machine, ...legend, ...results.map(section)].join("\n");
}

function section({ workload, ours, others }: Result): string {
  const { told, changed } = workload.prices();
  const share = Math.round((100 * changed) / told);
  const head = ["", "frames/s", "µs/frame", "CPU µs/frame", "ours ÷ theirs"];
  const rows = [ours, ...others].map((row) => [
    row.contender.name,
    Math.round(1e6 / median(row.wall)).toLocaleString("en"),
    median(row.wall).toFixed(2),
    row.cpu.toFixed(2),
    row === ours ? "" : ratio(ours, row).toFixed(2),
  ]);
  return [
    `\n${workload.contents}; ${share} % of the prices differ from the last`,
    ...aligned([head, ...rows]),
  ].join("\n");
}
