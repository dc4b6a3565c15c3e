import type { PriceStream, StreamStatus } from "@cryptovault/price-stream";
import { useEffect, useState } from "react";
import { formatAge } from "./format.ts";

/** How the connection is doing, from which source prices come, and how old the newest is. */
export function Badge({ stream, status }: { stream: PriceStream; status: StreamStatus }) {
  const ageMs = useEverySecond(() => stream.ageMs());
  const waited = useSecondsSince(status);
  return (
    <div className={`badge ${status.state}`} data-state={status.state}>
      <output className="badge-state" title={status.reason}>
        <span className="dot" aria-hidden="true" />
        {label(status, waited)}
      </output>
      {status.source && (
        <span className="badge-detail" aria-hidden="true">
          <b data-testid="source">{status.source}</b>
          {ageMs !== null && ` · ${formatAge(ageMs)}`}
        </span>
      )}
      {status.state === "failed" && (
        <button type="button" onClick={stream.retry}>
          Retry
        </button>
      )}
    </div>
  );
}

function label(
  { state, attempt, maxAttempts, nextAttemptInMs, reason }: StreamStatus,
  waited: number,
) {
  if (state === "live") return "Live";
  if (state === "stale") return "Stale";
  if (state === "connecting") return "Connecting …";
  if (state === "failed") return reason;
  if (state === "closed") return "Closed";
  const left = nextAttemptInMs === undefined ? 0 : Math.round(nextAttemptInMs / 1000) - waited;
  return `Reconnecting ${attempt}/${maxAttempts}${left > 0 ? ` in ${left} s` : " …"}`;
}

function useEverySecond<Value>(read: () => Value): Value {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return read();
}

/** Whole seconds since `status` came to be. */
function useSecondsSince(status: StreamStatus): number {
  const [since, setSince] = useState({ status, at: performance.now() });
  if (since.status !== status) setSince({ status, at: performance.now() });
  return useEverySecond(() => Math.floor((performance.now() - since.at) / 1000));
}
