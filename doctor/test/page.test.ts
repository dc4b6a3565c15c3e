/** What keeps a page of another host from a gateway that is well. */
import { createServer, type Server } from "node:http";
import { expect, it } from "vitest";
import { forbids } from "../src/checks/csp.ts";
import { isSameSite } from "../src/target.ts";
import { type Case, tellsApart } from "./support/broken.ts";
import { answer, events, type Parts, startFake } from "./support/fake.ts";
import { BRIEF, failing, look, of } from "./support/look.ts";
import { freePort } from "./support/nginx.ts";

type Host = (gateway: string) => { body?: string; headers?: Record<string, string> };

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return address.port;
};

const meta = (policy: string) =>
  `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">`;
const policyFor = (url: string) =>
  `default-src 'none'; connect-src ${url} ${url.replace("http", "ws")}`;

/** Serves a page from another origin, and has the doctor look for it. */
async function lookFrom(host: Host, parts: Parts, defer: (end: () => unknown) => void) {
  const gateway = await startFake(parts);
  defer(gateway.close);
  const { body = meta(policyFor(gateway.url)), headers = {} } = host(gateway.url);
  const pages = createServer((request, response) => {
    if (request.url === "/old") return void response.writeHead(302, { location: "/app" }).end();
    response.writeHead(200, { "content-type": "text/html", ...headers }).end(body);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => pages.listen(port, "127.0.0.1", () => resolve()));
  defer(() => pages.close());
  return look(gateway.url, { page: `http://localhost:${port}/old`, timing: BRIEF });
}

const onPage = (
  name: string,
  host: Host,
  fails: string[],
  seen: RegExp,
  mend: RegExp,
  parts: Parts = {},
): Case => ({ name, fails, seen, mend, look: (defer) => lookFrom(host, open(parts), defer) });

const ALLOW = { "access-control-allow-origin": "*" };
/** A gateway that lets pages of all origins read. */
const open = ({ routes }: Parts): Parts => ({
  routes: {
    "/sse/prices": (request, response) => {
      for (const [name, value] of Object.entries(ALLOW)) response.setHeader(name, value);
      events(100)(request, response);
    },
    "/api/prices/bitcoin": answer(200, {}, ALLOW),
    ...routes,
  },
});

tellsApart([
  onPage(
    "a page that was built for another gateway",
    () => ({ body: meta(policyFor("https://other.localhost")) }),
    ["page"],
    /^the Content-Security-Policy of http:\/\/localhost:\d+\/app lets it connect to https:\/\/other\.localhost wss:\/\/other\.localhost, and not to ws:\/\/localhost:\d+\/ws\/prices$/,
    /^Build the page for this gateway, with VITE_API_URL=http:\/\/localhost:\d+: it was built for another/,
  ),
  onPage(
    "a host of the page whose header forbids what the page allows",
    () => ({ headers: { "content-security-policy": "default-src 'self'; connect-src 'self'" } }),
    ["page"],
    /lets it connect to 'self', and not to ws:/,
    /^Add http:\/\/localhost:\d+ and ws:\/\/localhost:\d+ to connect-src in the header/,
  ),
  onPage(
    "a proxy that takes off who may read",
    () => ({}),
    ["origin"],
    /^pages of http:\/\/localhost:\d+ get the stream, but may not read \/api\/prices\/bitcoin: access-control-allow-origin is missing$/,
    /^Have the proxy pass Access-Control-Allow-Origin on/,
    { routes: { "/api/prices/bitcoin": answer(200, {}) } },
  ),
  onPage(
    "a proxy that says a second time who may read",
    () => ({}),
    ["origin"],
    /may not read \/sse\/prices: access-control-allow-origin is \*, \*$/,
    /^Have the proxy pass Access-Control-Allow-Origin on/,
    {
      routes: {
        "/sse/prices": (request, response) => {
          response.setHeader("access-control-allow-origin", ["*", "*"]);
          events(100)(request, response);
        },
      },
    },
  ),
]);

it.concurrent("finds nothing amiss with a page that was built for the gateway", async () => {
  const ends: (() => unknown)[] = [];
  const results = await lookFrom(
    () => ({}),
    open({}),
    (end) => ends.push(end),
  );
  for (const end of ends) await end();
  expect(failing(results)).toEqual([]);
  expect(of(results, "page").seen).toMatch(
    /\/app may connect to ws:\/\/localhost:\d+\/ws\/prices$/,
  );
  expect(of(results, "page").mend).toBeNull();
});

it.concurrent("warns of a page that may use the stream alone, which may be all that it needs", async () => {
  const ends: (() => unknown)[] = [];
  const results = await lookFrom(
    (url) => ({ body: meta(`connect-src ${url.replace("http", "ws")}`) }),
    open({}),
    (end) => ends.push(end),
  );
  for (const end of ends) await end();
  expect(failing(results)).toEqual([]);
  const { seen, mend } = of(results, "page");
  expect(seen).toMatch(/and not to http:\/\/localhost:\d+\/api\/prices$/);
  expect(mend).toMatch(/^Add http:\/\/localhost:\d+ to connect-src if the page is to ask there/);
});

it.concurrent("warns where it can't read the page", async () => {
  const gateway = await startFake(open({}));
  const results = await look(gateway.url, {
    page: `http://localhost:${await freePort()}`,
    timing: BRIEF,
  });
  await gateway.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "page").seen).toMatch(/could not be read from here \(ECONNREFUSED/);
  expect(of(results, "page").mend).toMatch(/^Open the page in a browser/);
});

