import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HEARTBEAT_MS } from "@cryptovault/price-stream/protocol/v1";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { findNginx } from "../../doctor/test/support/nginx.ts";
import { defaultLimits } from "../src/wire/limits.ts";
import { certify } from "./support/certificates.ts";
import { until } from "./support/client.ts";
import { type Rig, startRig } from "./support/gateway.ts";
import { read } from "./support/repository.ts";

/** What its comment wants outside of http {}. */
const MAIN = [...read("deploy/nginx.conf").matchAll(/^# {3}(.*)$/gm)]
  .map(([, line]) => line)
  .join("\n");
const NGINX = findNginx() ?? "nginx";

/** A port that is free at the moment. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

describe("deploy/nginx.conf", () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  let rig: Rig;
  let port: number;
  let nginx: ChildProcess;

  beforeAll(async () => {
    rig = await startRig({ limits: { trustedProxies: 1, clientsPerIp: 1 } });
    port = await freePort();
    const { cert, key } = await certify("prices.example.com");
    writeFileSync(join(folder, "fullchain.pem"), cert);
    writeFileSync(join(folder, "privkey.pem"), key);
    const site = read("deploy/nginx.conf")
      .replace("server 127.0.0.1:8000;", `server 127.0.0.1:${rig.gateway.port};`)
      .replace("listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`)
      .replace(/^.*listen \[::\]:443 ssl;\n/m, "")
      .replaceAll("/etc/letsencrypt/live/prices.example.com", folder);
    writeFileSync(join(folder, "site.conf"), site);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join("\n");
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; pid ${folder}/pid; error_log stderr; ${MAIN}
       http { access_log off; ${temporary} include ${folder}/site.conf; }`,
    );
    nginx = spawn(NGINX, ["-p", folder, "-c", join(folder, "nginx.conf")]);
    let isUp = false;
    await until(() => {
      void get("/livez").then(
        () => {
          isUp = true;
        },
        () => {},
      );
      return isUp;
    });
  });

  afterAll(async () => {
    nginx?.kill("SIGTERM");
    await rig?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (path: string) =>
    new Promise<{ status: number | undefined; firstMs: number; text: string }>(
      (resolve, reject) => {
        const askedAt = performance.now();
        const asked = request(
          { host: "127.0.0.1", port, path, rejectUnauthorized: false },
          (answer) => {
            answer.once("data", (data: Buffer) => {
              const firstMs = performance.now() - askedAt;
              resolve({ status: answer.statusCode, firstMs, text: data.toString() });
              answer.destroy();
            });
          },
        );
        asked.on("error", reject).end();
      },
    );

  it("is what nginx finds right", () => {
    const { status, stderr } = spawnSync(
      NGINX,
      ["-t", "-p", folder, "-c", join(folder, "nginx.conf")],
      {
        encoding: "utf8",
      },
    );
    expect(status, stderr).toBe(0);
  });

  it("has connections and files for as many clients as the gateway takes, in each worker", () => {
    const numberOf = (name: string) => Number(new RegExp(`${name} (\\d+);`).exec(MAIN)?.[1]);
    const connections = numberOf("worker_connections");
    expect(connections).toBeGreaterThan(2 * defaultLimits.clients);
    expect(numberOf("worker_rlimit_nofile")).toBeGreaterThan(connections);
  });

  it("lets the stream through, and events at once", async () => {
    await until(() => rig.gateway.health().book.fresh > 0);
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/prices`, {
      rejectUnauthorized: false,
    });
    const types: string[] = [];
    socket.on("message", (data) => types.push(JSON.parse(data.toString()).type));
    await until(() => types.includes("price_update"));
    socket.terminate();
    await until(() => rig.gateway.health().hub.clients === 0);
    const { status, firstMs } = await get("/sse/prices?assets=bitcoin");
    expect(status).toBe(200);
    expect(firstMs).toBeLessThan(2000);
  });

  it("tells the gateway who the client is, whatever that says of itself", async () => {
    await until(() => rig.gateway.health().hub.clients === 0);
    const connect = (forwarded: string) =>
      new Promise<number | undefined>((resolve) => {
        const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/prices`, {
          rejectUnauthorized: false,
          headers: { "x-forwarded-for": forwarded },
        });
        sockets.push(socket);
        socket.on("open", () => resolve(101));
        socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
        socket.on("error", () => {});
      });
    const sockets: WebSocket[] = [];
    expect(await connect("203.0.113.7")).toBe(101);
    // One place for each address: another name does not make another client.
    expect(await connect("203.0.113.8")).toBe(429);
    for (const socket of sockets) socket.terminate();
  });

  it("has no metrics for the public, and waits longer than the gateway is ever quiet", async () => {
    expect((await get("/metrics")).status).toBe(404);
    for (const [, s] of read("deploy/nginx.conf").matchAll(
      /proxy_(?:read|send)_timeout (\d+)s;/g,
    )) {
      expect(Number(s) * 1000).toBeGreaterThan(HEARTBEAT_MS);
    }
  });
});
