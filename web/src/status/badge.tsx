import type { StreamStatus } from "@cryptovault/price-stream";
import { usePriceStream, useStreamStatus } from "@cryptovault/price-stream/react";
import { useState } from "react";
import { formatAge } from "../format.ts";
import { useSecond } from "../use-second.ts";
import "./badge.css";

/** How the connection is doing, from which source prices come, and how old the newest is. */
export function Badge() {
  const stream = usePriceStream();
  const status = useStreamStatus();
  const { state, source } = status;
  return (
    <div className="badge" data-state={state} title={status.reason}>
      <span className="beacon" aria-hidden="true" />
      <span className="badge-state">
        {state === "reconnecting" ? <Countdown status={status} /> : STATES[state]}
      </span>
      {source && state !== "failed" && (
        <span className="badge-detail">
          <b data-testid="source">{source}</b> <NewestAge />
        </span>
      )}
      {state === "failed" && (
        <button type="button" className="retry" onClick={stream?.retry}>
          Retry
        </button>
      )}
    </div>
  );
}

const STATES = {
  connecting: "Connecting …",
  live: "Live",
  stale: "Stale",
  failed: "Failed",
  closed: "Closed",
} as const;

function NewestAge() {
  useSecond();
  const ageMs = usePriceStream()?.ageMs() ?? null;
  return <span className="badge-age">{ageMs === null ? "" : formatAge(ageMs)}</span>;
}

function Countdown({ status }: { status: StreamStatus }) {
  const { attempt, maxAttempts, nextAttemptInMs } = status;
  const waited = useSecondsSince(status);
  const left = nextAttemptInMs === undefined ? 0 : Math.round(nextAttemptInMs / 1000) - waited;
  return `Reconnecting ${attempt}/${maxAttempts}${left > 0 ? ` in ${left} s` : " …"}`;
}

/** Whole seconds since `status` came to be. */
function useSecondsSince(status: StreamStatus): number {
  useSecond();
  const [since, setSince] = useState({ status, at: performance.now() });
  if (since.status !== status) setSince({ status, at: performance.now() });
  return Math.floor((performance.now() - since.at) / 1000);
}
