import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Keeps a process on some of the cores; Linux has it. */
const TASKSET = "taskset";

/** Of `npm start` in the root's package.json, for everybody who is measured. */
const NODE_FLAGS = ["--max-semi-space-size=4"];

type Answers = Record<string, () => unknown>;

/** A process of our own that answers questions, one at a time. */
export type Child<Told extends Answers> = {
  /** @throws Error where the process has ended */
  ask<Name extends keyof Told & string>(name: Name): Promise<Awaited<ReturnType<Told[Name]>>>;
  /** Ends it, whatever it does. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts `file` with one argument, which it reads by `argument()`, on one core if `core` is given. */
export function start<Told extends Answers>(
  file: URL,
  argument: unknown,
  core: string | undefined,
): Child<Told> {
  const path = fileURLToPath(file);
  const pinned = core && {
    execPath: TASKSET,
    execArgv: ["-c", core, process.execPath, ...NODE_FLAGS],
  };
  const child = fork(path, [JSON.stringify(argument)], { execArgv: NODE_FLAGS, ...pinned });
  const exit = once(child, "exit");
  const early = exit.then(([code]) => {
    throw new Error(`${path} ended early, with ${code}`);
  });
  early.catch(() => undefined);
  return {
    async ask(name) {
      child.send(name);
      const [answer] = await Promise.race([once(child, "message"), early]);
      return JSON.parse(answer);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}

/** In the process: answers what its parent asks, and goes with it. */
export function answer(answers: Answers): void {
  process.on("disconnect", () => process.exit());
  process.on("message", async (name) => {
    const told = await answers[String(name)]?.();
    process.send?.(JSON.stringify(told ?? null));
  });
}

/** In the process: what it was started with. */
export const argument = (): string => process.argv[2] ?? "";

/** Two cores that this process may use, for `start`; none where there is no second one, or no `taskset`. */
export function twoCores(): [string, string] | undefined {
  const { stdout } = spawnSync(TASKSET, ["-cp", String(process.pid)], { encoding: "utf8" });
  const allowed = stdout?.split(":").at(-1)?.match(/\d+/g) ?? [];
  const [first, last] = [allowed[0], allowed.at(-1)];
  return first && last && first !== last ? [first, last] : undefined;
}
