import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Gateway } from "../../src/gateway.ts";
import type { Limits } from "../../src/wire/limits.ts";
import type { Tls } from "../../src/wire/tls.ts";
import { certify } from "../support/certificates.ts";
import { sleep } from "../support/client.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { silentLog, startBare } from "../support/gateway.ts";
import { handshake } from "../support/raw.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startWith(limits: Partial<Limits>, tls?: Tls): Promise<Gateway> {
  const gateway = await startBare(limits, silentLog, { tls });
  cleanups.push(() => gateway.close());
  return gateway;
}

async function startFull(assets: number): Promise<Edge> {
  const edge = await startEdge();
  cleanups.push(() => edge.close());
  for (let i = 0; i < assets; i++) edge.put(`asset-${i}`, "97000.5");
  return edge;
}

/** Sends `text`, and collects what comes back. */
async function open(port: number, text = "") {
  const socket: Socket = connect(port, "127.0.0.1").on("error", () => {});
  cleanups.push(() => socket.destroy());
  const seen = { text: "", isClosed: false };
  socket.on("data", (data) => {
    seen.text += data;
  });
  socket.on("close", () => {
    seen.isClosed = true;
  });
  await once(socket, "connect");
  socket.write(text);
  return { socket, seen };
}

const request = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, "Host: gateway", ...headers, "", ""].join("\r\n");

describe("an answer", () => {
  it("is given to one request at a time: who sends many ahead is cut before they cost anything", async () => {
    const edge = await startFull(100);
    let read = 0;
    const since = edge.book.since;
    edge.book.since = (...args) => {
      read++;
      return since(...args);
    };
    const { seen } = await open(edge.port, request("/api/prices").repeat(500));
    await expect.poll(() => seen.isClosed).toBe(true);
    expect(read).toBeLessThanOrEqual(1);
    const { seen: malformed } = await open(edge.port, request("/%ZZ").repeat(500));
    await expect.poll(() => malformed.isClosed).toBe(true);
    expect(malformed.text.split("HTTP/1.1 400").length - 1).toBeLessThanOrEqual(1);
    const expecting = request("/livez", "Expect: wonders").repeat(500);
    const { seen: hopeful } = await open(edge.port, expecting);
    await expect.poll(() => hopeful.isClosed).toBe(true);
    expect(hopeful.text.split("HTTP/1.1 200").length - 1).toBeLessThanOrEqual(1);
    const { socket, seen: patient } = await open(edge.port, request("/api/prices"));
    await expect.poll(() => patient.text).toContain('"asset-99"');
    socket.write(request("/livez"));
    await expect.poll(() => patient.text).toContain('{"status":"ok"}');
  });

  it("is not written into by an upgrade on the same connection", async () => {
    const { port, health } = await startWith({});
    const { socket, seen } = await open(port, request("/sse/prices"));
    await expect.poll(() => seen.text).toContain("event");
    socket.write(handshake());
    await expect.poll(() => seen.isClosed).toBe(true);
    expect(seen.text).not.toContain("101 Switching");
    await expect.poll(() => health().hub.clients).toBe(0);
  });

  it("that gets no further for 15 s ends the connection, not one that is read slowly", async () => {
    const edge = await startFull(40_000);
    const { socket, seen } = await open(edge.port);
    socket.pause();
    socket.write(request("/api/prices"));
    // What kernels hold on the way is less than the answer.
    await sleep(500);
    edge.pass(15_000);
    await sleep(20);
    expect(seen.isClosed).toBe(false);
    edge.pass(15_000);
    await sleep(20);
    socket.resume();
    await expect.poll(() => seen.isClosed, { timeout: 5000 }).toBe(true);
    expect(seen.text).not.toContain('"asset-39999"');
  });

  it("comes over HTTP/1.1 to who offers HTTP/2 besides, as Java and curl do", async () => {
    const { port } = await startWith({});
    const offer = [
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABk",
    ];
    const { seen } = await open(port, request("/livez", ...offer));
    await expect.poll(() => seen.text).toMatch(/^HTTP\/1\.1 200 [\s\S]*{"status":"ok"}$/);
  });

  it.each(["/api/prices/%ff", "//other.example/..%2f", "/%2e%2e/secret"])(
    "to %s has the form of all errors, and can be read by pages of other hosts",
    async (path) => {
      const { port, health } = await startWith({});
      const { seen } = await open(port, request(path, "Connection: close"));
      await expect.poll(() => seen.isClosed).toBe(true);
      expect(seen.text).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(seen.text).toContain("access-control-allow-origin: *");
      expect(seen.text).toContain("x-content-type-options: nosniff");
      const { error } = JSON.parse(seen.text.split("\r\n\r\n")[1] ?? "");
      expect(health().refused).toEqual({ [error.code]: 1 });
    },
  );
});

describe("a connection that is to be TLS", () => {
  it.each([
    ["says nothing", ""],
    ["speaks HTTP", request("/livez")],
    ["begins a handshake and stops", "\x16\x03\x01\x02"],
  ])("and %s is cut in the time that a request has", async (_what, text) => {
    const gateway = await startWith({ headersMs: 300 }, await certify("localhost"));
    const { seen } = await open(gateway.port, text);
    await expect.poll(() => seen.isClosed, { timeout: 1500 }).toBe(true);
    expect(seen.text).not.toContain("HTTP/1.1");
    expect(gateway.health().refused).toEqual({ bad_tls: 1 });
  });
});

describe("a certificate", () => {
  it("that is empty, half there or of another key takes nothing from the one before", async () => {
    const [tls, other] = await Promise.all([certify("localhost"), certify("localhost")]);
    const gateway = await startWith({}, tls);
    for (const bad of [
      { cert: "", key: "" },
      { ...tls, cert: "" },
      { ...tls, key: "" },
      { ...tls, cert: tls.cert.slice(0, 300) },
      { ...tls, key: other.key },
    ]) {
      expect(() => gateway.renew(bad)).toThrow(/--tls-cert and --tls-key can't be used/);
    }
    gateway.renew(other);
  });
});
