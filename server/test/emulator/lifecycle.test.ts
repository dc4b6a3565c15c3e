import { execFile } from "node:child_process";
import { connect as connectTcp } from "node:net";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/emulator.ts";
import { binanceUrl, coinbaseClient, coincapUrl, connect, dial, running } from "./support.ts";

it("closes every socket, dead and waiting ones too, and frees its port", async () => {
  const emulator = await startEmulator({ assets: 500, tickMs: 25 });
  const dead = await connect(coincapUrl(emulator));
  emulator.break("coincap", "half-open");
  const clients = [
    dead,
    dial(coincapUrl(emulator)),
    await connect(binanceUrl(emulator)),
    await coinbaseClient(emulator),
  ];
  await emulator.close();
  expect((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code)).toEqual(
    clients.map(() => 1006),
  );
  const again = await startEmulator({ port: Number(new URL(emulator.url).port) });
  expect(again.url).toBe(emulator.url);
  await again.close();
});

it("leaves nothing behind that keeps a process alive", async () => {
  const program = `
    const { startEmulator } = await import(${JSON.stringify(new URL("../../src/emulator/emulator.ts", import.meta.url))});
    const emulator = await startEmulator();
    const socket = new WebSocket(emulator.endpoints.binance.ws + "/ws/!miniTicker@arr");
    await new Promise((resolve) => { socket.onopen = resolve; });
    emulator.break("binance", "server-shutdown", { seconds: 60 });
    await emulator.close();
    console.log("closed");
  `;
  const flags = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 10_000 });
  expect(stdout).toBe("closed\n");
});

it("listens on the loopback interface only", async () => {
  const { url, endpoints } = await running();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(endpoints.binance.ws).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\//);
  const other = connectTcp(Number(new URL(url).port), "127.0.0.2");
  const outcome = await new Promise((resolve) => {
    other.on("connect", () => resolve("connected"));
    other.on("error", () => resolve("refused"));
  });
  other.destroy();
  expect(outcome).toBe("refused");
});

it("says so when its port is taken, or the number of assets is out of range", async () => {
  const { url } = await running();
  await expect(startEmulator({ port: Number(new URL(url).port) })).rejects.toThrow(/EADDRINUSE/);
  await expect(startEmulator({ assets: 12 })).rejects.toThrow(/from 500 to 2000/);
});
