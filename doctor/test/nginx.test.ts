import { afterAll, beforeAll, expect, it } from "vitest";
import { startFake } from "./support/fake.ts";
import { failing, look, of, QUICK } from "./support/look.ts";
import { freePort, startNginx } from "./support/nginx.ts";

/** As nginx has to be told for a WebSocket. */
const UPGRADE = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';

let gateway: Awaited<ReturnType<typeof startFake>>;
let nginx: Awaited<ReturnType<typeof startNginx>>;

beforeAll(async () => {
  gateway = await startFake({ heartbeats: false, tickMs: 250 });
  const to = (port: number) => `proxy_pass http://127.0.0.1:${port}/;`;
  const gone = await freePort();
  nginx = await startNginx({
    "/well/": `${to(gateway.port)} ${UPGRADE}`,
    "/zips/": `${to(gateway.port)} ${UPGRADE} gzip on; gzip_min_length 0; gzip_types text/event-stream;`,
    "/buffers/": `${to(gateway.port)} ${UPGRADE} proxy_ignore_headers X-Accel-Buffering;`,
    "/cuts/": `${to(gateway.port)} ${UPGRADE} proxy_read_timeout 2s;`,
    "/forgets/": to(gateway.port),
    "/gone/": `${to(gone)} ${UPGRADE}`,
    "/page/": "default_type text/html; return 200 '<!doctype html>';",
  });
});
afterAll(async () => {
  await nginx?.close();
  await gateway?.close();
});

/** nginx counts in seconds, and the lines are to be quiet for longer than it stands that. */
const PATIENT = {
  timing: {
    ...QUICK,
    helloMs: 2000,
    priceMs: 2500,
    watchMs: 3500,
    gapMs: 2000,
    lateMs: 5000,
    heldMs: 2000,
  },
};

it.concurrent("finds nothing amiss behind an nginx that passes all on", async () => {
  const results = await look(`${nginx.url}/well`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual([]);
  expect(of(results, "http").seen).toMatch(/^\/livez answers 200, by nginx\/[\d.]+ \(\d+ ms\)$/);
});

it.concurrent("reads events that nginx compresses, but sends at once", async () => {
  const results = await look(`${nginx.url}/zips`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual([]);
  expect(of(results, "sse").seen).toMatch(/^the first event comes after/);
});

it.concurrent("tells that nginx buffers server-sent events", async () => {
  const results = await look(`${nginx.url}/buffers`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual(["sse"]);
  expect(of(results, "sse").seen).toMatch(/held back on the way$|in bursts, by nginx/);
  expect(of(results, "sse").mend).toMatch(/^Switch buffering .* off .*proxy_buffering off/);
});

it.concurrent("tells that nginx cuts quiet lines", async () => {
  const results = await look(`${nginx.url}/cuts`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual(["idle"]);
  expect(of(results, "idle").seen).toMatch(
    /^a line on which only heartbeats come was closed with 1006 after [\d.]+ m?s, while others stood$/,
  );
  expect(of(results, "idle").mend).toMatch(/^Raise the idle timeout .*proxy_read_timeout/);
});

it.concurrent("tells that nginx does not pass the upgrade on", async () => {
  const results = await look(`${nginx.url}/forgets`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual(["handshake"]);
  expect(of(results, "handshake").seen).toMatch(
    /^\/ws\/prices answers 426, by nginx\/[\d.]+: the request to upgrade did not get there, says the gateway$/,
  );
  expect(of(results, "handshake").mend).toMatch(/proxy_set_header Upgrade \$http_upgrade/);
});

it.concurrent("tells that nginx does not reach the gateway", async () => {
  const results = await look(`${nginx.url}/gone`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual(["http", "handshake"]);
  expect(of(results, "http").seen).toMatch(/^\/livez answers 502, by nginx/);
  expect(of(results, "http").mend).toMatch(/^Start the gateway/);
});

it.concurrent("tells that nginx answers with a page of its own", async () => {
  const results = await look(`${nginx.url}/page`, PATIENT);
  expect(failing(results), JSON.stringify(results)).toEqual(["http", "handshake"]);
  expect(of(results, "handshake").seen).toMatch(/answers 200, by nginx.*: a page, not the gateway/);
});
