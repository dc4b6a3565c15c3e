import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import { systemClock } from "../../src/clock.ts";
import {
  type EmulatorOptions,
  type Exchange,
  type FaultDetail,
  type FaultName,
  startEmulator,
} from "../../src/emulator/emulator.ts";
import type { NamesOptions } from "../../src/emulator/names.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { createConnectBudgets } from "../../src/feed/link/budget.ts";
import { createDial } from "../../src/feed/link/dial.ts";
import { rest } from "../../src/feed/link/rest.ts";
import type { FeedTiming } from "../../src/feed/timing.ts";
import { sources } from "../../src/sources/index.ts";
import type { Quote } from "../../src/types.ts";
import { certify } from "../support/certificates.ts";
import { until } from "../support/client.ts";
import { PRIORITY, QUICK, recordedLog } from "../support/gateway.ts";

/** Slack for a loaded machine, ms. */
const SLACK_MS = 1500;

const SILENCE_MS = 1000;

let names: NamesOptions;
beforeAll(async () => {
  const [own, foreign] = await Promise.all([
    certify("*.emulator.invalid"),
    certify("other.invalid"),
  ]);
  names = { own, foreign };
});

type RigOptions = {
  exchange?: Exchange;
  emulator?: EmulatorOptions;
  timing?: Partial<FeedTiming>;
  chooseAll?: boolean;
};

/** One exchange, reached by name over TLS, and the feed that takes its prices. */
async function startRig({ onTestFinished }: TestContext, options: RigOptions) {
  const { exchange = "binance", chooseAll } = options;
  const emulator = await startEmulator({ assets: 500, tickMs: 250, names, ...options.emulator });
  onTestFinished(() => emulator.close());
  const source = sources.find(({ name }) => name === exchange);
  if (!source || !emulator.byName) throw new Error(`no ${exchange}`);
  const { lookup, endpoints } = emulator.byName;
  const quotes: Quote[] = [];
  const { log, messages } = recordedLog();
  const feed = createFeed({
    sources: [{ source, endpoint: endpoints[exchange], key: "demo" }],
    assets: emulator.market.assets,
    chosen: chooseAll ? emulator.market.assets.map(({ id }) => id) : undefined,
    pricing: PRIORITY,
    timing: { ...QUICK, silenceMs: SILENCE_MS, ...options.timing },
    network: {
      dial: createDial({ lookup, ca: `${names.own.cert}\n${names.foreign.cert}` }),
      rest,
      budgets: createConnectBudgets(),
    },
    clock: systemClock,
    random: Math.random,
    log,
    publish: (quote) => quotes.push({ ...quote }),
    listedChange: () => undefined,
    figures: () => {},
  });
  feed.start();
  onTestFinished(() => feed.stop());
  const health = () => {
    const [health] = feed.health().sources;
    if (!health) throw new Error("no source");
    return health;
  };
  await until(() => health().state === "live" && quotes.length > 100, 8000);
  return { emulator, quotes, messages, health };
}

type Row = {
  fault: FaultName;
  exchange: Exchange;
  detail?: FaultDetail;
  /** It begins with silence, not with a cut. */
  isSilent?: boolean;
  /** Longest wait of the runner between the mending and its next attempt, ms. */
  waitMs?: number;
  says: RegExp;
};

