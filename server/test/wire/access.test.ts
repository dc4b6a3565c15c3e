import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { manualClock } from "../../src/clock.ts";
import type { Gateway } from "../../src/gateway.ts";
import { type AccessRules, createAccess } from "../../src/wire/access.ts";
import { recordedLog, silentLog, startBare } from "../support/gateway.ts";

const KEY = "k-0123456789abcdef";
const SECRET = "a secret of thirty-two bytes, or more";
const NOW_S = Date.UTC(2026, 0, 1) / 1000;

const sign = (claims: JWTPayload, key: CryptoKey | Uint8Array, alg: string, kid?: string) =>
  new SignJWT(claims).setProtectedHeader({ alg, ...(kid ? { kid } : {}) }).sign(key);
const hs256 = (claims: JWTPayload, secret = SECRET) =>
  sign(claims, new TextEncoder().encode(secret), "HS256");

const accessWith = (rules: AccessRules) =>
  createAccess(rules, { now: () => NOW_S * 1000, log: silentLog });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("a gateway for everybody", () => {
  it("asks for no token, and does not mind one", async () => {
    const access = await accessWith({});
    expect(await access({})).toEqual({});
    expect(await access(bearer("anything"))).toEqual({});
  });
});

describe("an API key", () => {
  const rules = { apiKeys: [{ name: "web", key: KEY }] };

  it.each([
    ["as header", bearer(KEY)],
    ["as header in small letters", { authorization: `bearer ${KEY}` }],
    ["as subprotocol", { "sec-websocket-protocol": `cryptovault.v1.json, bearer.${KEY}` }],
  ])("lets in %s, and logs may know its name", async (_how, headers) => {
    expect(await (await accessWith(rules))(headers)).toEqual({ name: "web" });
  });

  it.each([
    ["none", {}, "token_missing"],
    ["an empty one", { authorization: "Bearer " }, "token_missing"],
    ["of another scheme", { authorization: `Basic ${KEY}` }, "token_missing"],
    ["a wrong one", bearer(`${KEY}x`), "token_refused"],
    ["its name", bearer("web"), "token_refused"],
  ])("lets nobody in with %s", async (_what, headers, denied) => {
    expect(await (await accessWith(rules))(headers)).toEqual({ denied });
  });
});

