import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Contender } from "./contender.ts";
import type { Frame, Workload } from "./workloads.ts";

export type Rounds = {
  framesPerRound: number;
  /** Rounds in which the code is compiled; they are not counted. */
  warmUp: number;
  counted: number;
};

/** One workload, measured. */
export type Result = { workload: Workload; ours: Row; others: readonly Row[] };

export type Row = {
  contender: Contender;
  /** Time by the clock, µs per frame, one figure of each round. */
  wall: number[];
  /** Time of the processor, all threads, µs per frame on average. */
  cpu: number;
};

setFlagsFromString("--expose-gc");
const collectGarbage: (options: { type: "minor" }) => void = runInNewContext("gc");

/**
 * Lets all contenders take the same frames in turns, another one first in each round. Each begins
 * without the garbage of the others and pays for its own.
 * @throws Error where one of them has not made of the frames what it should
 */
export function measure(
  workload: Workload,
  ours: Contender,
  others: readonly Contender[],
  { framesPerRound, warmUp, counted }: Rounds,
): Result {
  const newRow = (contender: Contender): Row => ({ contender, wall: [], cpu: 0 });
  const result = { workload, ours: newRow(ours), others: others.map(newRow) };
  const rows = [result.ours, ...result.others];
  for (let round = 0; round < warmUp + counted; round++) {
    const frames = workload.next(framesPerRound);
    const first = round % rows.length;
    for (const row of [...rows.slice(first), ...rows.slice(0, first)]) {
      const { wall, cpu } = clock(row.contender, frames);
      row.contender.prove(frames);
      if (round < warmUp) continue;
      row.wall.push(wall);
      row.cpu += cpu / counted;
    }
  }
  return result;
}

function clock(contender: Contender, frames: readonly Frame[]) {
  collectGarbage({ type: "minor" });
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  for (const frame of frames) contender.take(frame);
  const wall = Number(process.hrtime.bigint() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall: wall / frames.length, cpu: (user + system) / frames.length };
}
