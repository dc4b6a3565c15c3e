import { beforeEach, describe, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../../src/clock.ts";
import { createPoll, type Poll } from "../../src/feed/link/poll.ts";
import { type RestAnswer, RestError, type RestRequest } from "../../src/feed/link/rest.ts";
import { silentLog } from "../support/gateway.ts";

const EVERY_MS = 600_000;
const PAUSE_MS = 15_000;

let clock: ManualClock;
let asked: (RestRequest & { at: number })[];
/** What the API does next; an Error is a refusal. */
let answer: () => RestAnswer | Error | Promise<RestAnswer>;
let events: string[];
let poll: Poll;

beforeEach(() => {
  clock = manualClock(0);
  asked = [];
  events = [];
  answer = () => ({ body: "body", unchanged: false, etag: 'W/"1"' });
  poll = createPoll({
    name: "api",
    pages: [{ url: "http://api/1", headers: { "x-key": "k" } }, { url: "http://api/2" }],
    everyMs: EVERY_MS,
    rest: async (request) => {
      asked.push({ ...request, at: clock.now() });
      const given = await answer();
      if (given instanceof Error) throw given;
      return given;
    },
    clock,
    random: () => 0.5,
    log: silentLog,
    take(body, page) {
      if (body === "garbage") throw new Error("not an array");
      events.push(`took ${page}`);
    },
    keep: (page) => events.push(`kept ${page}`),
  });
});

/** Lets promises settle. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Moves on, a pause at a time, so that answers come in between. */
async function wait(ms: number) {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    clock.advanceTo(Math.min(end, clock.now() + PAUSE_MS));
    await turn();
  }
}

async function start() {
  poll.start(PAUSE_MS);
  await turn();
}

const limited = (seconds: number) => new RestError("HTTP 429", 429, seconds * 1000);

describe("a healthy API", () => {
  it("is asked for one page after the other, with a pause between them", async () => {
    await start();
    await wait(60_000);
    expect(asked.map(({ url, at }) => [url, at])).toEqual([
      ["http://api/1", 0],
      ["http://api/2", PAUSE_MS],
    ]);
    expect(asked[0]?.headers).toEqual({ "x-key": "k" });
    expect(events).toEqual(["took 0", "took 1"]);
  });

  it("is asked again no sooner than after the interval, and at most a tenth later", async () => {
    await start();
    await wait(PAUSE_MS + EVERY_MS - 1);
    expect(asked).toHaveLength(2);
    await wait(EVERY_MS * 0.1 + PAUSE_MS);
    expect(asked[2]?.url).toBe("http://api/1");
  });

  it("is told the ETag of what is known, and a 304 keeps it", async () => {
    await start();
    await wait(PAUSE_MS);
    answer = () => ({ body: undefined, unchanged: true, etag: undefined });
    await wait(EVERY_MS * 1.1 + 2 * PAUSE_MS);
    expect(asked[2]?.headers).toEqual({ "x-key": "k", "if-none-match": 'W/"1"' });
    expect(asked[3]?.headers).toEqual({ "if-none-match": 'W/"1"' });
    expect(events.slice(2)).toEqual(["kept 0", "kept 1"]);
    await wait(EVERY_MS * 1.1 + PAUSE_MS);
    expect(asked[4]?.headers).toMatchObject({ "if-none-match": 'W/"1"' });
  });

  it("is not asked a second time while it has not answered", async () => {
    answer = () => new Promise(() => {});
    await start();
    await wait(EVERY_MS * 3);
    expect(asked).toHaveLength(1);
    expect(poll.health()).toMatchObject({ state: "waiting", answerAgeMs: null });
  });
});

describe("a failing API", () => {
  it("is not asked before its Retry-After is over, and then is", async () => {
    answer = () => limited(1800);
    await start();
    await wait(1_800_000);
    expect(asked).toHaveLength(1);
    await wait(60_000);
    expect(asked).toHaveLength(2);
  });

  it("is left alone for a minute at least, however soon it says to come back", async () => {
    answer = () => limited(1);
    await start();
    await wait(60_000);
    expect(asked).toHaveLength(1);
    await wait(60_000);
    expect(asked).toHaveLength(2);
  });

  it("is asked ever more seldom, at last about every half hour, and for the same page", async () => {
    answer = () => new RestError("HTTP 500");
    await start();
    await wait(24 * 3_600_000);
    const gaps = asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0));
    expect(gaps.slice(0, 4)).toEqual([90_000, 120_000, 180_000, 300_000]);
    expect(gaps.at(-1)).toBeCloseTo(1_860_000, -5);
    expect(new Set(asked.map(({ url }) => url))).toEqual(new Set(["http://api/1"]));
  });

  it("is forgiven with its first answer", async () => {
    answer = () => new RestError("HTTP 500");
    await start();
    await wait(EVERY_MS);
    answer = () => ({ body: "body", unchanged: false, etag: undefined });
    await wait(EVERY_MS);
    expect(poll.health()).toMatchObject({ state: "ok", failure: null });
    answer = () => new RestError("HTTP 500");
    asked.length = 0;
    await wait(EVERY_MS * 1.3);
    expect(Number(asked[1]?.at) - Number(asked[0]?.at)).toBe(90_000);
  });

  it("whose body is garbage has failed: it is said so, and its ETag is not kept", async () => {
    answer = () => ({ body: "garbage", unchanged: false, etag: 'W/"bad"' });
    await start();
    expect(poll.health()).toMatchObject({ state: "failing", failure: "not an array" });
    expect(poll.health().nextTryMs).toBe(90_000);
    await wait(120_000);
    expect(asked[1]?.headers).toEqual({ "x-key": "k" });
  });
});

it("asks nothing more once stopped, ends the request under way, and takes no late answer", async () => {
  let resolve = (_: RestAnswer) => {};
  answer = () =>
    new Promise((settle) => {
      resolve = settle;
    });
  await start();
  poll.stop();
  expect(asked[0]?.signal?.aborted).toBe(true);
  resolve({ body: "late", unchanged: false, etag: undefined });
  await wait(EVERY_MS * 3);
  expect(asked).toHaveLength(1);
  expect(events).toEqual([]);
});