describe("a token signed with a secret", () => {
  const signed = { by: "secret", secret: SECRET } as const;
  const exp = NOW_S + 60;

  it("lets in until it is over, with some seconds for clocks that differ", async () => {
    const access = await accessWith({ jwt: { signed } });
    expect(await access(bearer(await hs256({ exp })))).toEqual({ expiresAt: (exp + 5) * 1000 });
    const late = await hs256({ exp: NOW_S - 4 });
    expect(await access(bearer(late))).toHaveProperty("expiresAt");
  });

  it.each([
    ["is over", () => hs256({ exp: NOW_S - 6 }), "token_expired"],
    ["has no end", () => hs256({ sub: "me" }), "token_refused"],
    ["is not valid yet", () => hs256({ exp, nbf: NOW_S + 30 }), "token_refused"],
    ["is signed by another", () => hs256({ exp }, `${SECRET}!`), "token_refused"],
    ["is none", async () => "a.b.c", "token_refused"],
    [
      "is not signed",
      async () => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ exp }))}.`.replaceAll("=", ""),
      "token_refused",
    ],
  ])("lets nobody in that %s", async (_what, token, denied) => {
    const access = await accessWith({ jwt: { signed } });
    expect(await access(bearer(await token()))).toEqual({ denied });
  });

  it("must be by the issuer and for the audience, where they are told", async () => {
    const access = await accessWith({ jwt: { signed, issuer: "shop", audience: "prices" } });
    const denied = "token_refused";
    expect(await access(bearer(await hs256({ exp })))).toEqual({ denied });
    const other = await hs256({ exp, iss: "shop", aud: "others" });
    expect(await access(bearer(other))).toEqual({ denied });
    const right = await hs256({ exp, iss: "shop", aud: ["others", "prices"] });
    expect(await access(bearer(right))).toHaveProperty("expiresAt");
  });
});

describe("a token signed with a private key", () => {
  const exp = NOW_S + 60;

  it("lets in whom the public key knows; the public key itself signs nothing", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const pem = await exportSPKI(publicKey);
    const access = await accessWith({ jwt: { signed: { by: "key", publicKey: pem } } });
    const good = await sign({ exp }, privateKey, "ES256");
    expect(await access(bearer(good))).toHaveProperty("expiresAt");
    // What many have fallen for: the key that everybody knows, taken for a shared secret.
    expect(await access(bearer(await hs256({ exp }, pem)))).toEqual({ denied: "token_refused" });
  });

  it("wants a public key: anything else ends the start, with a hint", async () => {
    const wrong = accessWith({ jwt: { signed: { by: "key", publicKey: "no PEM" } } });
    await expect(wrong).rejects.toThrow(/--jwt-key is no public key for ES256.*openssl/);
  });
});

describe("a set of keys at an address", () => {
  const exp = NOW_S + 3600;

  const pair = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const key = { ...(await exportJWK(publicKey)), kid, alg: "ES256" };
    return { key, token: (named: boolean) => sign({ exp }, privateKey, "ES256", named ? kid : "") };
  };

  /** Such a set, which can be changed and taken away, and who reads tokens by it. */
  async function serve(keys: JWK[]) {
    const state = { isUp: true, keys, asked: 0 };
    const server = createServer((_request, response) => {
      state.asked++;
      response.writeHead(state.isUp ? 200 : 500, { "content-type": "application/json" });
      response.end(JSON.stringify({ keys: state.keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { log, messages } = recordedLog();
    const clock = manualClock(NOW_S * 1000);
    const url = `http://127.0.0.1:${port}/keys`;
    const rules = { jwt: { signed: { by: "jwks", url } } } as const;
    const access = await createAccess(rules, { now: clock.now, log });
    const read = (token: string) => access(bearer(token));
    const pass = (ms: number) => clock.advanceTo(clock.now() + ms);
    return { state, messages, read, pass };
  }

  const good = { expiresAt: (exp + 5) * 1000 };

  it("that can't be had is nobody's fault, and is asked for every few seconds, however many come", async () => {
    const one = await pair("one");
    const { state, messages, read, pass } = await serve([one.key]);
    state.isUp = false;
    const token = await one.token(true);
    const answers = await Promise.all(Array.from({ length: 20 }, () => read(token)));
    answers.push(await read(token));
    for (const answer of answers) expect(answer).toEqual({ denied: "keys_unavailable" });
    expect(messages).toEqual(["The keys of --jwks-url can't be had"]);
    expect(state.asked).toBe(1);
    state.isUp = true;
    pass(5000);
    expect(await read(token)).toEqual(good);
    expect(state.asked).toBe(2);
  });

  it("goes on as it was through an outage, however long", async () => {
    const one = await pair("one");
    const { state, read, pass } = await serve([one.key]);
    const token = await one.token(true);
    expect(await read(token)).toEqual(good);
    state.isUp = false;
    for (let minute = 0; minute < 30; minute++) {
      pass(60_000);
      expect(await read(token)).toEqual(good);
    }
    expect(state.asked).toBeGreaterThan(2);
  });

  it("may get a new key at any time, and is asked again for one it lacks, though not for each token", async () => {
    const [one, two] = [await pair("one"), await pair("two")];
    const { state, read, pass } = await serve([one.key]);
    expect(await read(await one.token(true))).toEqual(good);
    for (let i = 0; i < 5; i++) {
      expect(await read(await two.token(true))).toEqual({ denied: "token_refused" });
    }
    expect(state.asked).toBe(1);
    state.keys = [one.key, two.key];
    pass(30_000);
    expect(await read(await two.token(true))).toEqual(good);
    expect(state.asked).toBe(2);
  });

  it("is tried key by key where a token names none", async () => {
    const [one, two, other] = [await pair("one"), await pair("two"), await pair("other")];
    const { read } = await serve([one.key, two.key]);
    expect(await read(await two.token(false))).toEqual(good);
    expect(await read(await other.token(false))).toEqual({ denied: "token_refused" });
  });
});

