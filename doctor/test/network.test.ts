import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { createServer as createSecure } from "node:tls";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { certify } from "../../server/test/support/certificates.ts";
import { answered, type Case, listen, tellsApart, upgrade } from "./support/broken.ts";
import { answer, type Parts, startFake } from "./support/fake.ts";
import { BRIEF, failing, look, of } from "./support/look.ts";

const IMPATIENT = { timing: { ...BRIEF, answerMs: 1500 } };

const dnsFault = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

const certified = (
  name: string,
  [host, validUntil]: [string, Date?],
  seen: RegExp,
  mend: RegExp,
  trusted = true,
): Case => ({
  name,
  fails: ["tls"],
  seen,
  mend,
  async look(defer) {
    const credentials = await certify(host, validUntil);
    const fake = await startFake({ credentials });
    defer(fake.close);
    return look(fake.url, { ca: trusted ? credentials.cert : undefined });
  },
});

const refusal = (code: string, hint: string) =>
  JSON.stringify({ error: { code, message: "No.", hint } });

const redirect: Parts = {
  routes: {
    "*": (request, response) => {
      const place = `https://${request.headers.host}${request.url}`;
      response.writeHead(301, { location: place }).end();
    },
    "/livez": (request, response) => {
      response.writeHead(301, { location: `https://${request.headers.host}/livez` }).end();
    },
  },
  ...upgrade("301 Moved Permanently", "", "Location: https://localhost/ws/prices\r\n"),
};

