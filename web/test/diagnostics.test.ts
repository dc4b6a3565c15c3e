import type { Diagnostics, StreamStatus } from "@cryptovault/price-stream";
import { expect, it } from "vitest";
import { createConnectionLog, KEPT_LINES } from "../src/diagnostics/connection-log.ts";
import { factsOf } from "../src/diagnostics/facts.ts";
import { hintsFor, type Situation } from "../src/diagnostics/hints.ts";
import { type Reading, ratesOf, withReading } from "../src/diagnostics/rates.ts";
import { reportOf } from "../src/diagnostics/report.ts";
import { formatBytes, formatMs, formatRate, formatTime } from "../src/diagnostics/words.ts";

const STATUS: StreamStatus = {
  state: "live",
  reason: "Fresh prices arrive.",
  attempt: 0,
  maxAttempts: 10,
  source: "binance",
  label: "none",
};
const FIGURES: Diagnostics = {
  url: "wss://prices.example/ws/prices",
  transport: "v1",
  isOpen: true,
  handshakeMs: 40,
  latencyMs: 12,
  lastError: null,
  messages: 1234,
  bytes: 56_700,
  ignored: 0,
  epoch: "e1",
  seq: 7,
};

/** Titles of the hints where a connection is being tried, of which this was told. */
const hinted = (log: string[], more: Partial<Situation["figures"]> = {}, page = {}) =>
  hintsFor({
    status: { state: "reconnecting", reason: log.at(-1) ?? "" },
    figures: { ...FIGURES, isOpen: false, ...more },
    log,
    page: { origin: "https://shop.example", isOnline: true, ...page },
  }).map(({ title }) => title);

it("tells the address that is really asked: server-sent events have one beside the WebSocket's", () => {
  const address = (transport: Diagnostics["transport"]) =>
    factsOf(STATUS, { ...FIGURES, transport }).find(({ name }) => name === "Address")?.value;
  expect(address("plain")).toBe("wss://prices.example/ws/prices");
  expect(address("sse")).toBe("https://prices.example/sse/prices");
});

it("makes rates of what came in the last five seconds, and none of a single reading", () => {
  let readings: readonly Reading[] = [];
  for (let second = 0; second <= 20; second++) {
    const busy = Math.max(0, second - 10);
    readings = withReading(readings, { at: second * 1000, messages: busy * 2, bytes: busy * 300 });
    if (second === 0) expect(ratesOf(readings)).toBeUndefined();
    if (second === 10) expect(ratesOf(readings)).toEqual({ messagesPerS: 0, bytesPerS: 0 });
  }
  expect(ratesOf(readings)).toEqual({ messagesPerS: 2, bytesPerS: 300 });
  expect(readings).toHaveLength(6);
});

it("makes rates by the time that really passed, not by how often was read", () => {
  const readings = [
    { at: 100, messages: 10, bytes: 1000 },
    { at: 2600, messages: 15, bytes: 3500 },
  ];
  expect(ratesOf(readings)).toEqual({ messagesPerS: 2, bytesPerS: 1000 });
});

it("says nothing of a connection that is well, whatever went wrong before", () => {
  const hints = hintsFor({
    status: STATUS,
    figures: { ...FIGURES, lastError: "Nothing was heard from the server for 30 s." },
    log: ["The connection could not be made.", "Connected to price stream"],
    page: { origin: "https://shop.example", isOnline: true },
  });
  expect(hints).toEqual([]);
});

it.each([
  ["The connection could not be made.", "The handshake fails"],
  ["Nothing was heard from the server for 5 s.", "The connection was made, and then nothing came"],
  ["The server sent no price for 10 s.", "Connected, but no price comes"],
  ["Pages of this origin may not connect.", "The gateway refuses pages of this origin (3502)"],
  [
    "The server refuses this connection (code 3502).",
    "The gateway refuses pages of this origin (3502)",
  ],
  ["There is no stream at this path.", "There is no stream at this address (3500, 3501)"],
  [
    "The server refuses server-sent events (HTTP 429).",
    "Too many connections from this address (429)",
  ],
  [
    "The server refuses server-sent events (HTTP 503).",
    "The gateway has no room, or is not there (503)",
  ],
  ["The gateway is restarting.", "The gateway is restarting (1012)"],
])("knows what to do about: %s", (line, title) => {
  expect(hinted([line])).toEqual([title]);
});

it("tells a connection that was never made from one that fell silent", () => {
  const line = "Nothing was heard from the server for 5 s.";
  expect(hinted([line], { handshakeMs: null })).toEqual(["Nobody answers at this address"]);
});

