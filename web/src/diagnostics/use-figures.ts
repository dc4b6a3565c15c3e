import type { Diagnostics, PriceStream } from "@cryptovault/price-stream";
import { useEffect, useState } from "react";
import { type Rates, type Reading, ratesOf, withReading } from "./rates.ts";

const READ_EVERY_MS = 1000;
const PING_EVERY_MS = 3000;

/** The stream's figures, each second anew, and rates made of them. Asks the server how fast it answers. */
export function useFigures(stream: PriceStream): [Diagnostics, Rates | undefined] {
  const [figures, setFigures] = useState(stream.diagnostics);
  const [readings, setReadings] = useState<readonly Reading[]>([]);

  useEffect(() => {
    const read = () => {
      const now = stream.diagnostics();
      const { messages, bytes } = now;
      setFigures(now);
      setReadings((before) => withReading(before, { at: performance.now(), messages, bytes }));
    };
    const ping = () => {
      if (stream.diagnostics().isOpen) stream.ping();
    };
    read();
    ping();
    const timers = [setInterval(read, READ_EVERY_MS), setInterval(ping, PING_EVERY_MS)];
    return () => timers.forEach(clearInterval);
  }, [stream]);

  return [figures, ratesOf(readings)];
}
