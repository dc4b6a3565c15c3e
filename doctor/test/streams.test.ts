import type { IncomingMessage, RequestListener } from "node:http";
import { expect, it } from "vitest";
import { onFake, tellsApart } from "./support/broken.ts";
import { answer, change, health, IDS, startFake, status, update } from "./support/fake.ts";
import { BRIEF, failing, look, of, QUICK } from "./support/look.ts";

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

/** /health of a gateway whose exchange has been silent since. */
const lastData =
  (at: string): RequestListener =>
  (request, response) => {
    const dataAgeMs = Date.now() - Date.parse(at);
    const coincap = { name: "coincap", state: "live", stateReason: "prices", dataAgeMs };
    answer(200, health({ sources: [coincap] }))(request, response);
  };

it.concurrent("finds nothing amiss where nothing is broken", async () => {
  const fake = await startFake();
  const results = await look(fake.url, { timing: { ...QUICK, watchMs: 1300 } });
  await fake.close();
  expect(failing(results), JSON.stringify(results)).toEqual([]);
  const skipped = results.filter(({ status }) => status === "skip").map(({ name }) => name);
  expect(skipped).toEqual(["tls", "page", "origin"]);
});

tellsApart([
  onFake(
    "101, then silence",
    { hello: null, update: () => null, status: null, change: () => null },
    ["hello", "truth", "v1"],
    /^101, then silence for [\d.]+ m?s$/,
    /^Restart the gateway; if it stays silent, look at the proxy/,
  ),
  onFake(
    "a line that is closed after the handshake",
    { opened: (socket) => socket.close(1011, "out of memory") },
    ["hello", "v1"],
    /closed with 1011 .*out of memory/,
    /log/,
  ),
  onFake(
    "a gateway that turns the client away, in the gateway's words",
    {
      opened(socket) {
        const error = { type: "error", code: "x", message: "No key.", hint: "Show a key." };
        socket.send(JSON.stringify(error));
        socket.close(3504, "No key.");
      },
    },
    ["hello", "v1"],
    /^turned away: No key\. closed with 3504 after .* \(No key\.\)$/,
    /^Show a key\.$/,
  ),
  onFake(
    "a service that is no price stream",
    { hello: { type: "chat" }, update: () => ({ type: "chat" }), status: { type: "chat" } },
    ["hello", "truth", "v1"],
    /^\d+ messages, not one of which is of a price stream$/,
    /^Check the path/,
  ),
  {
    ...onFake(
      "health green while clients starve",
      { update: () => null },
      ["prices", "truth"],
      /no price/,
      /Restart/,
    ),
    also: {
      truth: /^\/health says ok \(self-probe: a price after 5 ms\), and clients starve: prices$/,
    },
  },
  onFake(
    "a dead broadcast: a hello, then no price",
    { update: () => null },
    ["prices", "truth"],
    /a hello, then no price within [\d.]+ m?s, though the gateway says it has 12 \(state connected, is_running true\)/,
    /^Restart the gateway: .*broadcast loop does not run/,
  ),
  onFake(
    "a gateway that greets, and then neither sends nor reads",
    { update: () => null, status: null },
    ["prices", "truth"],
    /no answer to get_status/,
    /neither sends nor reads/,
  ),
  onFake(
    "a gateway that has had no price since its start",
    { update: () => null, status: status({ state: "connecting", prices_cached: 0 }) },
    ["prices", "truth"],
    /it has had none since its start/,
    /exchanges/,
  ),
  onFake(
    "dead exchanges: prices that come and are frozen",
    { update: () => update(1), routes: { "/health": lastData(HOUR_AGO) } },
    ["moving", "truth"],
    /^updates go on, and not one of 12 prices changed for [\d.]+ m?s; last data: coincap 6\d\.?\d* min ago$/,
    /^Mend the way from the gateway to its exchanges/,
  ),
  onFake(
    "exchanges that die while it looks",
    {
      update: (n) => update(Math.min(n, 3)),
      routes: { "/health": lastData(new Date().toISOString()) },
    },
    ["moving", "truth"],
    /^updates go on, and not one of 12 prices changed for [\d.]+ m?s;/,
    /exchanges/,
    { timing: { ...QUICK, oldMs: 8000 } },
  ),
  onFake(
    "old prices, as the gateway says itself",
    { update: (n) => update(n, { stale: IDS }) },
    ["fresh", "truth"],
    /^all of 12 prices are old/,
    /exchanges/,
  ),
  onFake(
    "old prices that are sent as fresh ones",
    { status: status({ last_update: HOUR_AGO }) },
    ["fresh", "truth"],
    /^12 prices sent as fresh, the newest received 60 min ago/,
    /exchanges/,
  ),
  onFake(
    "one update, then none",
    { update: (n) => (n === 1 ? update(n) : null), status: null, change: () => null },
    ["steady", "truth", "v1"],
    /^1 update, and none for [\d.]+ m?s since [\d.]+ m?s after the start, nor anything else$/,
    /the line is dead, and neither end says so/,
  ),
  onFake(
    "updates that stop while other messages go on",
    { update: (n) => (n < 5 ? update(n) : status()) },
    ["steady", "truth"],
    /^4 updates, and none for [\d.]+ m?s .* while other messages go on$/,
    /^Restart the gateway: its broadcast loop has stopped/,
  ),
  onFake(
    "updates that stop since no price is fresh any more",
    { update: (n) => (n < 5 ? update(n) : status({ state: "stale" })) },
    ["steady", "truth"],
    /no price is fresh; last data: coincap 40 ms ago$/,
    /exchanges/,
  ),
  onFake(
    "updates that are held up",
    { update: (n) => (n === 1 || n >= 12 ? update(n) : null) },
    ["steady", "truth"],
    /up to [\d.]+ m?s apart; one is due each second/,
    /holds updates up/,
  ),
  onFake(
    "a line that is cut after a while",
    { opened: (socket) => void setTimeout(() => socket.terminate(), 1000) },
    ["steady", "v1"],
    /^\d+ updates, then closed with 1006 after [\d.]+ m?s$/,
    /^Raise the time for which the proxy or platform lets a WebSocket stand/,
  ),
  onFake(
    "a gateway that restarts",
    { opened: (socket) => void setTimeout(() => socket.close(1012, "restart"), 1000) },
    ["steady", "v1"],
    /closed with 1012 .*\(restart\)/,
    /^Wait until the gateway has restarted/,
  ),
  onFake(
    "a gateway older than the client: no subprotocol",
    { v1: false },
    ["v1"],
    /chose no subprotocol: it does not know cryptovault\.v1\.json/,
    /^Update the gateway: it is older than the client/,
  ),
  onFake(
    "a subprotocol that gets lost on the way",
    {
      v1: false,
      hello: { type: "connection", protocols: ["cryptovault.v1.json"], timestamp: HOUR_AGO },
    },
    ["v1"],
    /it was not asked/,
    /Sec-WebSocket-Protocol/,
  ),
  onFake(
    "an answer to the subscription that never comes",
    { change: () => null },
    ["v1"],
    /no answer to the subscription within [\d.]+ m?s/,
    /cryptovault\.v1\.json does not work/,
  ),
  onFake(
    "a dead broadcast of v1 alone",
    { change: (n) => (n === 0 ? change(n) : null) },
    ["v1"],
    /12 assets after [\d.]+ m?s, 0 updates, and none for .* while the plain contract goes on/,
    /cryptovault\.v1\.json does not work/,
  ),
  onFake(
    "events that never come",
    {
      routes: {
        "/sse/prices": (_request, response) => {
          response.writeHead(200, { "content-type": "text/event-stream", server: "buffy" });
          response.flushHeaders();
        },
      },
    },
    ["sse"],
    /answers 200, by buffy, then no event within 1.2 s: held back/,
    /buffering/,
  ),
  onFake(
    "events that are dropped",
    { routes: { "/sse/prices": (request) => request.socket.destroy() } },
    ["sse"],
    /ends the connection without an answer \(ECONNRESET/,
    /^Look at the log of the proxy/,
    { timing: BRIEF },
  ),
  onFake(
    "a page in place of the events",
    { routes: { "/sse/prices": answer(200, "<!doctype html>") } },
    ["sse"],
    /a page, not the gateway/,
    /^Route \/sse\/prices to the gateway/,
    { timing: BRIEF },
  ),
  onFake(
    "events that end",
    {
      routes: {
        "/sse/prices": (_request, response) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          const timestamp = new Date().toISOString();
          response.end(`data: {"type":"pong","timestamp":"${timestamp}"}\n\n`);
        },
      },
    },
    ["sse"],
    /the stream ended after [\d.]+ m?s and 1 event/,
    /has no end/,
    { timing: BRIEF },
  ),
  onFake(
    "a page in place of /health",
    { routes: { "/health": answer(200, "<!doctype html>") } },
    ["health"],
    /^\/health answers 200: a page, not the gateway$/,
    /^Route \/health to the gateway/,
    { timing: BRIEF },
  ),
  onFake(
    "a gateway that is down, and says why",
    {
      routes: {
        "/health": answer(503, health({ status: "down", reasons: ["every price is stale"] })),
      },
    },
    ["health"],
    /^down \(503\): every price is stale$/,
    /exchanges/,
    { timing: BRIEF },
  ),
  onFake(
    "a gateway that is down for itself",
    {
      routes: {
        "/health": answer(
          503,
          health({
            status: "down",
            reasons: ["self-probe: connected, but no message came"],
            probe: { verdict: "fail", seen: "connected, but no message came" },
          }),
        ),
      },
    },
    ["health"],
    /self-probe: connected, but no message came/,
    /^Mend what the self-probe names, else restart the gateway/,
    { timing: BRIEF },
  ),
  onFake(
    "a gateway that is not ready: no price yet",
    {
      routes: {
        "/readyz": answer(503, { status: "not ready", reason: "There has been no price." }),
        "/health": answer(200, health({ book: { assets: 0, fresh: 0, newestAgeMs: null } })),
      },
    },
    ["ready"],
    /^not ready \(503\): There has been no price\.; last data/,
    /exchanges/,
    { timing: BRIEF },
  ),
  onFake(
    "a gateway that is about to stop",
    { routes: { "/readyz": answer(503, { status: "not ready", reason: "Restarting." }) } },
    ["ready"],
    /^not ready \(503\): Restarting\.$/,
    /^Wait for the next process/,
    { timing: BRIEF },
  ),
  onFake(
    "a gateway whose stream is dead",
    {
      routes: {
        "/readyz": answer(503, { status: "not ready", reason: "Nothing comes." }),
        "/health": answer(200, health({ probe: { verdict: "fail", seen: "nothing" } })),
      },
    },
    ["ready"],
    /Nothing comes/,
    /^Restart the gateway: its stream is dead/,
    { timing: BRIEF },
  ),
  onFake(
    "a gateway older than the client: its version",
    { routes: { "/health": answer(200, health({ version: "0.9.4" })) } },
    ["version"],
    /^the gateway is 0\.9\.4, this client 0\.10\.1$/,
    /^Update the gateway/,
    { timing: BRIEF, version: "0.10.1" },
  ),
]);

