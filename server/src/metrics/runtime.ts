import { readdir, readFile } from "node:fs/promises";
import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from "node:perf_hooks";
import { Histogram, type Registry } from "prom-client";
import { type Family, single } from "./family.ts";

/** How exactly the event loop is watched: a timer falls due this often, ms. */
const RESOLUTION_MS = 10;
/** Lag is told of no shorter time than this, ms: else a second reader would see next to nothing. */
const LEAST_WINDOW_MS = 1000;

const GC_KINDS = new Map<number, string>([
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"],
]);

/**
 * What the process and its event loop are like, by the names that dashboards for Node.js know. In place
 * of prom-client's own: those can't be stopped, count one of several collections of garbage that are
 * told of at once, and take the 10 ms between two looks at the event loop for lag.
 */
export function watchRuntime(registry: Registry) {
  const collections = new Histogram({
    name: "nodejs_gc_duration_seconds",
    help: "How long collections of garbage held the process up, by kind.",
    labelNames: ["kind"],
    buckets: [0.001, 0.01, 0.1, 1],
    registers: [registry],
  });
  // What has not happened yet is 0, so that the first time counts as one.
  for (const kind of GC_KINDS.values()) collections.zero({ kind });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      collections.observe({ kind: kindOf(entry) }, entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ["gc"] });

  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lag = { p50: 0, p99: 0, max: 0 };
  let lagSince = performance.now();
  let files: { open: number; limit: number } | undefined;

  const cpu = () => process.cpuUsage();
  const memory = () => process.memoryUsage();
  const families: readonly Family[] = [
    {
      name: "nodejs_eventloop_lag_p50_seconds",
      type: "gauge",
      help: "Half of the times, the event loop was later than this by no more; since the last scrape.",
      samples: () => single(lag.p50),
    },
    {
      name: "nodejs_eventloop_lag_p99_seconds",
      type: "gauge",
      help: "99 of 100 times, the event loop was late by no more than this; since the last scrape.",
      samples: () => single(lag.p99),
    },
    {
      name: "nodejs_eventloop_lag_max_seconds",
      type: "gauge",
      help: "The longest that the event loop was late; since the last scrape.",
      samples: () => single(lag.max),
    },
    {
      name: "nodejs_eventloop_active_seconds_total",
      type: "counter",
      help: "Time in which the event loop was at work and did not wait: its rate is the load of the one thread.",
      samples: () => single(performance.eventLoopUtilization().active / 1000),
    },
    {
      name: "nodejs_heap_size_used_bytes",
      type: "gauge",
      help: "V8's heap in use, garbage included.",
      samples: () => single(memory().heapUsed),
    },
    {
      name: "nodejs_heap_size_total_bytes",
      type: "gauge",
      help: "V8's heap as taken from the system.",
      samples: () => single(memory().heapTotal),
    },
    {
      name: "nodejs_external_memory_bytes",
      type: "gauge",
      help: "Memory outside of V8's heap that its objects hold, buffers included.",
      samples: () => single(memory().external),
    },
    {
      name: "process_resident_memory_bytes",
      type: "gauge",
      help: "Resident memory of the process.",
      samples: () => single(memory().rss),
    },
    {
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "CPU time of the process, in all threads, user and system.",
      samples: () => single((cpu().user + cpu().system) / 1e6),
    },
    {
      name: "process_start_time_seconds",
      type: "gauge",
      help: "When the process started, since 1970.",
      samples: () => single(performance.timeOrigin / 1000),
    },
    {
      name: "process_open_fds",
      type: "gauge",
      help: "Open files, sockets included. Each client needs one. On Linux only.",
      samples: () => single(files?.open),
    },
    {
      name: "process_max_fds",
      type: "gauge",
      help: "Files that may be open at the same time. On Linux only.",
      samples: () => single(files?.limit),
    },
  ];

  return {
    families,

    /** To be called before the families are read. */
    async refresh() {
      files = await openFiles();
      const now = performance.now();
      if (now - lagSince < LEAST_WINDOW_MS || delay.count === 0) return;
      lag = {
        p50: late(delay.percentile(50)),
        p99: late(delay.percentile(99)),
        max: late(delay.max),
      };
      lagSince = now;
      delay.reset();
    },

    close() {
      observer.disconnect();
      delay.disable();
    },
  };
}

/** Node.js tells the time from one look at the event loop to the next, ns: late is what is above the due time. */
const late = (ns: number): number => Math.max(0, ns / 1e9 - RESOLUTION_MS / 1000);

function kindOf(entry: PerformanceEntry): string {
  const detail = "detail" in entry ? entry.detail : undefined;
  const kind = isCollection(detail) ? GC_KINDS.get(detail.kind) : undefined;
  return kind ?? "other";
}

const isCollection = (detail: unknown): detail is { kind: number } =>
  typeof detail === "object" &&
  detail !== null &&
  "kind" in detail &&
  typeof detail.kind === "number";

/** Undefined where the system has no `/proc`. */
async function openFiles(): Promise<{ open: number; limit: number } | undefined> {
  try {
    const [open, limits] = await Promise.all([
      readdir("/proc/self/fd"),
      readFile("/proc/self/limits", "utf8"),
    ]);
    const [, limit] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    // Not counted are the two that were open for looking.
    return { open: open.length - 2, limit: Number(limit ?? Number.POSITIVE_INFINITY) };
  } catch {
    return undefined;
  }
}
