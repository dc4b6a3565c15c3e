import { existsSync, mkdtempSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMirror, type Mirror } from "@cryptovault/price-stream/mirror";
import { decodeServerMessage, encode, type Position } from "@cryptovault/price-stream/protocol/v1";
import { expect, it } from "vitest";
import WebSocket from "ws";
import { start } from "./support/cli.ts";
import { until } from "./support/client.ts";

const CLIENTS = 40;
const DRAIN_MS = 1500;

/** A client of v1 that wants everything, and resumes from `since`. */
function visit(port: number, mirror: Mirror, since?: Position) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/prices`, "cryptovault.v1.json");
  const seen = { updates: 0, firstRows: 0, epoch: "", closedAt: 0, code: 0, reason: "" };
  socket.on("message", (data) => {
    const message = decodeServerMessage(data.toString());
    if (message?.type === "hello") {
      seen.epoch = message.epoch;
      mirror.hello(message);
      socket.send(encode({ type: "subscribe", assets: "*", ...(since ? { since } : {}) }));
    } else if (message?.type === "price_update") {
      mirror.update(message);
      if (seen.updates++ === 0) seen.firstRows = message.assets.length;
    }
    if (message && "echo" in message && message.echo) {
      socket.send(encode({ type: "echo", seq: message.seq }));
    }
  });
  socket.on("close", (code, reason) => {
    Object.assign(seen, { closedAt: Date.now(), code, reason: reason.toString() });
  });
  socket.on("error", () => {});
  return { socket, seen };
}

const booted = async (args: string[]) => {
  const running = start(args);
  await until(() => running.state.output.includes("Made-up prices"), 15_000);
  const port = Number(/http:\/\/localhost:(\d+)/.exec(running.state.output)?.[1]);
  return { ...running, port };
};

it("a restart by SIGTERM costs clients a moment: they are sent away one by one, and resume", async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), "restart-")), "state.json");
  const args = ["demo", "--drain", `${DRAIN_MS}ms`, "--state-file", stateFile, "--port"];
  const first = await booted([...args, "0"]);
  const { port } = first;
  const mirrors = Array.from({ length: CLIENTS }, createMirror);
  const clients = mirrors.map((mirror) => visit(port, mirror));
  await until(() => clients.every(({ seen }) => seen.updates >= 2), 10_000);
  const signalledAt = Date.now();
  first.child.kill("SIGTERM");
  await until(() => first.state.output.includes("Draining"), 2000);

  const readyz = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect(readyz.status).toBe(503);
  const late = new WebSocket(`ws://127.0.0.1:${port}/ws/prices`);
  late.on("error", () => {});
  const [, refusal] = await new Promise<[unknown, IncomingMessage]>((resolve) =>
    late.on("unexpected-response", (...answer) => resolve(answer)),
  );
  expect(refusal.statusCode).toBe(503);
  late.terminate();

  await until(() => clients.every(({ seen }) => seen.code > 0), DRAIN_MS + 3000);
  for (const { seen } of clients) {
    expect(seen.code).toBe(1012);
    expect(seen.reason).toMatch(/^The gateway is restarting\. Come back in \d\.\d s\.$/);
  }
  const goneAfter = clients.map(({ seen }) => seen.closedAt - signalledAt).sort((a, b) => a - b);
  // Spread, not at once: a quarter of them is away after about a quarter of the time.
  expect(goneAfter[CLIENTS / 4] ?? 0).toBeGreaterThan(DRAIN_MS / 8);
  expect(goneAfter[CLIENTS / 4] ?? 0).toBeLessThan(DRAIN_MS * 0.6);
  await until(() => first.state.code !== undefined, 5000);
  expect(first.state.code).toBe(0);

  const second = await booted([...args, String(port)]);
  const epoch = clients[0]?.seen.epoch;
  const heldBefore = mirrors.map((mirror) => mirror.all().size);
  const again = mirrors.map((mirror) => visit(port, mirror, mirror.position()));
  await until(() => again.every(({ seen }) => seen.updates >= 1), 10_000);
  for (const [i, { seen }] of again.entries()) {
    expect(seen.epoch).toBe(epoch);
    expect(mirrors[i]?.all().size).toBeGreaterThanOrEqual(heldBefore[i] ?? 0);
  }
  // Those who left last had next to nothing to catch up on.
  expect(Math.min(...again.map(({ seen }) => seen.firstRows))).toBeLessThan(400);
  for (const { socket } of again) socket.terminate();
  second.child.kill("SIGTERM");
  second.child.kill("SIGTERM");
  await until(() => second.state.code !== undefined, 5000);
}, 40_000);

it("a second SIGTERM ends it at once", async () => {
  const { child, state, port } = await booted(["demo", "--drain", "30s", "--port", "0"]);
  const { socket, seen } = visit(port, createMirror());
  await until(() => seen.updates > 0, 5000);
  child.kill("SIGTERM");
  await until(() => state.output.includes("Draining"), 2000);
  child.kill("SIGTERM");
  await until(() => state.code !== undefined, 1000);
  expect(state.code).toBe(1);
  socket.terminate();
}, 30_000);

it("a SIGTERM while it starts ends it in good order once it has, and costs no state", async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), "restart-")), "state.json");
  const args = ["demo", "--drain", "30s", "--port", "0", "--state-file", stateFile];
  const { child, state } = start(args);
  await until(() => state.output.includes("a new epoch begins"), 15_000);
  child.kill("SIGTERM");
  await until(() => state.code !== undefined, 10_000);
  expect(state.code).toBe(0);
  expect(existsSync(stateFile)).toBe(true);
}, 30_000);
