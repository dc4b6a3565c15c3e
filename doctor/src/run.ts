import type { Result } from "./checks/index.ts";
import { isWell, jsonOf } from "./report/json.ts";
import { type Look, summaryOf, textOf } from "./report/text.ts";

/** What a run of the doctor does with the world. */
export type Desk = {
  examine(): Promise<Result[]>;
  print(text: string): void;
  /** Told after each look. */
  settle(well: boolean): void;
  /** Waits until it is time to look again; false: there is no again. */
  pause(): Promise<boolean>;
  now(): Date;
  look: Look;
};

/** Looks and reports; after each pause again, but then only what has changed. */
export async function run({ json }: { json: boolean }, desk: Desk): Promise<void> {
  const { examine, print, settle, pause, now, look } = desk;
  let state = await examine();
  settle(isWell(state));
  print(json ? jsonOf(state) : `${textOf(state, look)}\n\n${summaryOf(state)}`);
  while (await pause()) {
    const next = await examine();
    const changes = changesOf(state, next);
    state = next;
    settle(isWell(state));
    if (changes.length === 0) continue;
    const news = `\n${now().toISOString()}\n${textOf(changes, look)}\n${summaryOf(state)}`;
    print(json ? jsonOf(state) : news);
  }
}

/** Numbers that are seen change all the time: they are no news. */
function changesOf(before: readonly Result[], after: readonly Result[]): Result[] {
  const known = new Set(before.map(keyOf));
  return after.filter((result) => !known.has(keyOf(result)));
}

const keyOf = ({ name, status, mend }: Result): string => `${name} ${status} ${mend ?? ""}`;
