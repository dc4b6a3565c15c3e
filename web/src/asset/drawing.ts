import {
  type AreaData,
  AreaSeries,
  createChart,
  isUTCTimestamp,
  LineStyle,
  TickMarkType,
  type Time,
  type UTCTimestamp,
  type WhitespaceData,
} from "lightweight-charts";
import { formatClock } from "../format.ts";
import { STEP_MS, type Trace } from "../history.ts";
import { trendOf } from "../trend.ts";
import { decimalsOf, formatNumber } from "./axis.ts";
import { chartColours, fade, readPalette } from "./palette.ts";

/** A shorter history takes only its part of the width. */
const FEWEST_STEPS = 60;
/** Moves within this part of the price look as small as they are. */
const CALM_RANGE = 0.0005;

const HIDDEN = {
  lineColor: "transparent",
  topColor: "transparent",
  bottomColor: "transparent",
} as const;

export type Drawing = ReturnType<typeof createDrawing>;

/** Draws traces into `host`, whose size it takes. The library's logo stays, as its licence asks. */
export function createDrawing(host: HTMLElement) {
  const chart = createChart(host, {
    autoSize: true,
    // The page scrolls; the chart shows all there is.
    handleScroll: false,
    handleScale: false,
    rightPriceScale: {
      borderVisible: false,
      entireTextOnly: true,
      scaleMargins: { top: 0.1, bottom: 0.12 },
    },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      allowBoldLabels: false,
      // Where there is room, it marks odd seconds.
      tickMarkFormatter: (time: Time, type: TickMarkType) =>
        type === TickMarkType.TimeWithSeconds ? "" : clockTime(time, false),
    },
    grid: { vertLines: { visible: false } },
    crosshair: { horzLine: { style: LineStyle.Dotted }, vertLine: { style: LineStyle.Dotted } },
    localization: { timeFormatter: (time: Time) => clockTime(time, true) },
  });
  const series = chart.addSeries(AreaSeries, {
    lineWidth: 2,
    priceLineStyle: LineStyle.Dotted,
    autoscaleInfoProvider: (usual: () => ReturnType<typeof widened>) => widened(usual()),
  });
  // It lays itself out as a table, which it is not.
  host.querySelector("table")?.setAttribute("role", "presentation");
  let shownLook: string | undefined;
  let palette = readPalette(host);
  chart.applyOptions(chartColours(palette));

  return {
    /** @param look another text asks for colours anew */
    show(trace: Trace, look: string) {
      if (look !== shownLook) {
        shownLook = look;
        palette = readPalette(host);
        chart.applyOptions(chartColours(palette));
      }
      const trend = trendOf(trace);
      const color = palette[trend?.direction ?? "flat"];
      const isLive = !Number.isNaN(trace.prices.at(-1));
      series.applyOptions({
        lineColor: color,
        topColor: fade(color, 0.2),
        bottomColor: fade(color, 0),
        lastValueVisible: isLive,
        priceLineVisible: isLive,
        priceFormat: {
          type: "custom",
          minMove: 10 ** -decimalsOf(trend?.last ?? 1),
          formatter: formatNumber,
        },
      });
      const points = pointsOf(trace);
      series.setData(points);
      // The library's own way to show all leaves out a gap at the end.
      chart.timeScale().setVisibleLogicalRange({ from: 0, to: points.length - 1 });
    },
    remove: () => chart.remove(),
  };
}

/** The library draws through whitespace: only a line that is hidden from the last point on leaves a gap. */
function pointsOf({
  prices,
  endsAt,
}: Trace): (AreaData<UTCTimestamp> | WhitespaceData<UTCTimestamp>)[] {
  const end = endsAt / STEP_MS;
  const steps = Math.max(prices.length, FEWEST_STEPS);
  return Array.from({ length: steps }, (_, index) => {
    const time = (end - steps + 1 + index) as UTCTimestamp;
    const at = index - steps + prices.length;
    const value = prices[at] ?? NaN;
    if (Number.isNaN(value)) return { time };
    const isBeforeGap = Number.isNaN(prices[at + 1]);
    return isBeforeGap ? { time, value, ...HIDDEN } : { time, value };
  });
}

type Range = { priceRange: { minValue: number; maxValue: number } | null };

function widened<Info extends Range>(info: Info | null): Info | null {
  if (!info?.priceRange) return info;
  const { minValue, maxValue } = info.priceRange;
  const missing = Math.max(0, maxValue * CALM_RANGE - (maxValue - minValue)) / 2;
  return { ...info, priceRange: { minValue: minValue - missing, maxValue: maxValue + missing } };
}

/** The library would tell it in UTC. */
const clockTime = (time: Time, withSeconds: boolean): string =>
  isUTCTimestamp(time) ? formatClock(time * 1000, withSeconds) : "";
