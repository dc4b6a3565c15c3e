import { usePriceStream, useStreamStatus } from "@cryptovault/price-stream/react";
import { useState } from "react";
import { announcement } from "./announce.ts";

/** Tells screen readers of each new state of the connection; they hear nothing of ticks. */
export function Announcer() {
  const stream = usePriceStream();
  const status = useStreamStatus();
  const [said, say] = useState({ state: status.state, text: "" });
  if (said.state !== status.state) {
    const hasPrices = (stream?.all().size ?? 0) > 0;
    say({ state: status.state, text: announcement(said.state, status, hasPrices) ?? said.text });
  }
  return (
    <output className="visually-hidden" aria-live="polite">
      {said.text}
    </output>
  );
}