it.concurrent("does not judge a login page of another site that the page redirects to", async () => {
  const gateway = await startFake(open({}));
  const login = createServer((_request, response) => {
    const policy = "connect-src 'self'";
    response
      .writeHead(200, { "content-type": "text/html", "content-security-policy": policy })
      .end("<!doctype html>");
  });
  const pages = createServer((_request, response) => {
    response.writeHead(302, { location: `http://localhost:${portOf(login)}/login` }).end();
  });
  for (const server of [login, pages]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  const origin = `http://localhost:${portOf(pages)}`;
  const elsewhere = `http://localhost:${portOf(login)}`;
  const page = `${origin}/`;
  const results = await look(gateway.url, { page, timing: BRIEF });
  for (const server of [login, pages]) server.close();
  await gateway.close();
  expect(failing(results)).toEqual([]);
  const { seen, mend } = of(results, "page");
  expect(seen).toBe(`${page} could not be read from here (it redirects to ${elsewhere})`);
  expect(mend).toMatch(/^Open the page in a browser/);
  expect(of(results, "origin").seen).toBe(`${origin} is let in`);
});

it.each([
  ["http://app.example/", "https://www.app.example/a", true],
  ["https://www.app.example/", "https://app.example/", true],
  ["https://app.example/", "https://app.example/login", true],
  ["https://app.example/", "https://login.example/", false],
  ["https://app.example/", "http://app.example/", false],
  ["http://localhost:1", "http://localhost:2", false],
])("judges whether %s is still what it redirects to, %s: %s", (from, to, isSame) => {
  expect(isSameSite(from, to)).toBe(isSame);
});

it.each([
  ["connect-src wss://a.example", "wss://a.example/ws/prices", true],
  ["connect-src ws://a.example", "wss://a.example/ws/prices", true],
  ["connect-src https://a.example", "wss://a.example/ws/prices", false],
  // As Chromium has it: a host without a scheme is meant with the page's own.
  ["connect-src a.example", "wss://a.example/ws/prices", false],
  ["connect-src a.example", "https://a.example/api/prices", true],
  ["connect-src wss:", "wss://a.example/ws/prices", true],
  ["connect-src https:", "wss://a.example/ws/prices", false],
  ["connect-src *", "wss://a.example/ws/prices", true],
  ["connect-src 'none'", "wss://a.example/ws/prices", false],
  ["connect-src", "wss://a.example/ws/prices", false],
  ["connect-src 'self'", "wss://app.example/ws/prices", true],
  ["connect-src 'self'", "wss://app.example:8443/ws/prices", false],
  ["connect-src wss://*.example", "wss://a.example/ws/prices", true],
  ["connect-src wss://*.a.example", "wss://a.example/ws/prices", false],
  ["connect-src wss://a.example", "wss://a.example:8443/ws/prices", false],
  ["connect-src wss://a.example:8443", "wss://a.example:8443/ws/prices", true],
  ["connect-src wss://a.example:*", "wss://a.example:8443/ws/prices", true],
  ["connect-src wss://a.example/ws/", "wss://a.example/ws/prices", true],
  ["connect-src wss://a.example/ws", "wss://a.example/ws/prices", false],
  ["default-src 'self'", "wss://a.example/ws/prices", false],
  ["default-src 'none'; connect-src wss://a.example", "wss://a.example/ws/prices", true],
  ["connect-src *, connect-src 'self'", "wss://a.example/ws/prices", false],
  ["script-src 'self'", "wss://a.example/ws/prices", true],
])("reads the policy %j: to %s %s", (policy, address, isAllowed) => {
  const document = { status: 200, headers: { "content-security-policy": policy }, body: "" };
  const refusal = forbids(document, new URL("https://app.example/"), new URL(address));
  expect(refusal === undefined).toBe(isAllowed);
});