it("remembers what other attempts ran into, until the connection is well", () => {
  const log = ["The connection could not be made.", "(HTTP 429)", "Connecting to wss://x (v1)"];
  expect(hinted(log)).toHaveLength(2);
  expect(hinted([...log, "Connected to price stream", "The gateway is restarting."])).toEqual([
    "The gateway is restarting (1012)",
  ]);
});

it("blames the network first where the device says that there is none", () => {
  expect(hinted(["The connection could not be made."], {}, { isOnline: false })).toEqual([
    "This device is offline",
  ]);
});

it("names mixed content on a page over https, and only there", () => {
  const plain = { url: "ws://prices.example/ws/prices" };
  const title = "A page over https can't use ws://";
  expect(hinted([], plain)).toEqual([title]);
  expect(hinted([], plain, { origin: "http://shop.example" })).toEqual([]);
});

it("names the page's origin to who can let it in", () => {
  const [hint] = hintsFor({
    status: { state: "failed", reason: "Pages of this origin may not connect." },
    figures: { ...FIGURES, isOpen: false },
    log: [],
    page: { origin: "https://shop.example", isOnline: true },
  });
  expect(hint?.advice).toContain("https://shop.example among its --origins");
});

it.each([
  ["sse", "No WebSocket gets through here"],
  ["plain", "The plain contract, where a leaner one exists"],
] as const)("says why prices come by a lesser way: %s", (transport, title) => {
  const hints = hintsFor({
    status: STATUS,
    figures: { ...FIGURES, transport },
    log: [],
    page: { origin: "http://shop.example", isOnline: true },
  });
  expect(hints.map((hint) => hint.title)).toEqual([title]);
});

it("looks for the cause at the gateway where the connection is well and prices are old", () => {
  const hints = hintsFor({
    status: { state: "stale", reason: "There is no fresh price of what is asked for." },
    figures: FIGURES,
    log: [],
    page: { origin: "http://shop.example", isOnline: true },
  });
  expect(hints.map(({ title }) => title)).toEqual(["Connected, but no price comes"]);
});

it("keeps the last lines of a connection's story, from how it began", () => {
  let tell = (_line: string) => {};
  const stream = {
    status: { ...STATUS, reason: "Connecting to ws://x" },
    onLog(fn: (line: string) => void) {
      tell = fn;
      return () => {};
    },
  };
  const log = createConnectionLog(stream, () => 5);
  const first = log.lines();
  let calls = 0;
  log.subscribe(() => calls++);
  expect(first).toEqual([{ number: 0, at: 5, text: "Connecting to ws://x" }]);
  for (let n = 1; n <= KEPT_LINES + 3; n++) tell(`line ${n}`);
  expect(calls).toBe(KEPT_LINES + 3);
  expect(first).toHaveLength(1);
  expect(log.lines()).toHaveLength(KEPT_LINES);
  expect(log.lines().at(0)?.text).toBe("line 4");
  expect(log.lines().at(-1)).toEqual({
    number: KEPT_LINES + 3,
    at: 5,
    text: `line ${KEPT_LINES + 3}`,
  });
});

it("makes a text of everything, line by line, with local times", () => {
  const at = new Date(2026, 10, 24, 9, 5, 7, 120).getTime();
  const text = reportOf({
    madeAt: "now",
    state: "live: Fresh prices arrive.",
    facts: factsOf(STATUS, FIGURES),
    hints: [{ title: "Odd", advice: "Do this." }],
    lines: [{ number: 0, at, text: "Connected to price stream" }],
  });
  const lines = text.split("\n");
  expect(lines).toContain("CryptoVault price stream, now");
  expect(lines).toContain("Address     wss://prices.example/ws/prices");
  expect(lines).toContain("Received    1,234 messages, 57 kB");
  expect(lines).toContain("Position    7 in epoch e1");
  expect(lines).toContain("Odd: Do this.");
  expect(lines).toContain("09:05:07.120  Connected to price stream");
});

it("says what it does not know with a dash, and never more exactly than it knows", () => {
  expect([formatRate(undefined), formatMs(null), formatBytes(undefined)[0]]).toEqual([
    "–",
    "–",
    "–",
  ]);
  expect([formatRate(0.84), formatRate(9.96), formatRate(12.3)]).toEqual(["0.8", "10", "12"]);
  expect([formatMs(0.2), formatMs(12.4), formatMs(2547)]).toEqual(["< 1", "12", "2,547"]);
  expect([formatBytes(840), formatBytes(56_700), formatBytes(2_340_000)]).toEqual([
    ["0.8", "kB"],
    ["57", "kB"],
    ["2.3", "MB"],
  ]);
  expect(formatTime(new Date(2026, 0, 2, 0, 5, 7, 9).getTime())).toBe("00:05:07.009");
});
