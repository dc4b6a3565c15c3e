import { afterEach, expect, it } from "vitest";
import type { Gateway, GatewayOptions } from "../../src/gateway.ts";
import { recordedLog, silentLog, startBare } from "../support/gateway.ts";

const TOKEN = "correct-horse";
const PRIVATE = { host: "127.0.0.1", port: 0 };

let gateway: Gateway | undefined;
afterEach(() => gateway?.close());

const start = async (admin: GatewayOptions["admin"], log = silentLog) => {
  gateway = await startBare({}, log, { admin });
  return { url: gateway.url, adminUrl: gateway.adminUrl ?? "" };
};

const ask = async (url: string, authorization?: string) => {
  const answer = await fetch(url, authorization ? { headers: { authorization } } : {});
  return { status: answer.status, text: await answer.text() };
};

it("keeps metrics from everybody, and says how to get at them", async () => {
  const { url } = await start(undefined);
  const { status, text } = await ask(`${url}/metrics`);
  expect(status).toBe(403);
  expect(text).toContain("PRICE_STREAM_ADMIN_TOKEN");
  expect(text).toContain("--admin-port");
});

it("gives metrics to who shows the token, and to nobody else", async () => {
  const { url } = await start({ token: TOKEN });
  expect(await ask(`${url}/metrics`, `Bearer ${TOKEN}`)).toMatchObject({
    status: 200,
    text: expect.stringContaining("price_stream_build_info"),
  });
  for (const wrong of [undefined, TOKEN, `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
    expect((await ask(`${url}/metrics`, wrong)).status).toBe(401);
  }
});

it("counts whom it has turned away from metrics, and who asked for what is not there", async () => {
  const { url } = await start({ token: TOKEN });
  await ask(`${url}/metrics`);
  for (const path of ["/nowhere", "/nowhere", "/api/prices/nothing"]) await ask(`${url}${path}`);
  expect(JSON.parse((await ask(`${url}/stats`)).text).refused).toEqual({
    admin_token_wanted: 1,
    no_such_route: 2,
    unknown_asset: 1,
  });
});

it("has a port of its own for health and metrics, where there is nothing else", async () => {
  const { log, messages } = recordedLog();
  const { url, adminUrl } = await start({ at: PRIVATE }, log);
  expect(messages).toContain(`Health and metrics: ${adminUrl}`);
  expect((await ask(`${adminUrl}/metrics`)).status).toBe(200);
  expect((await ask(`${adminUrl}/livez`)).status).toBe(200);
  expect((await ask(`${adminUrl}/readyz`)).status).toBe(503);
  expect((await ask(`${adminUrl}/health`)).text).toContain('"status":"down"');
  for (const path of ["/", "/api/prices", "/ws/prices", "/sse/prices"]) {
    expect((await ask(`${adminUrl}${path}`)).status).toBe(404);
  }
  expect((await ask(`${url}/metrics`)).status).toBe(403);
});

it("wants the token on the port of its own too, where there is one", async () => {
  const { adminUrl } = await start({ at: PRIVATE, token: TOKEN });
  expect((await ask(`${adminUrl}/metrics`)).status).toBe(401);
  expect((await ask(`${adminUrl}/metrics`, `Bearer ${TOKEN}`)).status).toBe(200);
});

it("ends with a clear message, and nothing left open, where the admin port is taken", async () => {
  const { url } = await start(undefined);
  const at = { host: "127.0.0.1", port: Number(new URL(url).port) };
  await expect(startBare({}, silentLog, { admin: { at } })).rejects.toThrow(
    /already in use. Choose another with --admin-port/,
  );
});

it("sends with every answer what keeps browsers from misusing it", async () => {
  const { url } = await start(undefined);
  for (const path of ["/", "/api/prices", "/nowhere"]) {
    const { headers } = await fetch(`${url}${path}`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors");
    // Only with TLS, or a proxy may not want it.
    expect(headers.get("strict-transport-security")).toBeNull();
  }
});
