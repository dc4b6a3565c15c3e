import axe from "axe-core";
import type { Page } from "playwright-core";

/** The rules that can be kept in light and broken in dark. */
const OF_COLOUR = ["color-contrast", "link-in-text-block"];

/** What axe finds wrong with the page as it is, and calls serious or critical: rule and places. */
export const graveViolations = (page: Page): Promise<string[]> => violations(page, {});

/** The same, where nothing but the colours has changed. */
export const graveColours = (page: Page): Promise<string[]> =>
  violations(page, { runOnly: { type: "rule", values: OF_COLOUR } });

async function violations(page: Page, options: axe.RunOptions): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (options) => window.axe.run({ resultTypes: ["violations"], ...options }),
    options,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
