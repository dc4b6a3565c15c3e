/** Draws the pictures in docs/: the page in each of its states, at the emulator's prices. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startProxy } from "../client/test/support/proxy.ts";
import { EXCHANGES } from "../server/src/emulator/venue.ts";
import { startRig } from "../server/test/support/gateway.ts";
import { launchBrowser } from "../web/test/support/browser.ts";

const FOLDER = fileURLToPath(new URL("../docs/page/", import.meta.url));
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** For sparklines and charts to have something to draw, ms. */
const HISTORY_MS = 60_000;

mkdirSync(FOLDER, { recursive: true });
const rig = await startRig();
const proxy = await startProxy(rig.gateway.port);
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: DESKTOP, colorScheme: "light" });
await page.clock.install();
const url = `http://127.0.0.1:${proxy.port}/`;

const draw = (name: string, of: Page = page) => of.screenshot({ path: `${FOLDER}${name}.png` });
const until = (state: string) => page.locator(`.badge[data-state=${state}]`).waitFor();

await page.goto(url);
await until("live");
await page.waitForTimeout(HISTORY_MS);
await draw("live");
await page.emulateMedia({ colorScheme: "dark" });
await draw("dark");
await page.setViewportSize(PHONE);
await draw("phone");
await page.setViewportSize(DESKTOP);
await page.emulateMedia({ colorScheme: "light" });

await page.goto(`${url}#/bitcoin`);
await page.locator("canvas").first().waitFor();
await page.waitForTimeout(2000);
await draw("asset");
await page.setViewportSize(PHONE);
await draw("asset-phone");
await page.setViewportSize(DESKTOP);
await page.goto(`${url}#/`);

await page.getByRole("button", { name: "Connection" }).click();
await page.waitForTimeout(3000);
await draw("diagnostics");
await page.keyboard.press("Escape");

for (const exchange of EXCHANGES) rig.emulator.break(exchange, "half-open");
await until("stale");
await page.waitForTimeout(2000);
await draw("stale");
for (const exchange of EXCHANGES) rig.emulator.mend(exchange);
await until("live");

await proxy.close();
await until("reconnecting");
await page.locator(".badge", { hasText: /[2-9]\/10 in/ }).waitFor();
await draw("reconnecting");
while ((await page.locator(".badge[data-state=failed]").count()) === 0) {
  await page.clock.fastForward(30_000);
  await page.waitForTimeout(50);
}
await draw("failed");

await browser.close();
await rig.close();