tellsApart([
  {
    name: "a name that does not exist",
    fails: ["dns"],
    // No label of a name may be so long: nobody has to be asked.
    seen: /^there is no host by the name of x{64}\.example \(ENOTFOUND\)$/,
    mend: /^Check how the host is spelled/,
    look: () => look(`https://${"x".repeat(64)}.example`),
  },
  {
    name: "a name server that does not answer",
    fails: ["dns"],
    seen: /^no name server answers the question for prices\.example \(EAI_AGAIN, /,
    mend: /^Mend the network or the name server of this machine/,
    look: () => look("https://prices.example", { lookup: dnsFault("EAI_AGAIN") }),
  },
  {
    name: "a name server that takes for ever",
    fails: ["dns"],
    seen: /TIMEOUT/,
    mend: /^Mend the network or the name server of this machine/,
    look: () =>
      look("https://prices.example", { ...IMPATIENT, lookup: () => new Promise(() => {}) }),
  },
  {
    name: "a port at which nobody listens",
    fails: ["connect"],
    seen: /^port \d+ of localhost refuses connections \(ECONNREFUSED\)$/,
    mend: /^Start the gateway or the proxy/,
    async look() {
      const { port, close } = await startFake();
      await close();
      return look(`ws://localhost:${port}/ws/prices`);
    },
  },
  {
    name: "a port that does not answer",
    fails: ["connect"],
    seen: /^port \d+ of 127\.0\.0\.1 does not answer, no yes and no no, within [\d.]+ m?s$/,
    mend: /firewall/,
    async look(defer) {
      const port = await startFull(defer);
      return look(`http://127.0.0.1:${port}`, IMPATIENT);
    },
  },
  certified(
    "a certificate that has expired",
    ["localhost", new Date(Date.now() - 3 * 86_400_000)],
    /^the certificate expired 3 days ago, on \d{4}-\d\d-\d\d$/,
    /^Renew the certificate/,
  ),
  certified(
    "a certificate of another host",
    ["other.example"],
    /^the certificate is for DNS:other\.example, not for localhost$/,
    /^Use a name that the certificate is for/,
  ),
  certified(
    "a certificate that nobody vouches for",
    ["localhost"],
    /^the certificate is signed by localhost, whom no browser trusts \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    /Let's Encrypt/,
    false,
  ),
  {
    name: "plain HTTP at the port of TLS",
    fails: ["tls"],
    seen: /^port \d+ speaks plain HTTP, not TLS/,
    mend: /^Use http:\/\/ or ws:\/\/ with this port/,
    async look(defer) {
      const fake = await startFake();
      defer(fake.close);
      return look(`wss://localhost:${fake.port}`);
    },
  },
  {
    name: "something that is neither TLS nor HTTP, in one line",
    fails: ["tls"],
    seen: /^no TLS comes about \([^\n]*wrong version number[^\n]*\)$/,
    mend: /^Look at the log of what ends TLS/,
    look: async (defer) =>
      look(
        `https://localhost:${await listen((socket) => void socket.write("220 mail\r\n"), defer)}`,
        {
          timing: { ...BRIEF, answerMs: 1500 },
        },
      ),
  },
  {
    name: "a port of TLS that says nothing",
    fails: ["tls"],
    seen: /accepts the connection, and then says nothing for/,
    mend: /^Restart what listens at this port/,
    look: async (defer) => look(`https://localhost:${await listen(() => {}, defer)}`, IMPATIENT),
  },
  {
    name: "a proxy without a certificate for the name",
    fails: ["tls"],
    seen: /^(refuses to speak TLS|no TLS comes about)/,
    mend: /certificate/,
    async look(defer) {
      const server = createSecure({ SNICallback: (_name, done) => done(new Error("unknown")) });
      server.on("tlsClientError", () => {});
      defer(() => server.close());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return look(`https://localhost:${(server.address() as AddressInfo).port}`, { timing: BRIEF });
    },
  },
  {
    name: "TLS at a port that was asked in plain",
    fails: ["http"],
    seen: /^port \d+ speaks TLS, and was asked in plain$/,
    mend: /^Use wss:\/\/localhost:\d+\/ws\/prices/,
    async look(defer) {
      const credentials = await certify("localhost");
      const fake = await startFake({ credentials });
      defer(fake.close);
      return look(`ws://localhost:${fake.port}`);
    },
  },
  {
    name: "a process that hangs",
    fails: ["http", "handshake"],
    seen: /^accepts the connection, but does not answer \/livez within [\d.]+ m?s$/,
    mend: /sleep.*restart the gateway/,
    look: async (defer) => look(`http://localhost:${await listen(() => {}, defer)}`, IMPATIENT),
  },
  {
    name: "a service that does not speak HTTP",
    fails: ["http", "handshake"],
    seen: /^what answers at port \d+ is not HTTP \(HPE_/,
    mend: /^Check the port/,
    look: async (defer) =>
      look(
        `http://localhost:${await listen((socket) => void socket.end("SSH-2.0-x\r\n"), defer)}`,
        { timing: BRIEF },
      ),
  },
  answered(
    "ws:// where wss:// is needed",
    redirect,
    ["http", "handshake"],
    /^\/livez answers 301: a redirect to https:\/\/localhost:\d+\/livez$/,
    /^Use wss:\/\/localhost:\d+\/ws\/prices in the page, in place of ws:/,
  ),
  answered(
    "a redirect of the WebSocket alone",
    upgrade("302 Found", "", "Location: http://localhost/login\r\n"),
    ["handshake"],
    /answers 302, by nginx: a redirect to http:\/\/localhost\/login/,
    /^Let this path through at the proxy, firewall or login page/,
  ),
  answered(
    "a page that answers in place of the gateway",
    { routes: { "/livez": answer(200, "<!doctype html>") } },
    ["http"],
    /^\/livez answers 200: a page, not the gateway$/,
    /^Route \/livez to the gateway/,
  ),
  answered(
    "a proxy that answers 200 instead of 101",
    upgrade("200 OK", "<!doctype html>"),
    ["handshake"],
    /^\/ws\/prices answers 200, by nginx: a page, not the gateway \(101 is due\)$/,
    /^Route \/ws\/prices to the gateway/,
  ),
  answered(
    "a proxy that answers 404 instead of 101",
    upgrade("404 Not Found"),
    ["handshake"],
    /^\/ws\/prices answers 404, by nginx \(101 is due\)$/,
    /^Route this path to the gateway, as it is/,
  ),
  answered(
    "a proxy that takes the upgrade off",
    upgrade("426 Upgrade Required", refusal("upgrade_required", "")),
    ["handshake"],
    /^\/ws\/prices answers 426, by nginx: the request to upgrade did not get there, says the gateway$/,
    /proxy_set_header Upgrade/,
  ),
  answered(
    "a proxy that answers 502: no gateway behind it",
    { ...upgrade("502 Bad Gateway"), routes: { "/livez": answer(502, "", { server: "nginx" }) } },
    ["http", "handshake"],
    /^\/livez answers 502, by nginx$/,
    /^Start the gateway, and check the address under which the proxy looks for it/,
  ),
  answered(
    "a handshake that a proxy keeps to itself",
    { upgrade: () => true },
    ["handshake"],
    /^\/ws\/prices does not answer the request to upgrade within [\d.]+ m?s$/,
    /^Have the proxy pass the upgrade on/,
    IMPATIENT,
  ),
  answered(
    "a firewall that drops WebSockets",
    {
      upgrade(socket) {
        socket.destroy();
        return true;
      },
    },
    ["handshake"],
    /^\/ws\/prices ends the connection without an answer \(ECONNRESET/,
    /^Look at the proxy or firewall/,
  ),
  answered(
    "a proxy that answers 101 by itself",
    {
      upgrade: (socket) =>
        socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
        ),
    },
    ["handshake"],
    /answers 101, but not as asked/,
    /^Look at the proxy/,
  ),
  answered(
    "a limit of the gateway, 429, with how long to wait",
    upgrade(
      "429 Too Many Requests",
      refusal("too_many_clients_per_ip", "Close some."),
      "Retry-After: 30\r\n",
    ),
    ["handshake"],
    /^\/ws\/prices answers 429, by nginx, too_many_clients_per_ip: No\. Retry-After: 30 s\. \(101 is due\)$/,
    /--trusted-proxies/,
  ),
  answered(
    "a limit of a proxy, 429",
    upgrade("429 Too Many Requests"),
    ["handshake"],
    /answers 429, by nginx/,
    /^Raise the limit of the proxy/,
  ),
  answered(
    "a full gateway, 503, in its own words",
    upgrade("503 Service Unavailable", refusal("too_many_clients", "Make room.")),
    ["handshake"],
    /too_many_clients/,
    /^Make room\.$/,
  ),
  answered(
    "a proxy that turns away an origin",
    upgrade("403 Forbidden", "", "", ({ headers }) => headers.origin !== undefined),
    ["origin"],
    /^pages of https:\/\/app\.example get no connection: \/ws\/prices answers 403, by nginx/,
    /^Allow this origin at the proxy/,
    { page: "https://app.example/prices" },
  ),
  answered(
    "a gateway that has no room for one line more, whatever its origin",
    upgrade(
      "429 Too Many Requests",
      refusal("too_many_clients_per_ip", ""),
      "",
      ({ headers }) => headers.origin !== undefined,
    ),
    ["origin"],
    /^pages of https:\/\/app\.example get no connection: .* too_many_clients_per_ip/,
    /--max-clients-per-ip/,
    { page: "https://app.example/prices" },
  ),
]);

it("takes no longer for a process that hangs than for two answers that don't come", async () => {
  const ends: (() => unknown)[] = [];
  const port = await listen(
    () => {},
    (end) => ends.push(end),
  );
  const startedAt = performance.now();
  const results = await look(`http://localhost:${port}`, {
    timing: { ...BRIEF, answerMs: 1000 },
    wanted: ["BTC"],
  });
  const tookMs = performance.now() - startedAt;
  for (const end of ends) end();
  expect(failing(results)).toEqual(["http", "handshake"]);
  expect(tookMs).toBeLessThan(3900);
});

it("never shows its token in clear text where TLS was asked for", async () => {
  const shown: unknown[] = [];
  const fake = await startFake({
    routes: {
      "*": ({ headers }, response) => {
        shown.push(headers.authorization);
        response.end();
      },
    },
  });
  const results = await look(`https://localhost:${fake.port}`, { timing: BRIEF, token: "a.b-c" });
  await fake.close();
  expect(failing(results)).toEqual(["tls"]);
  expect(of(results, "tls").seen).toMatch(/speaks plain HTTP/);
  expect(shown).toEqual([undefined]);
});

it("tells that browsers block ws:// on a page of https://", async () => {
  const lookup = dnsFault("ENOTFOUND");
  const results = await look("http://prices.example", { page: "https://app.example", lookup });
  expect(failing(results)).toEqual(["dns", "page"]);
  const { seen, mend } = of(results, "page");
  expect(seen).toMatch(/^https:\/\/app\.example is https, and ws:\/\/prices\.example\S* is not/);
  expect(mend).toMatch(/^Use wss:\/\/prices\.example\/ws\/prices in the page/);
});

it("lets a page of https:// use ws:// where it never leaves the machine, as browsers do", async () => {
  const { port, close } = await startFake();
  await close();
  const results = await look(`ws://localhost:${port}`, { page: "https://app.example" });
  expect(failing(results)).toEqual(["connect"]);
  expect(of(results, "page").status).toBe("pass");
});

/** A port that a queue has formed at: the kernel takes no more for it. */
async function startFull(defer: (end: () => unknown) => void): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require("node:net");
     const { parentPort } = require("node:worker_threads");
     const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
     });`,
    { eval: true },
  );
  defer(() => worker.terminate());
  const [port] = await once(worker, "message");
  await new Promise((resolve) => setTimeout(resolve, 60));
  const queue = [1, 2].map(() => connect(port, "127.0.0.1"));
  for (const socket of queue) {
    socket.on("error", () => {});
    defer(() => socket.destroy());
  }
  await Promise.all(queue.map((socket) => once(socket, "connect")));
  return port;
}
