/** The three symptoms that people report in these words, each made with the real SDK, and told apart. */
import { type Clock, createPriceStream, systemClock } from "@cryptovault/price-stream";
import { expect, it } from "vitest";
import WebSocket from "ws";
import { answer, change, type Parts, startFake, update } from "./support/fake.ts";
import { failing, look, of } from "./support/look.ts";

/** The SDK waits for seconds: its time runs faster. */
const PACE = 6;
const real = systemClock();
const fast: Clock = {
  now: () => real.now() * PACE,
  after: (ms, fn) => real.after(ms / PACE, fn),
};

/** What a page of the SDK shows of a gateway, until `over`, and what the doctor says meanwhile. */
async function examine(parts: Parts, over: (states: readonly string[]) => boolean) {
  const fake = await startFake(parts);
  const stream = createPriceStream({
    url: `${fake.url}/ws/prices`,
    maxReconnectAttempts: 1,
    WebSocket,
    clock: fast,
    nextFrame: (fn) => void setImmediate(fn),
  });
  const states: string[] = [];
  const reasons: string[] = [];
  const note = () => {
    states.push(stream.status.state);
    reasons.push(stream.status.reason);
  };
  note();
  const unsubscribe = stream.onStatus(note);
  const [results] = await Promise.all([
    look(fake.url),
    expect.poll(() => over(states), { timeout: 15_000 }).toBe(true),
  ]);
  const prices = stream.all().size;
  unsubscribe();
  stream.close();
  await fake.close();
  return { results, states, reasons, prices };
}

it.concurrent('"Failed to establish price stream connection" is the proxy that does not know the path', async () => {
  const { results, reasons, prices } = await examine(
    {
      upgrade: (socket) => {
        socket.end("HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n");
        return true;
      },
      routes: { "/sse/prices": answer(404, "") },
    },
    (states) => states.at(-1) === "failed",
  );
  expect(reasons.at(-1)).toMatch(/Failed to establish price stream connection/);
  expect(prices).toBe(0);
  expect(failing(results)).toEqual(["handshake", "sse"]);
  expect(of(results, "handshake").seen).toBe("/ws/prices answers 404, by nginx (101 is due)");
});

it.concurrent('"connects but no prices" is the broadcast loop that does not run', async () => {
  const silent = {
    update: () => null,
    change: () => null,
    routes: { "/sse/prices": answer(404, "") },
  };
  const { results, states, reasons, prices } = await examine(silent, (states) =>
    states.includes("failed"),
  );
  expect(states).not.toContain("live");
  expect(reasons.join("\n")).toMatch(/no price/i);
  expect(prices).toBe(0);
  expect(failing(results)).toEqual(["prices", "truth", "v1", "sse"]);
  expect(of(results, "prices").mend).toMatch(/its broadcast loop does not run/);
});

it.concurrent('"updates once, then stops" is the line that dies after the first', async () => {
  const once = {
    update: (n: number) => (n === 1 ? update(n) : null),
    change: (n: number) => (n === 0 ? change(n) : null),
    status: null,
    heartbeats: false,
  };
  const { results, states, prices } = await examine(once, (states) =>
    states.slice(states.indexOf("live")).some((state) => state === "reconnecting"),
  );
  expect(states).toContain("live");
  expect(prices).toBeGreaterThan(0);
  expect(failing(results)).toEqual(["steady", "truth", "idle"]);
  expect(of(results, "steady").seen).toMatch(/^1 update, and none for .* nor anything else$/);
});
