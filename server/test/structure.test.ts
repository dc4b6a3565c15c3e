import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Stages from left to right: a stage may import what lies to its left. */
const STAGES = ["sources", "feed", "book", "metadata", "hub", "wire", "metrics"];
/** Common ground of all stages. */
const COMMON = ["types.ts", "errors.ts", "clock.ts", "format.ts"];

const PURE = [
  "server/src/types.ts",
  "server/src/format.ts",
  "server/src/errors.ts",
  "server/src/sources/*.ts",
  "server/src/book/*.ts",
  "server/src/metadata/*.ts",
  "server/src/hub/*.ts",
  "server/src/metrics/{book,family,hub,service,sources}.ts",
  "server/src/feed/{choice,complaints,failover,identity,intake}.ts",
  "server/src/feed/link/{attempt,backoff,budget,failure,links,outbox,poll,refusal,runner,shares}.ts",
  "server/src/feed/price/*.ts",
  "server/src/feed/recording/{redact,tap}.ts",
  "server/src/wire/{address,admission,deflate,frames,health,limits,origins,places,plain,proxy-hint,query,rate,tally,v1}.ts",
  "client/src/{protocol,backoff,mirror,store,turns,url,vitals}.ts",
  "client/src/v1/{ledger,session}.ts",
  "client/src/tabs/{lent-clock,messages,view,watch}.ts",
  "client/src/plain/{messages,events}.ts",
  "client/src/protocol/*.ts",
];
const IMPURE =
  /from "(?:ws|node:(?:net|http|https|fs|dns|tls|child_process|timers)[^"]*)"|\b(?:setTimeout|setInterval|setImmediate|fetch)\(|Date\.now|performance\.now|Math\.random|process\./;

const files = (...patterns: string[]) =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
const source = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** What a file imports: paths of the project, or names of packages. */
const imports = (file: string): string[] =>
  [...source(file).matchAll(/(?:from|import)\s+"([^"]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? normalize(join(dirname(file), name)) : name,
  );

const stageFiles = STAGES.flatMap((stage) =>
  files(`server/src/${stage}/**/*.ts`).map((file) => ({ stage, file })),
);

it.each(stageFiles)("$file imports only from its left", ({ stage, file }) => {
  const allowed = STAGES.slice(0, STAGES.indexOf(stage) + 1);
  for (const imported of imports(file).filter((name) => name.startsWith("server/"))) {
    const path = relative("server/src", imported);
    expect(COMMON.includes(path) || allowed.includes(path.split("/")[0] ?? ""), imported).toBe(
      true,
    );
  }
  const contract = imports(file).some((name) => name.startsWith("@cryptovault/"));
  expect(contract && !["hub", "wire"].includes(stage)).toBe(false);
});

it("lets only gateway, its public entry and cli see the stages, and nobody below see them", () => {
  const top = /server\/src\/(cli\/|(gateway|ingest|delivery|index)\.ts)/;
  const offenders = files("server/src/**/*.ts")
    .filter((file) => !top.test(file))
    .filter((file) => imports(file).some((name) => top.test(name)));
  expect(offenders).toEqual([]);
});

it("keeps the emulator and the gateway's stages apart", () => {
  for (const file of files("server/src/emulator/**/*.ts")) {
    for (const name of imports(file).filter((name) => name.startsWith("server/"))) {
      expect(name).toMatch(
        /src\/(emulator\/|types\.ts|clock\.ts|format\.ts|sources\/assets\.json)/,
      );
    }
  }
  for (const { file } of stageFiles) {
    expect(imports(file).filter((name) => name.includes("/emulator/"))).toEqual([]);
  }
});

it("lets the contract import only itself, the client too, the page only the client", () => {
  for (const file of files("client/src/protocol.ts", "client/src/protocol/*.ts")) {
    for (const name of imports(file)) expect(name).toMatch(/^client\/src\/protocol(\.ts$|\/)/);
  }
  for (const file of files("client/src/**/*.{ts,tsx}")) {
    for (const name of imports(file)) expect(name).toMatch(/^client\/src\/|^react$/);
  }
  for (const file of files("web/src/**/*.{ts,tsx}")) {
    for (const name of imports(file)) {
      expect(name).toMatch(
        /^web\/src\/|^(react|react-dom|lightweight-charts|@cryptovault\/price-stream)(\/|$)/,
      );
    }
  }
});

it.each(files(...PURE))("%s touches no socket, file, clock, timer or process", (file) => {
  expect(source(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")).not.toMatch(IMPURE);
});

it("reads the environment in cli alone", () => {
  const readers = files("server/src/**/*.ts").filter((file) =>
    source(file).includes("process.env"),
  );
  expect(readers.every((file) => file.startsWith("server/src/cli/"))).toBe(true);
});
