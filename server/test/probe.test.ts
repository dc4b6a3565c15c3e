import { once } from "node:events";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { manualClock } from "../src/clock.ts";
import { createProbe } from "../src/wire/probe.ts";
import { certify } from "./support/certificates.ts";
import { sleep, until } from "./support/client.ts";
import { ADMIN_TOKEN, type Rig, recordedLog, startRig } from "./support/gateway.ts";

const KEY = "k-0123456789abcdef";
const ORIGIN = "https://page.example";

let rig: Rig | undefined;
afterEach(() => rig?.close());

const probed = async ({ gateway }: Rig) => {
  await until(() => gateway.health().probe.verdict !== "pending", 8000);
  return gateway.health().probe;
};

/** As `fetch` does, but trusting everybody. */
const fetchInsecure = (url: string) =>
  new Promise<string>((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    get(url, { headers, rejectUnauthorized: false, agent: false }, (answer) => {
      answer
        .setEncoding("utf8")
        .toArray()
        .then((parts) => resolve(parts.join("")), reject);
    }).on("error", reject);
  });

/** The certificate that a client is shown. */
const shown = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });

describe("the gateway's own probe", () => {
  it("gets prices where nobody else could: TLS, keys, another origin, and no place left", async () => {
    rig = await startRig({
      tls: await certify("localhost"),
      access: { apiKeys: [{ name: "web", key: KEY }] },
      limits: { origins: [ORIGIN], clients: 1 },
    });
    const { port } = rig.gateway;
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/prices`, {
      rejectUnauthorized: false,
      origin: ORIGIN,
      headers: { authorization: `Bearer ${KEY}` },
    });
    await until(() => socket.readyState === socket.OPEN, 5000);
    expect(await probed(rig)).toMatchObject({ verdict: "pass" });
    await until(() => rig?.gateway.health().hub.clients === 1, 5000);
    const late = new WebSocket(`wss://127.0.0.1:${port}/ws/prices`, { rejectUnauthorized: false });
    const [refused] = await Promise.all([
      new Promise((resolve) =>
        late.on("unexpected-response", (_r, { statusCode }) => resolve(statusCode)),
      ),
    ]);
    expect(refused).toBe(503);
    late.on("error", () => {});
    late.terminate();
    socket.terminate();
  });

  it("fails on a certificate that is over, though prices come: a browser would not connect", async () => {
    rig = await startRig({ tls: await certify("localhost", new Date(Date.now() - 60_000)) });
    expect(await probed(rig)).toMatchObject({
      verdict: "fail",
      seen: expect.stringContaining("the certificate is over"),
    });
    expect(rig.gateway.health()).toMatchObject({ status: "down" });
    const answer = await fetchInsecure(`${rig.gateway.url}/metrics`);
    const [, left] = /^price_stream_certificate_remaining_seconds (\S+)$/m.exec(answer) ?? [];
    expect(Number(left)).toBeLessThan(-60);
    expect(Number(left)).toBeGreaterThan(-90);
  });
});

describe("a renewed certificate", () => {
  it("is shown to new connections; one that is none changes nothing", async () => {
    const { log } = recordedLog();
    rig = await startRig({ tls: await certify("localhost"), log });
    const { gateway } = rig;
    const first = await shown(gateway.port);
    expect(() => gateway.renew({ cert: "none", key: "none" })).toThrow(/--tls-cert and --tls-key/);
    expect(await shown(gateway.port)).toBe(first);
    gateway.renew(await certify("localhost"));
    expect(await shown(gateway.port)).not.toBe(first);
  });
});

describe("what the probe sees", () => {
  /** A probe of a stream that says hello, and whatever else it is told to. */
  async function look() {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const clock = manualClock(0);
    const market = { hasPrices: false };
    const { log, lines } = recordedLog();
    const probe = createProbe({
      clock,
      log,
      isCertified: () => true,
      hasPrices: () => market.hasPrices,
    });
    onTestFinished(() => probe.stop());
    probe.start({ url: `ws://127.0.0.1:${port}`, secret: "" });
    const connected = once(server, "connection");
    clock.advanceTo(1000);
    const [client] = (await connected) as [WebSocket];
    client.send('{"type":"connection"}');
    await sleep(50);
    const pass = (ms: number) => clock.advanceTo(clock.now() + ms);
    return { market, probe, client, pass, lines };
  }

  it("is no fault where prices came only while it looked: the next broadcast may bring them", async () => {
    const { market, probe, client, pass } = await look();
    pass(2900);
    market.hasPrices = true;
    pass(200);
    expect(probe.result()).toMatchObject({ verdict: "pending", frames: 0 });
    client.send('{"type":"price_update","prices":{}}');
    await expect.poll(() => probe.result().verdict).toBe("pass");
  });

  it("is a fault where prices were there for as long as it may take, and none was sent", async () => {
    const { market, probe, pass, lines } = await look();
    market.hasPrices = true;
    pass(3000);
    expect(probe.result().verdict).toBe("pending");
    pass(3000);
    expect(probe.result()).toMatchObject({ verdict: "fail", frames: 1 });
    expect(lines.map((line) => JSON.parse(line).level)).toEqual([50]);
  });

  it("is quiet without prices", async () => {
    const { probe, pass } = await look();
    pass(3000);
    expect(probe.result()).toMatchObject({ verdict: "quiet", frames: 1 });
  });
});
