import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { launchBrowser } from "./support/browser.ts";

const WAIT = { timeout: 10_000, interval: 30 };

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let rig: Rig;
let page: Page;
let url: string;

beforeAll(async () => {
  rig = await startRig();
  browser = await launchBrowser();
  page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
  });
  await page.clock.install();
  url = `http://127.0.0.1:${rig.gateway.port}/`;
  await visit();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await rig?.close();
});

/** Loads the page anew, at an address. */
async function visit(hash = "#/") {
  await page.goto("about:blank");
  await page.goto(url + hash);
  await page.locator("main").waitFor();
}

/** Rows of the list, those that are not in the document included. */
const rows = async () => Number(await page.getByRole("table").getAttribute("aria-rowcount")) - 1;
const ids = () =>
  page.locator("tbody tr").evaluateAll((all) => all.map((row) => row.dataset.asset));
const hash = () => page.evaluate(() => location.hash);
const focused = () =>
  page.evaluate(() => document.activeElement?.closest("tr")?.dataset.asset ?? null);
const head = (name: string) => page.getByRole("columnheader", { name });
const amounts = () =>
  page
    .locator("tbody .amount")
    .evaluateAll((all) => all.map((text) => Number(text.textContent?.replace(/[$,]|USD\w*/g, ""))));

beforeEach(async () => {
  await page.evaluate(() => {
    location.hash = "#/";
    scrollTo(0, 0);
  });
  await expect.poll(rows, WAIT).toBeGreaterThan(300);
});

it("keeps only the rows near the window in the document, and shows the last when scrolled there", async () => {
  expect(await page.locator("tbody tr").count()).toBeLessThan(40);
  // At first there are more of them by the moment.
  const showsLast = async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    return page.locator(`[aria-rowindex="${(await rows()) + 1}"]`).isVisible();
  };
  await expect.poll(showsLast, WAIT).toBe(true);
});

it("finds an asset by name or symbol, and by the address again", async () => {
  await page.getByRole("searchbox").fill("btc");
  await expect.poll(rows, WAIT).toBeLessThan(20);
  expect(await ids()).toContain("bitcoin");
  expect(await hash()).toBe("#/?q=btc");
  await visit("#/?q=ethereum");
  await expect.poll(ids, WAIT).toContain("ethereum");
  expect(await page.getByRole("searchbox").inputValue()).toBe("ethereum");
  await page.getByRole("searchbox").fill("no such asset");
  await page.getByRole("button", { name: "Show all assets" }).click();
  await expect.poll(rows, WAIT).toBeGreaterThan(300);
});

it("sorts by a column and the other way round, says so, and by the address again", async () => {
  await head("Price").getByRole("button").click();
  expect(await head("Price").getAttribute("aria-sort")).toBe("descending");
  const dear = await amounts();
  expect(dear).toEqual([...dear].sort((a, b) => b - a));
  await head("Price").getByRole("button").click();
  expect(await head("Price").getAttribute("aria-sort")).toBe("ascending");
  expect(await hash()).toBe("#/?sort=price");
  await visit("#/?sort=-name");
  await expect.poll(() => head("Name").getAttribute("aria-sort"), WAIT).toBe("descending");
});

it("leaves rows in their places while somebody points at them, and sorts them anew afterwards", async () => {
  await visit("#/?sort=-change");
  await expect.poll(rows, WAIT).toBeGreaterThan(300);
  await page.locator("tbody").hover();
  const pointedAt = await ids();
  const change = () => page.locator(`[data-asset="${pointedAt[3]}"] .change`).innerText();
  const before = await change();
  await expect.poll(change, WAIT).not.toBe(before);
  await page.clock.fastForward(6000);
  expect(await ids()).toEqual(pointedAt);
  await page.mouse.move(640, 5);
  await expect
    .poll(async () => {
      await page.clock.fastForward(5000);
      return ids();
    }, WAIT)
    .not.toEqual(pointedAt);
});

it("keeps favourites when it is loaded again, and lists them alone", async () => {
  const star = page.getByRole("button", { name: "Favourite: Ethereum", exact: true });
  await star.click();
  expect(await star.getAttribute("aria-pressed")).toBe("true");
  await visit();
  await page.getByRole("button", { name: "Favourites 1" }).click();
  await expect.poll(ids, WAIT).toEqual(["ethereum"]);
  expect(await hash()).toBe("#/?fav=1");
  await star.click();
  await page.getByRole("heading", { name: "No favourites yet" }).waitFor();
});

