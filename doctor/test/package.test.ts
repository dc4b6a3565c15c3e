import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { buildPackage } from "../scripts/package.ts";
import { startFake } from "./support/fake.ts";
import { freePort } from "./support/nginx.ts";

const run = promisify(execFile);
let folder: string;
let app: string;

/** Packs it, and installs the tarball where there is nothing else. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "price-stream-doctor-"));
  app = join(folder, "app");
  const built = join(folder, "package");
  await mkdir(app);
  await buildPackage(built);
  const { stdout } = await run("npm", ["pack", built, "--silent"], { cwd: folder });
  await writeFile(join(app, "package.json"), '{ "private": true }');
  const tarball = join(folder, stdout.trim());
  await run("npm", ["install", tarball, "--offline", "--no-audit", "--no-fund"], { cwd: app });
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `npx` would run, on this Node. */
const doctor = (...args: string[]) =>
  run(process.execPath, [join(app, "node_modules/.bin/price-stream-doctor"), ...args], {
    cwd: app,
  }).then(
    ({ stdout }) => ({ code: 0, out: stdout, err: "" }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
  );

it.concurrent("is one file that can be run, and needs nothing else", async () => {
  const installed = await readdir(join(app, "node_modules"));
  expect(installed.filter((name) => !name.startsWith("."))).toEqual(["@cryptovault"]);
  expect(await readdir(join(app, "node_modules/@cryptovault"))).toHaveLength(1);
  const file = join(app, "node_modules", manifest.name, "doctor.js");
  expect((await stat(file)).mode & 0o111).not.toBe(0);
  expect((await doctor("--version")).out.trim()).toBe(manifest.version);
});

it.concurrent("finds nothing amiss with a gateway that is well, also as JSON", async () => {
  const fake = await startFake();
  const [{ code, out }, json] = await Promise.all([
    doctor(fake.url, "--for", "3s"),
    doctor(`${fake.url}/ws/prices`, "--for", "3s", "--json"),
  ]);
  await fake.close();
  expect({ code, last: out.trimEnd().split("\n").at(-1) }).toEqual({ code: 0, last: "All well." });
  expect(json.code).toBe(0);
  const { ok, checks } = JSON.parse(json.out);
  expect(ok).toBe(true);
  const label = { name: "label", status: "pass", seen: "live market", mend: null };
  expect(checks).toContainEqual(label);
});

it.concurrent("ends with 1 where something fails and with 2 where it is used wrongly", async () => {
  const [refused, wrong] = await Promise.all([
    doctor(`wss://localhost:${await freePort()}`, "--json"),
    doctor("localhost"),
  ]);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.out)).toMatchObject({ ok: false });
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("the URL of a gateway") });
});
