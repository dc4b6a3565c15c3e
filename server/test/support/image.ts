import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { chownSync, copyFileSync, cpSync, globSync, lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { inContext, readCopy, readDockerfile, readExec, type Stage } from "./dockerfile.ts";
import { ROOT, read } from "./repository.ts";

/** Nobody, where the test itself is root: what an image is built and run as must not matter. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export type Image = {
  /** Bytes that are copied into it, and those of Node.js, which its base has. */
  bytes: number;
  nodeBytes: number;
  env: Record<string, string>;
  /** Runs one of the image's own commands as the image does, on top of its environment. */
  run(command: readonly string[], env?: Record<string, string>): ReturnType<typeof spawn>;
  command: string[];
  healthcheck: string[];
  /** A path of the image on this machine. */
  path(inside: string): string;
};

/** Does the steps of the Dockerfile in an empty folder, with a plain shell. */
export async function buildImage(folder: string): Promise<Image> {
  const context = join(folder, "context");
  for (const file of contextFiles()) {
    mkdirSync(dirname(join(context, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(context, file));
  }
  const node = join(folder, "nodejs/bin/node");
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
  const home = join(folder, "home");
  mkdirSync(home);
  own(folder);

  const stages = readDockerfile(read("Dockerfile"));
  const base = { ...wayToRegistry(), HOME: home, PATH: `${dirname(node)}:${process.env.PATH}` };
  const roots = new Map(stages.map(({ name }) => [name, join(folder, "stages", name)]));
  const rootOf = (stage: string | undefined) => (stage ? roots.get(stage) : undefined) ?? context;

  const build = async ({ name, steps }: Stage) => {
    const root = rootOf(name);
    const workdir = join(root, "app");
    const inside = (path: string) =>
      path.startsWith("/") ? join(root, path) : join(workdir, path);
    mkdirSync(workdir, { recursive: true });
    own(root);
    for (const { name, args } of steps) {
      if (name === "COPY") {
        const { from, files, to } = readCopy(args);
        for (const file of files) copy(join(rootOf(from), file), inside(to), to.endsWith("/"));
        own(root);
      }
      if (name === "RUN") await succeed("sh", ["-c", args], { cwd: workdir, env: base, ...user });
    }
  };
  const final = stages.at(-1);
  if (!final) throw new Error("The Dockerfile has no stage");
  await Promise.all(stages.filter((stage) => stage !== final).map(build));
  await build(final);

  const path = (inside: string) => join(rootOf(final.name), inside);
  // As with a read-only root: nobody writes where the program is.
  if (isRoot) own(path("app"), 0);
  const argsOf = (name: string) => final.steps.find((step) => step.name === name)?.args ?? "";
  const env = Object.fromEntries([argsOf("ENV").split("=")]);
  const onThisMachine = (words: readonly string[]) =>
    words.map((word) => (word === "/nodejs/bin/node" ? node : word));
  return {
    bytes: bytesOf(path(".")),
    nodeBytes: lstatSync(node).size,
    env,
    command: readExec(argsOf("ENTRYPOINT")),
    healthcheck: readExec(argsOf("HEALTHCHECK")),
    path,
    run(command, more = {}) {
      const [program = "", ...args] = onThisMachine(command);
      return spawn(program, args, { cwd: path("app"), env: { ...env, ...more }, ...user });
    },
  };
}

/** How this machine reaches the registry of packages; nothing else of its environment. */
function wayToRegistry(): Record<string, string> {
  const usual =
    /^(https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file|npm_config_(globalconfig|cafile))$/i;
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && usual.test(name) ? [[name, value] as const] : [],
  );
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" });
  return { ...Object.fromEntries(kept), npm_config_registry: registry.trim() };
}

/** What git knows or would take, less what .dockerignore keeps back. */
function contextFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const ignored = read(".dockerignore");
  return listed.split("\n").filter((file) => file !== "" && inContext(ignored, file));
}

/** A folder's content, or a file into a folder or under a new name. */
function copy(from: string, to: string, isFolder: boolean) {
  const isFile = lstatSync(from).isFile();
  const target = isFile && isFolder ? join(to, from.slice(from.lastIndexOf("/") + 1)) : to;
  cpSync(from, target, { recursive: true, verbatimSymlinks: true });
}

/** Only root can give away, and only root must. */
function own(folder: string, id = NOBODY) {
  if (!isRoot) return;
  chownSync(folder, id, id);
  execFileSync("chown", ["-R", "-h", `${id}:${id}`, folder]);
}

const bytesOf = (folder: string): number =>
  globSync("**", { cwd: folder }).reduce((sum, file) => {
    const stats = lstatSync(join(folder, file));
    return sum + (stats.isFile() ? stats.size : 0);
  }, 0);

function succeed(program: string, args: string[], options: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options);
    let output = "";
    const collect = (data: Buffer) => {
      output += data.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${args.join(" ")} ended with ${code}:\n${output}`)),
    );
  });
}
