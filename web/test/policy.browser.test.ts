import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { settingList } from "../../server/src/config/settings.ts";
import type { Gateway } from "../../server/src/gateway.ts";
import { sources } from "../../server/src/sources/index.ts";
import { type Rig, startBare, startRig } from "../../server/test/support/gateway.ts";
import { launchBrowser } from "./support/browser.ts";

vi.setConfig({ testTimeout: 60_000 });

const WEB = fileURLToPath(new URL("..", import.meta.url));
const WAIT = { timeout: 15_000, interval: 50 };
const DARK = '"dark"';

/** What only the gateway may know: given to the build, as it may be where both are built together. */
const KEYS = [
  ...sources.flatMap(({ facts }) => facts.keyVariable ?? []),
  ...settingList.flatMap(({ secret, env }) => (secret && env ? [env] : [])),
];
const keyOf = (variable: string) => `not-for-the-page-${variable}`;

let browser: Browser;
let rig: Rig;
/** Neither the page's host nor its gateway. */
let other: Gateway;
let folder: string;
let host: PreviewServer;

beforeAll(async () => {
  [browser, rig, other] = await Promise.all([launchBrowser(), startRig(), startBare()]);
  folder = mkdtempSync(join(tmpdir(), "page-"));
  await buildFor(address(rig.gateway));
  host = await preview({
    root: WEB,
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port: 0 },
    logLevel: "silent",
  });
}, 60_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await browser?.close();
  await host?.close();
  await Promise.all([rig?.close(), other?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const address = ({ port }: Gateway) => `http://127.0.0.1:${port}`;

async function buildFor(url: string) {
  vi.stubEnv("VITE_API_URL", url);
  for (const variable of KEYS) vi.stubEnv(variable, keyOf(variable));
  await build({ root: WEB, build: { outDir: folder, emptyOutDir: true }, logLevel: "silent" });
}

/** A page that writes down what its policy keeps it from, in the dark theme from the start. */
async function open(url: string) {
  const page = await browser.newPage();
  const refused: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) refused.push(message.text());
  });
  await page.addInitScript((theme) => localStorage.setItem("cryptovault.theme", theme), DARK);
  await page.goto(url);
  return { page, refused };
}

const badge = (page: Page) => page.locator(".badge").getAttribute("data-state");

it("lets the page that the gateway serves do all it does: theme, styles, chart, widget, stream", async () => {
  const { page, refused } = await open(`${address(rig.gateway)}/#/bitcoin`);
  await expect.poll(() => badge(page), WAIT).toBe("live");
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  await expect.poll(() => page.locator("#tv-attr-logo").count(), WAIT).toBe(1);
  const logo = () =>
    page.locator("#tv-attr-logo").evaluate((link) => getComputedStyle(link).position);
  expect(await logo()).toBe("absolute");
  await page.evaluate(() => {
    const script = Object.assign(document.createElement("script"), { src: "/price-ticker.js" });
    const ticker = document.createElement("price-ticker");
    ticker.setAttribute("url", "/ws/prices");
    ticker.setAttribute("assets", "bitcoin");
    document.body.append(script, ticker);
  });
  const ticker = page.locator("price-ticker li");
  await expect.poll(() => ticker.innerText(), WAIT).toMatch(/^bitcoin[\s\S]*\d/);
  expect(await ticker.evaluate((row) => getComputedStyle(row).listStyleType)).toBe("none");
  await page.goto(`${address(rig.gateway)}/#/`);
  await expect.poll(() => page.locator("tbody tr .amount").count(), WAIT).toBeGreaterThan(5);
  expect(refused).toEqual([]);
  await page.close();
});

it("lets a page on another host have the prices of the gateway that it was built for, and of no other", async () => {
  const { page, refused } = await open(host.resolvedUrls?.local[0] ?? "");
  await expect.poll(() => badge(page), WAIT).toBe("live");
  expect(refused).toEqual([]);
  const reached = await page.evaluate(
    async ([own, foreign]) => ({
      own: await fetch(`${own}/livez`).then((answer) => answer.status),
      foreign: await fetch(`${foreign}/livez`).catch(() => "refused"),
      stream: await new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.blockedURI));
        new WebSocket(`${foreign}/ws/prices`.replace("http", "ws"));
      }),
    }),
    [address(rig.gateway), address(other)] as const,
  );
  expect(reached.own).toBe(200);
  expect(reached.foreign).toBe("refused");
  expect(reached.stream).toMatch(new RegExp(`:${other.port}/`));
  await page.close();
});

it("has nothing in the built page that only the gateway may know, nor the address of any exchange", () => {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const text = names
    .filter((name) => /\.(js|css|html|map)$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  expect(text).toContain(address(rig.gateway));
  const hosts = sources.flatMap(({ facts: { endpoint, hosts } }) => [
    ...Object.values(endpoint).map((url) => new URL(url).hostname),
    ...hosts,
  ]);
  const secrets = [...KEYS, ...KEYS.map(keyOf), ...hosts];
  expect(secrets.length).toBeGreaterThan(15);
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

it.each([
  "api.example.com",
  "wss://api.example.com",
  "https://",
  "https://me@api.example.com",
  "/api",
])("fails a build for %s, and says how to write the address", async (url) => {
  vi.stubEnv("VITE_API_URL", url);
  const failed = build({ root: WEB, build: { write: false }, logLevel: "silent" });
  await expect(failed).rejects.toThrow(`VITE_API_URL is "${url}"`);
  await expect(failed).rejects.toThrow("Write it like https://api.example.com");
});
