import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingList } from "../src/config/settings.ts";
import { sources } from "../src/sources/index.ts";
import { type Rig, startRig } from "./support/gateway.ts";
import { ROOT, read } from "./support/repository.ts";

const OPERATIONS = read("docs/operations.md");
const OF_OTHER_PROGRAMS = ["--max-semi-space-size", "--heapsnapshot-signal"];
const DOCS = ["docs/operations.md", "docs/deploy.md"];

/** What stands in backticks in the rows of the tables that begin with `where`. */
const quoted = (where: string) =>
  OPERATIONS.split("\n")
    .filter((line) => line.startsWith(`| ${where} |`))
    .flatMap((line) => [...line.slice(where.length + 4).matchAll(/`([^`]+)`/g)])
    .map(([, text = ""]) => text);

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** All texts of the gateway's sources, as patterns: what is put in can be anything. */
const texts = globSync("server/src/**/*.ts", { cwd: ROOT })
  .flatMap((file) => [...read(file).matchAll(/"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g)])
  .map(([, plain, template]) => plain ?? template ?? "")
  .filter((text) => text.replace(/\$\{[^}]*\}/g, "").trim().length >= 6)
  .map(
    (text) =>
      new RegExp(
        `^${text
          .split(/\$\{[^}]*\}/)
          .map(escaped)
          .join(".+")}$`,
      ),
  );
const isSaid = (text: string) => texts.some((pattern) => pattern.test(text));

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

describe("docs/operations.md", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig?.close());

  it("quotes only log lines and reasons that the gateway says, word by word", () => {
    const sentences = [...quoted("log"), ...quoted("`/health`"), ...quoted("`/readyz`")].filter(
      (text) => text.includes(" "),
    );
    expect(sentences.length).toBeGreaterThan(50);
    expect(sentences.filter((text) => !isSaid(text))).toEqual([]);
    // What is looked for can be missing.
    expect(isSaid("Broadcast prices to … clients")).toBe(false);
  });

  it("names only fields, states and codes that /health has", () => {
    const health = rig.gateway.health();
    const has = (path: string) =>
      path.split(".").reduce<unknown>((value, name) => {
        const [key = "", list] = name.split("[");
        const inner = typeof value === "object" && value ? Reflect.get(value, key) : undefined;
        return list === undefined || !Array.isArray(inner) ? inner : inner[0];
      }, health) !== undefined;
    const words = quoted("`/health`").filter((text) => !/[ …]|^--/.test(text));
    expect(words.length).toBeGreaterThan(10);
    const unknown = words.filter((word) => !has(word) && !isSaid(word) && !isCode(word));
    expect(unknown).toEqual([]);
  });

  const SOURCES = globSync("server/src/**/*.ts", { cwd: ROOT }).map(read).join("\n");
  /** A word of the sources' own: `fatal`, `too_many_clients`. */
  const isCode = (word: string) =>
    [`"${word}"`, `${word}:`].some((spelled) => SOURCES.includes(spelled));

  it("names only checks that the doctor has, and metrics that the gateway has", () => {
    const checks = [...read("docs/doctor.md").matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    const named = quoted("doctor").filter((text) => /^[a-z]\w*$/.test(text));
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !checks.includes(name))).toEqual([]);
    const metrics = quoted("metrics").filter((text) =>
      /^(price_stream|nodejs|process)_/.test(text),
    );
    expect(metrics.length).toBeGreaterThan(20);
    const listed = read("docs/metrics.md");
    expect(metrics.filter((name) => !listed.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it("has a place for every alert that sends people there", () => {
    const asked = [
      ...read("deploy/prometheus/alerts.yml").matchAll(/docs\/operations\.md#([\w-]+)/g),
    ];
    expect(asked.length).toBeGreaterThan(15);
    const places = anchorsOf(OPERATIONS);
    expect(
      asked.map(([, anchor]) => anchor).filter((anchor) => !places.includes(anchor ?? "")),
    ).toEqual([]);
  });
});

describe.each(DOCS)("%s", (file) => {
  const text = read(file);

  it("links only to what there is", () => {
    for (const [, link = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const target = path ? join("docs", path) : file;
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (anchor) expect(anchorsOf(read(target)), link).toContain(anchor);
    }
  });

  it("names only settings and commands that there are", () => {
    const variables = settingList.flatMap(({ env }) => env ?? []);
    const keys = sources.flatMap(({ facts }) => facts.keyVariable ?? []);
    for (const [name] of text.matchAll(/\b(PRICE_STREAM_[A-Z_]+|[A-Z]+_API_KEY)\b/g)) {
      expect([...variables, ...keys]).toContain(name);
    }
    const flags = settingList.flatMap(({ flag }) => flag?.split(" ")[0] ?? []);
    const others = read("docs/doctor.md").match(/--[a-z-]+/g) ?? [];
    for (const [, flag] of text.matchAll(/`(--[a-z-]+)/g)) {
      expect([...flags, ...others, ...OF_OTHER_PROGRAMS]).toContain(flag);
    }
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
    for (const [, name] of text.matchAll(/npm run (?:-s )?([\w:]+)/g))
      expect(scripts).toContain(name);
  });
});
