import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { bookFamilies } from "./book.ts";
import type { Family, Snapshot } from "./family.ts";
import { hubFamilies } from "./hub.ts";
import { watchRuntime } from "./runtime.ts";
import { serviceFamilies } from "./service.ts";
import { sourceFamilies } from "./sources.ts";

/** What a scrape is answered with. */
export type Scrape = { contentType: string; text: string };

/**
 * The gateway's metrics, in a registry of their own. Nearly all are read from what the stages know
 * already, at the time of the scrape.
 * @param read called once for each scrape
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function createMetrics(read: () => Snapshot) {
  const registry = new Registry();
  let snapshot: Snapshot | undefined;
  const runtime = watchRuntime(registry);
  const turns = new Histogram({
    name: "price_stream_hub_broadcast_duration_seconds",
    help: "How long a turn of a broadcast loop held the process up: making, encoding and writing the frames of up to 400 clients.",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
    registers: [registry],
  });

  const register = ({ name, type, help, labels = [], samples }: Family) => {
    const config = { name, help, labelNames: labels, registers: [registry] };
    const known = () => (snapshot ? samples(snapshot) : []);
    if (type === "counter") {
      const counter = new Counter({
        ...config,
        collect() {
          counter.reset();
          for (const { labels = {}, value } of known()) counter.inc(labels, value);
        },
      });
      return;
    }
    const gauge = new Gauge({
      ...config,
      collect() {
        gauge.reset();
        // A reset gauge without labels says 0, which is not the same as not known.
        if (labels.length === 0) gauge.remove();
        for (const { labels = {}, value } of known()) gauge.set(labels, value);
      },
    });
  };
  for (const family of [
    ...serviceFamilies,
    ...sourceFamilies,
    ...bookFamilies,
    ...hubFamilies,
    ...runtime.families,
  ]) {
    register(family);
  }

  return {
    /** Runs a turn of a broadcast loop, and takes its time if it reached anybody. */
    timed(turn: () => number): number {
      const startedAt = performance.now();
      const reached = turn();
      if (reached > 0) turns.observe((performance.now() - startedAt) / 1000);
      return reached;
    },

    async scrape(): Promise<Scrape> {
      await runtime.refresh();
      snapshot = read();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },

    close: runtime.close,
  };
}
