import { memo } from "react";
import { describeTrend, trendOf } from "../trend.ts";
import { useTrace } from "../use-trace.ts";
import { HEIGHT, sparkPath, WIDTH } from "./spark-path.ts";
import "./sparkline.css";

/** The last minutes of an asset, drawn and in words. */
export const Sparkline = memo(function Sparkline({ asset }: { asset: string }) {
  const trace = useTrace(asset);
  const trend = trace && trendOf(trace);
  if (!trend) return null;
  const text = describeTrend(trend);
  return (
    <svg
      className={`sparkline ${trend.direction}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      <path d={sparkPath(trace, trend)} />
    </svg>
  );
});
