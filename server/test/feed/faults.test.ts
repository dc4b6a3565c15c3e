import { expect, it } from "vitest";
import type { FaultName } from "../../src/emulator/emulator.ts";
import { binance } from "../../src/sources/binance.ts";
import type { Call } from "../support/dial.ts";
import { enliven, stageRunner, TIMING } from "../support/runner.ts";

const STEP_MS = 250;

type Meets = (call: Call) => void;

/** One way to fail. Times in ms from the failure on, which is just after a price. */
type Row = {
  fault: FaultName;
  /** What the open connection meets; without, it goes on as if nothing were wrong. */
  open?: Meets | "silence" | "heartbeats";
  /** What newcomers meet, until when. */
  newcomers?: { meet: Meets; until: number };
  /** The open connection is cut then. */
  cutAt?: number;
  silenceMs?: number;
  detect: number;
  nextPrice: number;
  says: RegExp;
};

const cut: Meets = ({ events }) => events.closed("closed with 1006");
const unanswered: Meets = () => {};
const acked: Meets = ({ events }) => {
  events.opened();
  events.text("ack");
};
const closed =
  (reason: string): Meets =>
  ({ events }) =>
    events.closed(reason);
const refused =
  (status: number, retryAfterMs?: number): Meets =>
  ({ events }) =>
    events.refused(status, retryAfterMs);

/** Every backoff as long as it may be: 1 s, 2 s, 4 s … */
const rows: Row[] = [
  {
    fault: "drop",
    open: cut,
    detect: 0,
    nextPrice: 1000,
    says: /^down: closed with 1006/,
  },
  {
    fault: "cut-24h",
    open: closed("closed with 1001"),
    detect: 0,
    nextPrice: 1000,
    says: /^down: closed with 1001/,
  },
  {
    fault: "refuse",
    open: cut,
    newcomers: { meet: closed("connection refused"), until: 2500 },
    detect: 0,
    nextPrice: 3000,
    says: /^down: connection refused/,
  },
  {
    fault: "dns-failure",
    open: cut,
    newcomers: { meet: closed("DNS: there is no such host"), until: 2500 },
    detect: 0,
    nextPrice: 3000,
    says: /^down: DNS: /,
  },
  {
    fault: "tls-failure",
    open: cut,
    newcomers: { meet: closed("TLS: the certificate is another host's"), until: 2500 },
    detect: 0,
    nextPrice: 3000,
    says: /^down: TLS: /,
  },
  {
    fault: "half-open",
    open: "silence",
    newcomers: { meet: unanswered, until: 12_000 },
    detect: 10_000,
    // After the silence 1 s, 10 s without an answer, 2 s.
    nextPrice: 23_000,
    says: /^down: no answer within 10 s/,
  },
  {
    fault: "stall",
    open: "heartbeats",
    newcomers: { meet: acked, until: 5000 },
    detect: 10_000,
    nextPrice: 11_000,
    says: /^down: connected, but no price for 10 s/,
  },
  {
    fault: "ack-only",
    open: "silence",
    newcomers: { meet: acked, until: 15_000 },
    detect: 10_000,
    // The newcomer of 11 s is acked and silent as well.
    nextPrice: 23_000,
    says: /^down: connected, but no price for 10 s/,
  },
  {
    fault: "quiet-close",
    open: "silence",
    silenceMs: 30_000,
    cutAt: 75_000,
    detect: 30_000,
    nextPrice: 31_000,
    says: /^down: connected, but no price for 30 s/,
  },
  {
    fault: "unauthorized",
    open: cut,
    newcomers: { meet: refused(401), until: 60_000 },
    detect: 0,
    nextPrice: 1000 + TIMING.fatalRetryMs,
    says: /^fatal: 401 unauthorized/,
  },
  {
    fault: "blocked-451",
    open: cut,
    newcomers: { meet: refused(451), until: 60_000 },
    detect: 0,
    nextPrice: 1000 + TIMING.fatalRetryMs,
    says: /^fatal: 451 .*binance=wss:\/\/data-stream\.binance\.vision .*stream\.binance\.us/,
  },
  {
    fault: "rate-limited-429",
    open: cut,
    newcomers: { meet: refused(429, 20_000), until: 20_000 },
    detect: 0,
    nextPrice: 21_000,
    says: /^down: too many requests .* 20 s/,
  },
  {
    fault: "banned-418",
    open: cut,
    newcomers: { meet: refused(418), until: 60_000 },
    detect: 0,
    nextPrice: 121_000,
    says: /^down: banned .* 2 min/,
  },
  {
    fault: "server-shutdown",
    open: ({ events }) => events.text("shutdown"),
    cutAt: 10_000,
    detect: 0,
    // The old connection brings it: there is no gap.
    nextPrice: 1000,
    says: /^live: prices; to be replaced: shutdown/,
  },
];

it.each(rows)(
  "$fault: noticed after $detect ms, the next price after $nextPrice ms",
  async (row) => {
    const stage = await stageRunner({
      facts: binance.facts,
      timing: { ...TIMING, silenceMs: row.silenceMs ?? TIMING.silenceMs },
    });
    const { runner, calls, call, clock, states, heard, wait } = stage;
    const first = call(0);
    enliven(first);
    await wait(1000);
    first.events.text("price");
    const brokenAt = clock.now();
    const since = () => clock.now() - brokenAt;
    let met = calls.length;
    let detectedAt: number | undefined;
    states.length = heard.length = 0;

    if (typeof row.open === "function") row.open(first);
    while (!heard.includes("price") && since() < 400_000) {
      if (states.length > 0) detectedAt ??= since();
      await wait(STEP_MS);
      const { meet, until } = row.newcomers ?? { meet: enliven, until: 0 };
      for (const newcomer of calls.slice(met)) (since() < until ? meet : enliven)(newcomer);
      met = calls.length;
      if (since() === row.cutAt) first.events.closed("closed with 1001");
      if (since() % 1000 > 0) continue;
      if (row.open === "heartbeats") first.events.text("heartbeat");
      if (row.fault === "server-shutdown") first.events.text("price");
    }
    expect({ detect: detectedAt, nextPrice: since() }).toEqual({
      detect: row.detect,
      nextPrice: row.nextPrice,
    });
    expect(
      states.some((state) => row.says.test(state)),
      states.join("\n"),
    ).toBe(true);
    for (let s = 0; s < 20; s++) {
      for (const { events } of calls) events.text("price");
      await wait(1000);
    }
    expect(runner.stats()).toMatchObject({ state: "live", reason: "prices" });
  },
);