const rows: Row[] = [
  { fault: "drop", exchange: "binance", says: /closed with 1006/ },
  { fault: "cut-24h", exchange: "binance", says: /closed with 1001/ },
  { fault: "refuse", exchange: "binance", says: /hang up|disconnected|reset/i },
  { fault: "dns-failure", exchange: "binance", says: /DNS: there is no such host/ },
  { fault: "tls-failure", exchange: "binance", says: /TLS: the certificate is another host's/ },
  { fault: "half-open", exchange: "binance", isSilent: true, says: /no answer within 1 s/ },
  {
    fault: "stall",
    exchange: "binance",
    isSilent: true,
    says: /connected, but no price for 1(\.\d)? s/,
  },
  {
    fault: "ack-only",
    exchange: "binance",
    isSilent: true,
    says: /connected, but no price for 1(\.\d)? s/,
  },
  {
    fault: "stall",
    exchange: "coinbase",
    isSilent: true,
    says: /connected, but no price for 1(\.\d)? s/,
  },
  {
    fault: "quiet-close",
    exchange: "coinbase",
    detail: { seconds: 0.5 },
    isSilent: true,
    says: /closed with 1001/,
  },
  {
    fault: "unauthorized",
    exchange: "binance",
    waitMs: QUICK.fatalRetryMs,
    says: /401 unauthorized/,
  },
  {
    fault: "blocked-451",
    exchange: "binance",
    waitMs: QUICK.fatalRetryMs,
    says: /451 .*data-stream\.binance\.vision/,
  },
  {
    fault: "rate-limited-429",
    exchange: "binance",
    detail: { seconds: 1 },
    waitMs: 1000,
    says: /HTTP 429.* 1 s/,
  },
  {
    fault: "banned-418",
    exchange: "binance",
    detail: { seconds: 1 },
    waitMs: 1000,
    says: /banned .*HTTP 418.* 1 s/,
  },
];

describe.concurrent("on the wall clock", () => {
  it.for(rows)(
    "$fault at $exchange is noticed in time, named, and over soon after",
    async (row, context) => {
      const { fault, exchange, detail, isSilent = false, waitMs = 0, says } = row;
      const { emulator, quotes, messages, health } = await startRig(context, { exchange });
      messages.length = 0;
      const isTold = (words: RegExp) => messages.some((message) => words.test(message));

      const brokenAt = performance.now();
      emulator.break(exchange, fault, detail);
      await until(() => isTold(/^Disconnected|^Refused/));
      const detectMs = performance.now() - brokenAt;
      expect(detectMs).toBeLessThan((isSilent ? SILENCE_MS : 0) + SLACK_MS);
      await until(() => isTold(says));

      emulator.mend(exchange);
      const mendedAt = performance.now();
      const before = quotes.length;
      await until(() => quotes.length > before && health().state === "live", 8000);
      const nextPriceMs = performance.now() - mendedAt;
      const attemptMs = QUICK.connectTimeoutMs + QUICK.backoff.capMs;
      expect(nextPriceMs).toBeLessThan(waitMs + attemptMs + SLACK_MS);
    },
  );

  it("a connection is replaced before the exchange cuts it, and again, without a gap", async (context) => {
    const { quotes, messages, health } = await startRig(context, { timing: { lifetimeMs: 1500 } });
    messages.length = 0;
    await until(() => health().rollovers >= 2, 8000);
    expectNoGap(quotes);
    expect(messages.filter((message) => /^(Connected|Disconnected)/.test(message))).toEqual([]);
  });

  it("a server that announces its shutdown is left before it cuts, without a gap", async (context) => {
    const { emulator, quotes, messages, health } = await startRig(context, {});
    messages.length = 0;
    emulator.break("binance", "server-shutdown", { seconds: 3 });
    await until(() => health().rollovers === 1, 3000);
    await until(() => emulator.state().exchanges.binance.connections === 1);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expectNoGap(quotes);
    expect(health().state).toBe("live");
    expect(messages.filter((message) => /^(Connected|Disconnected)/.test(message))).toEqual([]);
  });

  it("1,500 chosen symbols come over two connections, within Binance's limits", async (context) => {
    const { quotes, messages, health } = await startRig(context, {
      emulator: { assets: 2000 },
      timing: { silenceMs: 5000 },
      chooseAll: true,
    });
    await until(() => new Set(quotes.map(({ asset }) => asset)).size > 1200, 15_000);
    expect(health()).toMatchObject({ state: "live", connections: 2, reconnects: 0 });
    expect(messages.filter((message) => /Error|Disconnected/.test(message))).toEqual([]);
  });
});

/** The market moves every 250 ms. */
function expectNoGap(quotes: readonly Quote[]) {
  const times = quotes.map(({ receivedAt }) => receivedAt);
  const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(250 + SLACK_MS);
}
