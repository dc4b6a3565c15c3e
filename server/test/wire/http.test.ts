import { afterEach, expect, it } from "vitest";
import { createBook } from "../../src/book/book.ts";
import { manualClock } from "../../src/clock.ts";
import { everybody } from "../../src/wire/access.ts";
import { createHttp, type HttpOptions } from "../../src/wire/http.ts";
import { defaultLimits } from "../../src/wire/limits.ts";
import { expectOneStream, listen, PUBLIC } from "../../src/wire/listen.ts";
import { createTally } from "../../src/wire/tally.ts";
import { silentLog } from "../support/gateway.ts";

type App = Awaited<ReturnType<typeof createHttp>>;
const apps: App[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function newApp(): Promise<App> {
  const options: HttpOptions = {
    book: createBook({ epoch: "e", staleAfterMs: 1 }),
    mode: "live",
    now: () => 0,
    find: () => undefined,
    asset: () => undefined,
    views: () => [],
    statistics: () => ({ rank: undefined, volume24hUsd: undefined, marketCapUsd: undefined }),
    health: () => {
      throw new Error("not asked for here");
    },
    stats: () => ({}),
    unready: () => "no price yet",
    metrics: async () => ({ contentType: "text/plain", text: "" }),
    page: "/nowhere",
    control: undefined,
    clock: manualClock(0),
    log: silentLog,
    limits: defaultLimits,
    refused: createTally(),
    access: everybody,
  };
  const app = await createHttp(options);
  apps.push(app);
  return app;
}

it.each(["/ws/prices", "/ws/prices/:symbol", "/health", "/api/prices/:asset"])(
  "does not start when %s is registered a second time",
  async (path) => {
    const app = await newApp();
    expect(() => app.get(path, async () => "shadow")).toThrow(/already declared/);
  },
);

it.each([0, 2])("does not start with %i listeners for WebSocket upgrades", async (count) => {
  const app = await newApp();
  for (let n = 0; n < count; n++) app.server.on("upgrade", () => {});
  expect(() => expectOneStream(app)).toThrow(/exactly one listener/);
});

it("is not ready before the first price, and says so with 503", async () => {
  const app = await newApp();
  expect((await app.inject("/readyz")).statusCode).toBe(503);
});

it("says how to build the page where it is not built", async () => {
  const app = await newApp();
  expect((await app.inject("/")).body).toContain("npm run build");
});

it("tells the host that has no such address from the port that is taken", async () => {
  const app = await newApp();
  await expect(listen(app, { host: "192.0.2.1", port: 0, settings: PUBLIC })).rejects.toThrow(
    /no address 192.0.2.1/,
  );
});