it.concurrent("shows its token as the SDK does, in no URL, and to nothing that is open to everybody", async () => {
  const asked: IncomingMessage[] = [];
  const open: IncomingMessage[] = [];
  const answerTo =
    (list: IncomingMessage[]): RequestListener =>
    (request, response) => {
      list.push(request);
      response.end("{}");
    };
  const fake = await startFake({
    upgrade(_socket, request) {
      asked.push(request);
      return false;
    },
    routes: {
      "/sse/prices": answerTo(asked),
      "/livez": answerTo(open),
      "/readyz": answerTo(open),
      "/health": answerTo(open),
    },
  });
  await look(fake.url, { timing: BRIEF, token: "a.b-c", page: "https://app.example" });
  await fake.close();
  expect(asked).toHaveLength(6);
  const paths = new Set(open.map(({ url }) => url));
  expect([...paths].toSorted()).toEqual(["/health", "/livez", "/readyz"]);
  for (const { headers } of open) expect(headers.authorization).toBeUndefined();
  for (const { url, headers } of asked) {
    expect(url).not.toContain("a.b-c");
    expect(headers.authorization).toBe("Bearer a.b-c");
  }
  const protocols = asked.map(({ headers }) => headers["sec-websocket-protocol"]);
  const shown = "cryptovault.v1.json,bearer.a.b-c";
  expect(protocols.toSorted()).toEqual([shown, shown, shown, undefined, undefined, undefined]);
});

