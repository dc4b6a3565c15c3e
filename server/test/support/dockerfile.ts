export type Instruction = { name: string; args: string };
export type Stage = { name: string; base: string; steps: Instruction[] };

/** The stages of a Dockerfile whose instructions are a line each. */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of text.split("\n")) {
    const [, name = "", args = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (name === "FROM") {
      const [base = "", , as = "final"] = args.split(" ");
      stages.push({ name: as, base, steps: [] });
    } else if (name) stages.at(-1)?.steps.push({ name, args });
    else if (line && !line.startsWith("#")) throw new Error(`no instruction: ${line}`);
  }
  return stages;
}

/** What a COPY takes from where to where. */
export function readCopy(args: string): { from: string | undefined; files: string[]; to: string } {
  const words = args.split(" ");
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
  const paths = words.filter((word) => !word.startsWith("--"));
  return { from, files: paths.slice(0, -1), to: paths.at(-1) ?? "" };
}

/** The words of an instruction in the form of a JSON array: no shell reads it, so signals arrive. */
export const readExec = (args: string): string[] => JSON.parse(args.replace(/^.*?(?=\[)/, ""));

/**
 * Whether an engine gets to see a file: the last pattern that fits it or a folder of it decides.
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function inContext(dockerignore: string, file: string): boolean {
  const parts = file.split("/");
  const paths = parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
  let isIn = true;
  for (const line of dockerignore.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const pattern = patternOf(line.replace(/^!/, ""));
    if (paths.some((path) => pattern.test(path))) isIn = line.startsWith("!");
  }
  return isIn;
}

/** Unlike in a shell, `*` takes names that begin with a dot as well. */
const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replace(/\*\*\/|\*|\./g, (part) => ({ "**/": "(.*/)?", "*": "[^/]*" })[part] ?? `\\${part}`)}$`,
  );
