import { execFile } from "node:child_process";
import { connect as connectTcp } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/emulator.ts";
import { EXCHANGES } from "../../src/emulator/venue.ts";
import {
  binanceUrl,
  coinbaseClient,
  coincapUrl,
  connect,
  dial,
  getJson,
  running,
  shared,
} from "./support.ts";

describe("the emulator", () => {
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
    expect(
      (await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code),
    ).toEqual(clients.map(() => 1006));
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
});

const order = (url: string, body: unknown, method = "PUT") =>
  fetch(url, { method, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("the control API", () => {
  const healthy = shared();

  it("tells the state of each exchange and what every fault means", async () => {
    const emulator = healthy();
    await connect(binanceUrl(emulator));
    const state = await getJson(`${emulator.url}/control`);
    expect(state).toEqual(emulator.state());
    const { exchanges, faults } = emulator.state();
    expect(Object.keys(exchanges)).toEqual(EXCHANGES);
    expect(exchanges.binance).toMatchObject({ fault: null, detail: {}, connections: 1 });
    expect(exchanges.binance.faults).toContain("server-shutdown");
    expect(exchanges.coinbase.faults).not.toContain("server-shutdown");
    expect(faults).toHaveLength(19);
    for (const { meaning } of faults) expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  it("breaks and mends, each time answering with the state", async () => {
    const { url } = await running();
    const broken = await order(`${url}/control/coinbase`, {
      fault: "absurd",
      detail: { asset: "ethereum" },
    });
    expect([broken.status, await broken.json()]).toMatchObject([
      200,
      { exchanges: { coinbase: { fault: "absurd", detail: { asset: "ethereum" } } } },
    ]);
    const mended = await fetch(`${url}/control/coinbase`, { method: "DELETE" });
    expect(await mended.json()).toMatchObject({ exchanges: { coinbase: { fault: null } } });
  });

  it.each([
    ["no JSON", "{"],
    ["no fault", {}],
    ["an unknown fault", { fault: "nope" }],
    ["a fault that is not offered", { fault: "server-shutdown" }],
    ["a detail that is no object", { fault: "absurd", detail: "bitcoin" }],
    ["an asset that is not traded", { fault: "absurd", detail: { asset: "nope" } }],
    ["seconds out of range", { fault: "rate-limited-429", detail: { seconds: -1 } }],
    ["a detail that the fault doesn't take", { fault: "stall", detail: { asset: "bitcoin" } }],
  ])("answers 400, with a hint, to %s", async (_what, body) => {
    const answer = await order(`${healthy().url}/control/coinbase`, body);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: expect.any(String), hint: expect.any(String) },
    ]);
  });

  it("answers 404 to unknown paths, 405 to other methods and 413 to long bodies", async () => {
    const { url } = healthy();
    const statusOf = async (path: string, init?: RequestInit) =>
      (await fetch(`${url}${path}`, init)).status;
    expect(await statusOf("/control/nowhere")).toBe(404);
    expect(await statusOf("/control/binance/more", { method: "DELETE" })).toBe(404);
    expect(await statusOf("/nothing")).toBe(404);
    expect(await statusOf("/control", { method: "PUT", body: "{}" })).toBe(405);
    expect(await statusOf("/control/binance", { method: "POST", body: "{}" })).toBe(405);
    const body = JSON.stringify({ fault: "stall", detail: { asset: "x".repeat(5000) } });
    expect(await statusOf("/control/binance", { method: "PUT", body })).toBe(413);
  });
});
