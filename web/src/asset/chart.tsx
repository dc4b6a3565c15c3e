import { useContext, useEffect, useMemo, useRef, useState } from "react";
import { formatClock } from "../format.ts";
import { STEP_MS, STEPS, type Trace } from "../history.ts";
import { useTheme } from "../theme/theme.ts";
import { describeTrend, trendOf } from "../trend.ts";
import { useMedia } from "../use-media.ts";
import { useReached } from "../use-reached.ts";
import { useSecond } from "../use-second.ts";
import { HistoryContext } from "../use-trace.ts";
import { formatNumber } from "./axis.ts";
import type { Drawing } from "./drawing.ts";
import "./chart.css";

/** The last minutes of an asset as a line that goes on, and in a sentence. */
export function Chart({ asset }: { asset: string }) {
  const history = useContext(HistoryContext);
  const second = useSecond();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another second is another trace
  const trace = useMemo(() => history.read(asset), [history, asset, second]);
  return (
    <figure className="chart">
      <Canvas trace={trace} />
      <figcaption>{trace ? describe(trace) : "The line begins with the first price."}</figcaption>
    </figure>
  );
}

function Canvas({ trace }: { trace: Trace | undefined }) {
  const host = useRef<HTMLDivElement>(null);
  const [library, setLibrary] = useState<typeof import("./drawing.ts")>();
  const [isMissing, setMissing] = useState(false);
  const [drawing, setDrawing] = useState<Drawing>();
  const look = useLook();
  const reached = useReached();

  // biome-ignore lint/correctness/useExhaustiveDependencies: what could not be had may be had now
  useEffect(() => {
    if (library) return;
    // It is as large as the rest of the page, which has to do without it at first.
    import("./drawing.ts").then(setLibrary, () => setMissing(true));
  }, [library, reached]);

  useEffect(() => {
    if (!library || !host.current) return;
    const own = library.createDrawing(host.current);
    setDrawing(own);
    return () => {
      own.remove();
      setDrawing(undefined);
    };
  }, [library]);

  useEffect(() => {
    if (trace) drawing?.show(trace, look);
  }, [drawing, trace, look]);

  return (
    <div ref={host} className="canvas">
      {isMissing && !library && <p>The chart could not be loaded.</p>}
    </div>
  );
}

/** Another text with each other set of colours. */
function useLook(): string {
  const [theme] = useTheme();
  const isDark = useMedia("(prefers-color-scheme: dark)");
  const isStrong = useMedia("(prefers-contrast: more)");
  return `${theme} ${isDark} ${isStrong}`;
}

function describe(trace: Trace): string {
  const trend = trendOf(trace);
  if (!trend) return "The price was not live in the last minutes.";
  const { low, high, spanMs } = trend;
  const text = describeTrend(trend);
  const range = `, between ${formatNumber(low)} and ${formatNumber(high)} ${trace.quote}`;
  const sentences = [
    `${text.charAt(0).toUpperCase()}${text.slice(1)}${until(trace)}${spanMs > 0 ? range : ""}.`,
    trace.prices.some(Number.isNaN) && "There is no line where the price was not live.",
    trace.prices.length < STEPS && "It begins where this page was opened.",
  ];
  return sentences.filter(Boolean).join(" ");
}

/** When the price was live last, where it is not any more. */
function until({ prices, endsAt }: Trace): string {
  const last = prices.findLastIndex((price) => !Number.isNaN(price));
  if (last === prices.length - 1) return "";
  return ` until ${formatClock(endsAt - (prices.length - 1 - last) * STEP_MS, true)}`;
}
