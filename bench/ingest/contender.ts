import type { Frame } from "./workloads.ts";

/** Somebody who takes frames and makes something of them. */
export type Contender = {
  name: string;
  /** Its name in the JSON. */
  key: string;
  /** What it makes of a frame, for the reader of the table. */
  computes: string;
  take(frame: Frame): void;
  /**
   * Checks that everything was made of the frames taken since the last call, which are `round`.
   * @throws Error if not: its time would mean nothing
   */
  prove(round: readonly Frame[]): void;
};

/** Compares what `name` has made with what is due, by number and by sum. */
export function same(name: string, made: readonly number[], due: readonly number[]): void {
  const [total, wanted] = [sum(made), sum(due)];
  if (made.length === due.length && Math.abs(total - wanted) <= 1e-9 * Math.abs(wanted)) return;
  throw new Error(
    `${name} made ${made.length} prices of sum ${total}, not ${due.length} of sum ${wanted}`,
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