it("a client whose token is still being checked when the gateway ends is not let in any more", async () => {
  const asked: ServerResponse[] = [];
  const keys = createServer((_request, response) => void asked.push(response));
  await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
  const { port } = keys.address() as AddressInfo;
  const { privateKey } = await generateKeyPair("ES256");
  const token = await sign({ exp: Date.now() / 1000 + 60 }, privateKey, "ES256", "one");
  const url = `http://127.0.0.1:${port}/keys`;
  const access = { jwt: { signed: { by: "jwks", url } } } as const;
  const gateway = await startBare({}, silentLog, { access });
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws/prices`, {
    headers: bearer(token),
  });
  let opened = false;
  socket.on("open", () => {
    opened = true;
  });
  const ended = new Promise((resolve) => socket.on("error", resolve));
  await expect.poll(() => asked.length).toBe(1);
  await gateway.drain(0);
  await gateway.close();
  await ended;
  expect(opened).toBe(false);
  keys.closeAllConnections();
  await new Promise((resolve) => keys.close(resolve));
});

describe("a closed gateway", () => {
  let gateway: Gateway;
  const { log, lines } = recordedLog();
  beforeAll(async () => {
    const access = {
      apiKeys: [{ name: "web", key: KEY }],
      jwt: { signed: { by: "secret", secret: SECRET } },
    } as const;
    gateway = await startBare({}, log, { access });
  });
  afterAll(() => gateway.close());

  /** What a client gets, to the end. */
  const visit = (protocols: string[], headers = {}) =>
    new Promise<{ protocol: string; messages: { type: string; code?: string }[]; code: number }>(
      (resolve) => {
        const url = `ws://127.0.0.1:${gateway.port}/ws/prices`;
        const socket = new WebSocket(url, protocols, { headers });
        const got: { type: string }[] = [];
        socket.on("message", (data) => {
          got.push(JSON.parse(data.toString()));
          if (got[0]?.type !== "error") setTimeout(() => socket.close(1000), 1500).unref();
        });
        socket.on("close", (code) => resolve({ protocol: socket.protocol, messages: got, code }));
      },
    );

  it("tells a client without a token so by the stream itself, and closes for good", async () => {
    const { messages: got, code } = await visit(["cryptovault.v1.json"]);
    expect(got).toMatchObject([{ type: "error", code: "token_missing" }]);
    expect(code).toBe(3504);
  });

  it("speaks with a browser that shows its token among the subprotocols, by either contract", async () => {
    const v1 = await visit(["cryptovault.v1.json", `bearer.${KEY}`]);
    expect([v1.protocol, v1.messages[0]?.type]).toEqual(["cryptovault.v1.json", "hello"]);
    const plain = await visit(["cryptovault.plain.json", `bearer.${KEY}`]);
    expect([plain.protocol, plain.messages[0]?.type]).toEqual([
      "cryptovault.plain.json",
      "connection",
    ]);
  });

  it("ends a stream when its token is over, and a client may come back with another", async () => {
    const exp = Math.floor(Date.now() / 1000) - 4;
    const { messages: got, code } = await visit([
      "cryptovault.v1.json",
      `bearer.${await hs256({ exp })}`,
    ]);
    expect(got.map(({ type, code }) => code ?? type)).toEqual(["hello", "token_expired"]);
    expect(code).toBe(3010);
  });

  it.each(["/api/prices", "/api/prices/bitcoin", "/sse/prices"])(
    "answers %s with 401 without a token, and serves it with one",
    async (path) => {
      const url = `http://127.0.0.1:${gateway.port}${path}`;
      const refused = await fetch(url);
      expect(refused.status).toBe(401);
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
      expect(await refused.json()).toMatchObject({ error: { code: "token_missing" } });
      const served = await fetch(url, { headers: bearer(KEY) });
      expect(served.status).not.toBe(401);
      await served.body?.cancel();
    },
  );

  it("lets pages of other hosts ask whether they may show a token", async () => {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/sse/prices`, {
      method: "OPTIONS",
      headers: { origin: "https://a.example", "access-control-request-headers": "authorization" },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  it("still tells everybody how it is", async () => {
    for (const path of ["/livez", "/health", "/stats"]) {
      expect((await fetch(`http://127.0.0.1:${gateway.port}${path}`)).status).not.toBe(401);
    }
  });

  it("has the names of keys in its log, and no key and no token", () => {
    const story = lines.join("");
    expect(story).toMatch(/"key":"web","msg":"WebSocket connected/);
    expect(story).not.toContain(KEY);
    expect(story).not.toContain("eyJ");
  });
});
