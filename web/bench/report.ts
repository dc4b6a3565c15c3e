import { aligned, machine, median } from "../../bench/common/table.ts";
import type { PageSizes } from "./size.ts";
import { ASSETS } from "./stage.ts";
import type { Watched } from "./ticks.ts";

export type Measured = {
  browser: string;
  /** The machine's load average of a minute, before and after. */
  loads: readonly [number, number];
  /** Of each load, ms. */
  firstPrices: readonly number[];
  tickSeconds: number;
  ticks: Watched;
  scrollSeconds: number;
  scrolling: Watched;
  /** After the warm-up, and after each fifth of ten thousand updates more, bytes. */
  heap: readonly number[];
  sizes: PageSizes;
};

type Figure = {
  name: string;
  /** As in `--json`. */
  key: string;
  value: number;
  unit: string;
  /** The most that it may be; without one it is only told. */
  limit?: number;
};

/** In ten thousand updates: a hundred bytes kept of each. */
const HEAP_GROWTH_KB = 1000;

export function figuresOf(measured: Measured): Figure[] {
  const { firstPrices, ticks, scrolling, heap, sizes, tickSeconds, scrollSeconds } = measured;
  const [warm = Number.NaN] = heap;
  const onNeed = [...sizes.onNeed.values()].reduce((sum, bytes) => sum + bytes, 0);
  return [
    {
      name: "first price after load, median",
      key: "firstPriceMs",
      value: median(firstPrices),
      unit: "ms",
      limit: 1000,
    },
    {
      name: "  slowest load",
      key: "slowestFirstPriceMs",
      value: Math.max(...firstPrices),
      unit: "ms",
    },
    {
      name: `tasks over 50 ms in ${tickSeconds} s of ticks`,
      key: "longTasks",
      value: ticks.longTasks.length,
      unit: "",
      limit: 0,
    },
    { name: "  longest", key: "longestTaskMs", value: longest(ticks), unit: "ms" },
    {
      name: "  most CPU time of one task",
      key: "costliestTaskMs",
      value: ticks.costliestMs,
      unit: "ms",
      limit: 50,
    },
    {
      name: "  main thread's CPU, of a core",
      key: "cpuPercent",
      value: ticks.cpuPercent,
      unit: "%",
    },
    {
      name: `tasks over 50 ms in ${scrollSeconds} s of scrolling`,
      key: "longTasksScrolling",
      value: scrolling.longTasks.length,
      unit: "",
    },
    { name: "  longest", key: "longestTaskScrollingMs", value: longest(scrolling), unit: "ms" },
    {
      name: "  most CPU time of one task",
      key: "costliestTaskScrollingMs",
      value: scrolling.costliestMs,
      unit: "ms",
    },
    {
      name: "  main thread's CPU, of a core",
      key: "cpuScrollingPercent",
      value: scrolling.cpuPercent,
      unit: "%",
    },
    {
      name: "  frames dropped",
      key: "droppedFramesScrolling",
      value: scrolling.frames.dropped,
      unit: `of ${scrolling.frames.shown + scrolling.frames.dropped}`,
    },
    { name: "heap after warm-up", key: "heapKb", value: warm / 1000, unit: "kB" },
    {
      name: "  growth over 10,000 updates",
      key: "heapGrowthKb",
      value: ((heap.at(-1) ?? Number.NaN) - warm) / 1000,
      unit: "kB",
      limit: HEAP_GROWTH_KB,
    },
    {
      name: "JavaScript loaded at once, gzip",
      key: "jsKb",
      value: sizes.atOnce / 1000,
      unit: "kB",
      limit: 150,
    },
    { name: "  loaded on need", key: "jsOnNeedKb", value: onNeed / 1000, unit: "kB" },
  ];
}

const longest = ({ longTasks }: Watched): number => Math.max(0, ...longTasks);

/** Not measured counts as broken. */
export const isBroken = ({ value, limit }: Figure): boolean =>
  limit !== undefined && !(value <= limit);

export function table(measured: Measured, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, limit } = figure;
    const allowed = limit === undefined ? "" : `≤ ${limit.toLocaleString("en")}`;
    return [
      name,
      `${rounded(value)} ${unit}`.trim(),
      isBroken(figure) ? `${allowed}, broken` : allowed,
    ];
  });
  const heap = measured.heap.map((bytes) => rounded(bytes / 1000)).join(", ");
  const onNeed = [...measured.sizes.onNeed].map(
    ([file, bytes]) => `${file} ${rounded(bytes / 1000)} kB`,
  );
  return [
    `${machine}, ${measured.browser}. These are figures of this machine, and of what else it was doing:`,
    `its load was ${measured.loads.map((load) => load.toFixed(1)).join(" to ")} (average of a minute, before and after).`,
    `The built page, ${ASSETS.toLocaleString("en")} assets on emulated exchanges that move once a second, all on this machine.`,
    "",
    ...aligned([["", "measured", "limit"], ...rows]),
    "",
    `First prices, ms: ${measured.firstPrices.map(rounded).join(", ")}`,
    `Heap after the warm-up and each further 2,000 updates, kB: ${heap}`,
    `On need, gzip: ${onNeed.join(", ")}`,
  ].join("\n");
}

const rounded = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });

export const toJson = (figures: readonly Figure[]): object => ({
  ...Object.fromEntries(figures.map(({ key, value }) => [key, Number(value.toFixed(1))])),
  broken: figures.filter(isBroken).map(({ key }) => key),
});
