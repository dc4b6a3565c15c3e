import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import type { LookupFunction, Server } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { Credentials } from "../../src/emulator/names.ts";
import { createDial, type DialOptions } from "../../src/feed/link/dial.ts";
import { rest } from "../../src/feed/link/rest.ts";
import { certify } from "../support/certificates.ts";

const HOST = "exchange.test";

const toLoopback: LookupFunction = (_host, { all }, callback) =>
  all ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4);

const failing =
  (code: string): LookupFunction =>
  (_host, _options, callback) =>
    callback(Object.assign(new Error("getaddrinfo"), { code }), "");

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** A WebSocket server with TLS, at a free port. */
function secure(credentials: Credentials): Promise<number> {
  const server = createHttps(credentials);
  const sockets = new WebSocketServer({ server });
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return listen(server);
}

/** How a dialled connection begins: `opened`, or why not. */
function outcome(url: string, options: DialOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = createDial(options)(url, {
      opened() {
        resolve("opened");
        socket.destroy();
      },
      text() {},
      refused: (status, retryAfterMs) => resolve(`HTTP ${status}, ${retryAfterMs}`),
      closed: resolve,
    });
  });
}

describe("a connection", () => {
  it("opens where the certificate is the host's and its authority is trusted", async () => {
    const credentials = await certify(HOST);
    const port = await secure(credentials);
    const options = { ca: credentials.cert, lookup: toLoopback };
    expect(await outcome(`wss://${HOST}:${port}`, options)).toBe("opened");
  });

  it.each([
    ["ENOTFOUND", /^DNS: there is no such host: .*spelling.* \(ENOTFOUND\)$/],
    ["EAI_AGAIN", /^DNS: no name server answers: .* \(EAI_AGAIN\)$/],
  ])("that fails at DNS by %s says so, and what to check", async (code, words) => {
    expect(await outcome(`wss://${HOST}`, { lookup: failing(code) })).toMatch(words);
  });

  it("to an expired certificate says so, and what to check", async () => {
    const credentials = await certify(HOST, new Date("2021-01-01"));
    const port = await secure(credentials);
    const options = { ca: credentials.cert, lookup: toLoopback };
    const words = /^TLS: the certificate is out of date: .*clock.* \(CERT_HAS_EXPIRED\)$/;
    expect(await outcome(`wss://${HOST}:${port}`, options)).toMatch(words);
  });

  it("to another host's certificate says so, and what to check", async () => {
    const credentials = await certify("other.test");
    const port = await secure(credentials);
    const options = { ca: credentials.cert, lookup: toLoopback };
    const words = /^TLS: the certificate is another host's: .*proxy.* \(ERR_TLS_CERT_ALTNAME_/;
    expect(await outcome(`wss://${HOST}:${port}`, options)).toMatch(words);
  });

  it("to a certificate that nobody known has signed says so, and what to set", async () => {
    const port = await secure(await certify(HOST));
    const words = /^TLS: nobody known signed the certificate: .*NODE_EXTRA_CA_CERTS/;
    expect(await outcome(`wss://${HOST}:${port}`, { lookup: toLoopback })).toMatch(words);
  });

  it("to a port without TLS says so, and what to check", async () => {
    const port = await listen(createHttp());
    const words = /^TLS: the other end does not speak it: .*wss:\/\/ against ws:\/\/ \(E/;
    expect(await outcome(`wss://${HOST}:${port}`, { lookup: toLoopback })).toMatch(words);
  });

  it("that is answered with a status tells it, and the wait that goes with it", async () => {
    const server = createHttp();
    server.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nConnection: close\r\n\r\n");
    });
    const port = await listen(server);
    expect(await outcome(`ws://127.0.0.1:${port}`, {})).toBe("HTTP 429, 7000");
  });
});

describe("a REST call", () => {
  it("fails in the same words, and never shows its address, which may hold a key", async () => {
    const port = await listen(createHttp());
    const call = rest({ url: `https://127.0.0.1:${port}/list?apiKey=secret` });
    await expect(call).rejects.toThrow(/^TLS: the other end does not speak it/);
    await expect(call).rejects.not.toThrow(/secret/);
  });

  it("tells the wait that a refusal asks for", async () => {
    const server = createHttp((_request, response) => {
      response.writeHead(418, { "Retry-After": "90" }).end("{}");
    });
    const port = await listen(server);
    await expect(rest({ url: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      message: "HTTP 418",
      status: 418,
      retryAfterMs: 90_000,
    });
  });
});
