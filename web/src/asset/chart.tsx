import { useContext, useEffect, useMemo, useRef, useState } from "react";
import { STEPS, type Trace } from "../history.ts";
import { useTheme } from "../theme/theme.ts";
import { describeTrend, trendOf } from "../trend.ts";
import { useMedia } from "../use-media.ts";
import { useSecond } from "../use-second.ts";
import { HistoryContext } from "../use-trace.ts";
import { formatNumber } from "./axis.ts";
import type { Drawing } from "./drawing.ts";
import "./chart.css";

const SECONDS_PER_SENTENCE = 5;

/** The last minutes of an asset as a line that goes on, and in a sentence. */
export function Chart({ asset }: { asset: string }) {
  const history = useContext(HistoryContext);
  // Told at a calm pace, and while nothing comes as well.
  const turn = Math.floor(useSecond() / SECONDS_PER_SENTENCE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn is another trace
  const trace = useMemo(() => history.read(asset), [history, asset, turn]);
  return (
    <figure className="chart">
      <Canvas asset={asset} />
      <figcaption>{trace ? describe(trace) : "The line begins with the first price."}</figcaption>
    </figure>
  );
}

function Canvas({ asset }: { asset: string }) {
  const host = useRef<HTMLDivElement>(null);
  const history = useContext(HistoryContext);
  const [drawing, setDrawing] = useState<Drawing>();
  const [isMissing, setMissing] = useState(false);
  const look = useLook();
  const second = useSecond();

  useEffect(() => {
    let own: Drawing | undefined;
    let gone = false;
    // The library is as large as the rest of the page, which has to do without it at first.
    import("./drawing.ts").then(
      ({ createDrawing }) => {
        if (gone || !host.current) return;
        own = createDrawing(host.current);
        setDrawing(own);
      },
      () => gone || setMissing(true),
    );
    return () => {
      gone = true;
      own?.remove();
      setDrawing(undefined);
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each second, the line goes on
  useEffect(() => {
    const trace = history.read(asset);
    if (trace) drawing?.show(trace, look);
  }, [drawing, history, asset, look, second]);

  return (
    <div ref={host} className="canvas">
      {isMissing && <p>The chart could not be loaded.</p>}
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
  const { low, high } = trend;
  const text = describeTrend(trend);
  const sentences = [
    `${text.charAt(0).toUpperCase()}${text.slice(1)}, between ${formatNumber(low)} and ${formatNumber(high)} ${trace.quote}.`,
    trace.prices.some(Number.isNaN) && "There is no line where the price was not live.",
    trace.prices.length < STEPS && "It begins where this page was opened.",
  ];
  return sentences.filter(Boolean).join(" ");
}
