import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { publint } from "publint";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { launchBrowser } from "../../web/test/support/browser.ts";
import manifest from "../package.json" with { type: "json" };
import { buildPackage } from "../scripts/package.ts";
import { isTooBig, measureSizes } from "../scripts/size.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
/** What the app has besides the package, as the workspace has it. */
const LINKED = ["react", "react-dom", "@types/react", "@types/react-dom"];
const WAIT = { timeout: 15_000 };

const run = promisify(execFile);
let folder: string;
let app: string;
let rig: Rig;
let browser: Browser;
let served: PreviewServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "price-stream-package-"));
  app = join(folder, "app");
  [rig, browser] = await Promise.all([startRig(), launchBrowser(), installPackage()]);
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  /** Word for word, but for where the gateway is. */
  const example = (language: string) => {
    const code = readme.match(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms"))?.[1] ?? "";
    expect(code).toContain("http://localhost:8000/");
    return code.replaceAll("localhost:8000", `127.0.0.1:${rig.gateway.port}`);
  };
  await Promise.all([
    writeFile(join(app, "index.html"), PAGE),
    writeFile(join(app, "public/widget.html"), `<!doctype html>${example("html")}`),
    writeFile(join(app, "src/main.tsx"), example("tsx")),
    writeFile(join(app, "prices.ts"), example("ts")),
    writeFile(join(app, "uses.tsx"), USES),
  ]);
  const vite = { root: app, configFile: false, logLevel: "error" } as const;
  await build(vite);
  served = await preview({ ...vite, preview: { host: "127.0.0.1", port: 0 } });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
  await rig?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Packs, and installs the tarball into an app that has nothing but React. */
async function installPackage() {
  const built = join(folder, "package");
  await buildPackage(built);
  const { stdout } = await run("npm", ["pack", built, "--silent"], { cwd: folder });
  for (const part of ["src", "public"]) await mkdir(join(app, part), { recursive: true });
  await writeFile(join(app, "package.json"), '{ "private": true, "type": "module" }');
  const tarball = join(folder, stdout.trim());
  await run("npm", ["install", tarball, "--offline", "--no-audit", "--no-fund"], { cwd: app });
  await mkdir(join(app, "node_modules/@types"));
  for (const name of LINKED) {
    await symlink(join(ROOT, "node_modules", name), join(app, "node_modules", name));
  }
}

const PAGE =
  '<!doctype html><div id="root"></div><script type="module" src="/src/main.tsx"></script>';

/** Each name that the package exports, used; and what must be an error is one, so the types are there. */
const USES = `
import { createPriceStream, type Price, type PriceStream } from "@cryptovault/price-stream";
import { createSharedPriceStream } from "@cryptovault/price-stream/tabs";
import { formatPrice } from "@cryptovault/price-stream/format";
import { createMirror } from "@cryptovault/price-stream/mirror";
import { PRICES_PATH } from "@cryptovault/price-stream/protocol";
import { decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";
import { PriceStreamProvider, usePrice, usePrices, usePriceWebSocket } from "@cryptovault/price-stream/react";
import "@cryptovault/price-stream/widget";

export const stream: PriceStream = createPriceStream({ url: PRICES_PATH, assets: ["bitcoin"] });
export const shared: PriceStream = createSharedPriceStream({ url: () => PRICES_PATH, share: "me" });
export const text = (price: Price): string => formatPrice(price.price);
export const position = createMirror().position()?.seq;
export const type: string | undefined = decodeServerMessage("{}")?.type;
export const Several = () => <p>{usePrices(["bitcoin"]).get("bitcoin")?.price}</p>;
export const Own = () => <PriceStreamProvider url="/ws/prices"><Several /></PriceStreamProvider>;
export const Given = () => <PriceStreamProvider stream={stream}><Several /></PriceStreamProvider>;
export const All = () => <p>{usePriceWebSocket({ autoReconnect: false }).status.reason}</p>;
// @ts-expect-error There is no stream without a URL.
createPriceStream({ interval: 1000 });
// @ts-expect-error There is no price before it came.
export const Eager = () => <p>{usePrice("bitcoin").price}</p>;
`;

it("has nothing for publint to complain about", async () => {
  const pkgDir = join(app, "node_modules/@cryptovault/price-stream");
  const { messages } = await publint({ pkgDir, strict: true, pack: false });
  expect(messages).toEqual([]);
});

it("brings its types to bundlers and to Node", async () => {
  for (const name of Object.keys(manifest.exports)) {
    expect(USES).toContain(`"@cryptovault/price-stream${name.slice(1)}"`);
  }
  const options = "--noEmit --strict --exactOptionalPropertyTypes --jsx react-jsx --target es2022";
  const files = ["uses.tsx", "src/main.tsx", "prices.ts"];
  const complaints = [
    "--module preserve --moduleResolution bundler",
    "--module nodenext --moduleResolution nodenext",
  ].map((resolution) => {
    const flags = `${options} ${resolution} --lib es2024,dom,dom.iterable`.split(" ");
    return run(process.execPath, [TSC, ...flags, ...files], { cwd: app }).then(
      () => "",
      ({ stdout }) => stdout,
    );
  });
  expect(await Promise.all(complaints)).toEqual(["", ""]);
}, 60_000);

it("weighs no more than promised", async () => {
  const sizes = await measureSizes();
  expect(sizes.filter(isTooBig)).toEqual([]);
});

it("runs the README's example for Node, which prints prices", async () => {
  const script = spawn(process.execPath, ["prices.ts"], { cwd: app });
  onTestFinished(() => void script.kill());
  let printed = "";
  script.stdout.on("data", (data) => {
    printed += data;
  });
  script.stderr.on("data", (data) => {
    printed += data;
  });
  await expect.poll(() => printed, WAIT).toMatch(/^\d+\.\d+ $/m);
  expect(printed).toMatch(/^live /m);
});

it("runs the README's React example in a fresh Vite app, where a price moves", async () => {
  const page = await browser.newPage();
  await page.goto(served.resolvedUrls?.local[0] ?? "");
  await expect.poll(() => page.innerText("#root"), WAIT).toContain("live, demo data");
  const bitcoin = () => page.getByText("bitcoin:").innerText();
  await expect.poll(bitcoin, WAIT).toMatch(/^bitcoin: \d+\.\d+ USD$/);
  const first = await bitcoin();
  await expect.poll(bitcoin, WAIT).not.toBe(first);
  expect(await page.getByText("ETH:").innerText()).toMatch(/^ETH: \d+\.\d+ USD$/);
  await page.close();
});

it("runs the README's line of HTML in a page of another origin, where a price moves", async () => {
  const page = await browser.newPage();
  await page.goto(`${served.resolvedUrls?.local[0]}widget.html`);
  const ticker = page.locator("price-ticker");
  await expect.poll(() => ticker.getByRole("status").innerText(), WAIT).toBe("Live");
  const bitcoin = () => ticker.getByRole("listitem").filter({ hasText: "bitcoin" }).innerText();
  await expect.poll(bitcoin, WAIT).toMatch(/\$\d{2,3},\d{3}\.\d{2}/);
  const first = await bitcoin();
  await expect.poll(bitcoin, WAIT).not.toBe(first);
  await page.close();
});