it.concurrent("waits for a heartbeat before it calls a quiet line well", async () => {
  const fake = await startFake();
  const short = await look(fake.url, { timing: { ...QUICK, watchMs: 300 } });
  await fake.close();
  expect(of(short, "idle")).toMatchObject({ status: "skip" });
  expect(of(short, "idle").seen).toMatch(/the first heartbeat is due within 600 ms: --for 60s/);
});

it.concurrent("asks for no version of a gateway that tells none", async () => {
  const routes = { "/health": answer(200, health({ version: undefined })) };
  const fake = await startFake({ routes });
  const results = await look(fake.url, { timing: BRIEF });
  await fake.close();
  expect(of(results, "version").status).toBe("skip");
});

it.concurrent("does not call two prices frozen that rest for a moment", async () => {
  const prices = { bitcoin: "97000", "coin-0": "3000" };
  const fake = await startFake({
    update: (n) => update(n, { prices }),
    status: status({ prices_cached: 2 }),
    change: (n) =>
      n > 0
        ? null
        : change(n, {
            assets: [0, 1],
            prices: Object.values(prices),
            facts: [
              { assets: [0, 1], names: Object.keys(prices), source: "coincap", quote: "USD" },
            ],
          }),
  });
  const results = await look(fake.url, { timing: { ...QUICK, watchMs: 1300 } });
  await fake.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "moving").seen).toMatch(/^none of 2 prices changed in .*: watch for longer/);
});

it.concurrent.each([
  ["demo", "DEMO: these prices are made up by the exchange emulator"],
  ["replay", "REPLAY: these prices are of a recording, not of now"],
])("takes prices of a %s for no fault, and says what they are", async (label, seen) => {
  const fake = await startFake({ update: (n) => update(n, { [label]: true }) });
  const results = await look(fake.url, { timing: BRIEF });
  await fake.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "label")).toMatchObject({ status: "pass", seen });
  expect(of(results, "label").mend).toMatch(/^Run the gateway/);
});
