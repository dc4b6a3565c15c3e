import { get } from "node:https";
import { connect } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { certify } from "./support/certificates.ts";
import { until } from "./support/client.ts";
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
