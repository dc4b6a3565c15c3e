/** What looks alike from afar, and is mended in different ways. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer as createSecure } from "node:tls";
import { expect, it } from "vitest";
import { certify } from "../../server/test/support/certificates.ts";
import { answered, listen, tellsApart, upgrade } from "./support/broken.ts";
import { answer, health, IDS, startFake, update } from "./support/fake.ts";
import { BRIEF, failing, look, of, QUICK } from "./support/look.ts";

/** Answers all with a redirect to the same path there. */
const redirect = (to: string) => ({
  ...upgrade("301 Moved", "", `Location: ${to}/ws/prices\r\n`),
  routes: { "/livez": answer(301, "", { location: `${to}/livez` }) },
});

const cloudflare = (status: number, mend: RegExp) =>
  answered(
    `what Cloudflare means by ${status}`,
    upgrade(`${status} x`),
    ["handshake"],
    new RegExp(`^/ws/prices answers ${status}, by nginx`),
    mend,
  );

tellsApart([
  answered(
    "a redirect to another host",
    redirect("https://other.localhost:31999/a"),
    ["http", "handshake"],
    /^\/livez answers 301: a redirect to https:\/\/other\.localhost:31999\/a\/livez$/,
    /^Use wss:\/\/other\.localhost:31999\/a\/ws\/prices in the page, in place of ws:/,
  ),
  answered(
    "a redirect to a place where there is no gateway",
    upgrade("302 Found", "", "Location: https://www.localhost/\r\n"),
    ["handshake"],
    /a redirect to https:\/\/www\.localhost\/ \(101 is due\)$/,
    /^Take the redirect of this path out/,
  ),
  cloudflare(521, /^Start the gateway, and let Cloudflare's addresses through/),
  cloudflare(523, /^Start the gateway, and let Cloudflare's addresses through/),
  cloudflare(526, /^Mend TLS between Cloudflare and the gateway/),
  cloudflare(530, /tunnel by which Cloudflare finds the gateway/),
  answered(
    "a line that is garbled",
    {
      upgrade(socket) {
        // No frame of a WebSocket begins so: compressed, which nobody agreed to.
        setTimeout(() => socket.write(Buffer.from([0xc1, 2, 65, 66])), 400);
        return false;
      },
    },
    ["steady", "v1"],
    /then garbled: closed with 1006 after .* \(Invalid WebSocket frame: RSV1 must be clear\)$/,
    /something changes it on the way or another service answers/,
    { timing: QUICK },
  ),
  answered(
    "a line that is cut before the first message",
    { opened: (socket) => socket.terminate() ?? true },
    ["hello", "v1"],
    /^101, then closed with 1006 after [\d.]+ m?s without a message$/,
    /takes the handshake, and drops the line before a message has come/,
  ),
  answered(
    "updates that nobody can read",
    { update: (n) => update(n, { prices: { bitcoin: 97_000 } }) },
    ["prices", "truth"],
    /^updates come that can't be read: prices\.bitcoin: .*expected string/,
    /a decimal string above zero/,
  ),
  answered(
    "that /api is not routed",
    { routes: { "*": answer(404, "<html>", { server: "nginx" }) } },
    ["assets"],
    /^\/api\/prices\/BTC answers 404, by nginx$/,
    /^Route \/api to the gateway/,
    { wanted: ["BTC"], timing: BRIEF },
  ),
  answered(
    "that /api is not for everybody",
    {
      routes: {
        "/api/prices/BTC": answer(401, {
          error: { code: "token_missing", message: "No.", hint: "Show a key." },
        }),
      },
    },
    ["assets"],
    /^\/api\/prices\/BTC answers 401, token_missing: No\.$/,
    /^Show a key\.$/,
    { wanted: ["BTC"], timing: BRIEF },
  ),
  {
    name: "a proxy that wants certificates of clients",
    fails: ["http", "handshake"],
    seen: /^wants a certificate of the client \(\w*CERTIFICATE_REQUIRED\)$/,
    mend: /^Switch off .* the browsers of visitors have none/,
    async look(defer) {
      const own = await certify("localhost");
      const credentials = { ...own, ca: own.cert, requestCert: true };
      const fake = await startFake({ credentials });
      defer(fake.close);
      return look(fake.url, { ca: own.cert, timing: BRIEF });
    },
  },
  {
    name: "a port that speaks HTTP/2 alone",
    fails: ["tls"],
    seen: /^does not speak HTTP\/1\.1 \(\w*NO_APPLICATION_PROTOCOL\)$/,
    mend: /^Have the proxy offer HTTP\/1\.1/,
    async look(defer) {
      const own = await certify("localhost");
      const server = createSecure({ ...own, ALPNProtocols: ["h2"] });
      server.on("tlsClientError", () => {});
      defer(() => server.close());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      return look(`https://localhost:${port}`, { ca: own.cert, timing: BRIEF });
    },
  },
  {
    name: "what takes every request for one to upgrade",
    fails: ["http", "handshake"],
    seen: /^\/livez answers 101$/,
    mend: /^Look at what answers here: it takes every request for one to upgrade/,
    async look(defer) {
      const head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
      const port = await listen((socket) => socket.on("data", () => socket.write(head)), defer);
      return look(`http://localhost:${port}`, { timing: BRIEF });
    },
  },
]);

it.concurrent("says of a gateway that is about to stop that another takes over, and not to mend the exchanges", async () => {
  const draining = health({ status: "degraded", reasons: ["draining: clients are sent away"] });
  const fake = await startFake({ routes: { "/health": answer(200, draining) } });
  const results = await look(fake.url, { timing: BRIEF });
  await fake.close();
  expect(failing(results)).toEqual([]);
  expect(of(results, "health").mend).toMatch(/^Wait for the next process to take over/);
});

it.concurrent("sends whoever has but one exchange that is live to the others, where most prices are old", async () => {
  const poor = health({
    status: "degraded",
    reasons: ["8 of 12 prices are stale"],
    book: { assets: 12, fresh: 4, newestAgeMs: 40 },
  });
  const fake = await startFake({
    update: (n) => update(n, { stale: IDS.slice(4) }),
    routes: { "/health": answer(200, poor) },
  });
  const results = await look(fake.url, { timing: BRIEF });
  await fake.close();
  expect(of(results, "health").mend).toMatch(/^Mend the way from the gateway to its exchanges/);
});

it.concurrent("reads updates that do not say whose they are", async () => {
  const fake = await startFake({ update: (n) => update(n, { source: null }) });
  const results = await look(fake.url, { timing: BRIEF });
  await fake.close();
  expect(failing(results)).toEqual([]);
});
