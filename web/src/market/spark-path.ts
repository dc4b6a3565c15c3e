import { STEP_MS, type Trace } from "../history.ts";
import type { Trend } from "../trend.ts";

export const WIDTH = 104;
export const HEIGHT = 30;
/** Room for half the line's width, px. */
const MARGIN = 2;
/** A history shorter than this takes only its part of the width. */
const SHORTEST_MS = 60_000;
/** Moves within this part of the price look as small as they are. */
const CALM_RANGE = 0.001;
/** Steps per point drawn. */
const STRIDE = 4;

/** @returns the line as SVG path data, lifted where the price was not live */
export function sparkPath({ prices }: Pick<Trace, "prices">, { low, high }: Trend): string {
  const end = prices.length - 1;
  const steps = Math.max(end, SHORTEST_MS / STEP_MS);
  const range = Math.max(high - low, high * CALM_RANGE);
  const middle = (high + low) / 2;
  const x = (index: number) => WIDTH - MARGIN - ((end - index) / steps) * (WIDTH - 2 * MARGIN);
  const y = (price: number) => HEIGHT / 2 - ((price - middle) / range) * (HEIGHT - 2 * MARGIN);

  let path = "";
  let isDown = false;
  prices.forEach((price, index) => {
    if (Number.isNaN(price)) {
      isDown = false;
      return;
    }
    const isLast = Number.isNaN(prices[index + 1] ?? NaN);
    if (isDown && !isLast && index % STRIDE !== 0) return;
    path += `${isDown ? "L" : "M"}${x(index).toFixed(1)} ${y(price).toFixed(1)}`;
    // A line of no length is drawn as a dot.
    if (!isDown && isLast) path += "h0";
    isDown = true;
  });
  return path;
}