it("is worked by keys alone: to the search, down the rows, into an asset, and back to its row", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type("an");
  await page.keyboard.press("ArrowDown");
  const [first, second] = await ids();
  expect(await focused()).toBe(first);
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toBe(second);
  await page.keyboard.press("Enter");
  await expect.poll(hash, WAIT).toBe(`#/${second}`);
  await page.goBack();
  await expect.poll(focused, WAIT).toBe(second);
  expect(await hash()).toBe("#/?q=an");
});

it("opens the first that a search has found by Enter", async () => {
  await page.getByRole("searchbox").fill("ethereum");
  await expect.poll(rows, WAIT).toBeLessThan(20);
  const [first] = await ids();
  await page.keyboard.press("Enter");
  await expect.poll(hash, WAIT).toBe(`#/${first}`);
});

it("keeps the row in focus in sight, from the first to the last", async () => {
  await page.locator('[data-asset="bitcoin"] a').focus();
  await page.keyboard.press("End");
  const last = page.locator(`[aria-rowindex="${(await rows()) + 1}"]`);
  expect(await focused()).toBe(await last.getAttribute("data-asset"));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Home");
  expect(await focused()).toBe("bitcoin");
  const isCovered = await page.locator('[data-asset="bitcoin"]').evaluate((row) => {
    const { left, top } = row.getBoundingClientRect();
    return !row.contains(document.elementFromPoint(left + 60, top + 2));
  });
  expect(isCovered).toBe(false);
});

it("goes back to where the list was left", async () => {
  await page.evaluate(() => scrollTo(0, 6000));
  const row = page.locator('[aria-rowindex="112"]');
  const asset = await row.getAttribute("data-asset");
  await row.hover();
  const height = await page.evaluate(() => scrollY);
  expect(height).toBeGreaterThan(5000);
  await row.click();
  await expect.poll(hash, WAIT).toBe(`#/${asset}`);
  const top = () => page.evaluate(() => scrollY);
  await expect.poll(top, WAIT).toBe(0);
  await page.goBack();
  await expect.poll(focused, WAIT).toBe(asset);
  await expect.poll(top, WAIT).toBe(height);
});

it("leaves the focus in the search when that leads from an asset to the list", async () => {
  await page.locator('[data-asset="bitcoin"] a').click();
  await expect.poll(hash, WAIT).toBe("#/bitcoin");
  await page.keyboard.press("/");
  await page.keyboard.type("ether");
  await expect.poll(ids, WAIT).toContain("ethereum");
  expect(await hash()).toBe("#/?q=ether");
  await page.goBack();
  await expect.poll(hash, WAIT).toBe("#/bitcoin");
});

it("goes by the id of an asset until its name and rank are known, then lists it in its place", async () => {
  await page.route("**/api/prices", (route) => route.abort());
  await visit();
  await page.clock.fastForward(1000);
  const name = page.locator("tbody .names b").first();
  await expect.poll(() => name.innerText(), WAIT).toBe((await ids())[0]);
  await page.unroute("**/api/prices");
  await page.clock.fastForward(5000);
  await expect.poll(() => name.innerText(), WAIT).toBe("Bitcoin");
});

it("opens an asset by its address, by symbol too, and says so where there is none", async () => {
  await visit("#/ETH");
  await page.getByRole("heading", { name: "Ethereum" }).waitFor();
  await expect.poll(() => page.title(), WAIT).toMatch(/^\$[\d,.]+ ETH/);
  await visit("#/nonsense");
  await page.getByRole("heading", { name: "There is no asset “nonsense” here" }).waitFor();
  await page.getByRole("link", { name: "All prices" }).click();
  await expect.poll(rows, WAIT).toBeGreaterThan(300);
});

it("has a light and a dark theme, and keeps the one that was chosen", async () => {
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: "Theme: system" }).click();
  expect(await ground()).toBe(light);
  await page.getByRole("button", { name: "Theme: light" }).click();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await visit();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  expect(await ground()).toBe(dark);
});
