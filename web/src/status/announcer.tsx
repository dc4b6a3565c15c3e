import type { StreamStatus } from "@cryptovault/price-stream";
import { usePriceStream, useStreamStatus } from "@cryptovault/price-stream/react";
import { useEffect, useState } from "react";
import { announcement } from "./announce.ts";

type Said = { state: StreamStatus["state"]; text: string };

/** Tells screen readers of each new state of the connection; they hear nothing of ticks. */
export function Announcer() {
  const stream = usePriceStream();
  const status = useStreamStatus();
  const [said, say] = useState<Said>({ state: "connecting", text: "" });
  // Only once it is in the page: what it says from the first would not be read out.
  useEffect(() => {
    if (said.state === status.state) return;
    const hasPrices = (stream?.all().size ?? 0) > 0;
    say({ state: status.state, text: announcement(said.state, status, hasPrices) ?? said.text });
  }, [said, status, stream]);
  return (
    <output className="visually-hidden" aria-live="polite">
      {said.text}
    </output>
  );
}
