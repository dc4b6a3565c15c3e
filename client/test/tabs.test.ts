import { describe, expect, it } from "vitest";
import type { Price } from "../src/index.ts";
import { resolveOptions } from "../src/options.ts";
import { createLeader } from "../src/tabs/leader.ts";
import { lentClock } from "../src/tabs/lent-clock.ts";
import { isMessage, type Told } from "../src/tabs/messages.ts";
import { createView } from "../src/tabs/view.ts";
import { createWatch } from "../src/tabs/watch.ts";
import { createSharedPriceStream } from "../src/tabs.ts";
import { FakeSocket, fakeStream } from "./fakes.ts";

function stoppedClock() {
  const { stream, clock } = fakeStream();
  stream.close();
  return clock;
}

describe("a stream to be shared", () => {
  it("is one of its own outside of browsers", () => {
    FakeSocket.all = [];
    const url = "ws://gateway.test/ws/prices";
    const streams = [1, 2].map(() => createSharedPriceStream({ url, WebSocket: FakeSocket }));
    expect(FakeSocket.all.length).toBe(2);
    FakeSocket.latest().goesLive();
    expect(streams.map(({ status }) => status.state)).toEqual(["connecting", "live"]);
    for (const stream of streams) stream.close();
  });
});

describe("a follower", () => {
  const SECOND = 1000;
  /** Asks each second from `from` to `to`, and is not answered. */
  const askInVain = (watch: ReturnType<typeof createWatch>, from: number, to: number) => {
    for (let now = from; now <= to; now += SECOND) watch.asked();
  };

  it("takes its leader's place after three questions without an answer, not before, and never while hidden", () => {
    const watch = createWatch(0);
    askInVain(watch, 1 * SECOND, 2 * SECOND);
    expect(watch.isLost(true)).toBe(false);
    askInVain(watch, 3 * SECOND, 3 * SECOND);
    expect(watch.isLost(true)).toBe(true);
    expect(watch.isLost(false)).toBe(false);
    watch.heard(3.5 * SECOND);
    expect(watch.isLost(true)).toBe(false);
  });

  it("shows nothing as live once its leader was silent for 3 s", () => {
    const watch = createWatch(0);
    expect(watch.isSilent(3 * SECOND, true)).toBe(false);
    expect(watch.isSilent(3 * SECOND + 1, true)).toBe(true);
    watch.heard(4 * SECOND);
    expect(watch.isSilent(5 * SECOND, true)).toBe(false);
  });

  it("does not take for silence, while hidden, that it has not asked", () => {
    const watch = createWatch(0);
    expect(watch.isSilent(60 * SECOND, false)).toBe(false);
    watch.asked();
    expect(watch.isSilent(120 * SECOND, false)).toBe(true);
  });

  it("gives its leader time to answer when it is looked at again, and after a sleep", () => {
    const watch = createWatch(0);
    askInVain(watch, 60 * SECOND, 180 * SECOND);
    watch.restart();
    watch.asked();
    expect(watch.isSilent(181 * SECOND, true)).toBe(true);
    expect(watch.isLost(true)).toBe(false);
  });
});

describe("a lent clock", () => {
  it("does what is due when somebody waits, once, and in no case what is not due or was undone", () => {
    const clock = stoppedClock();
    const lent = lentClock(clock);
    const done: string[] = [];
    lent.after(1000, () => done.push("due"));
    lent.after(1000, () => done.push("undone"))();
    lent.after(5000, () => done.push("later"));
    clock.sleep(2000);
    expect(done).toEqual([]);
    lent.catchUp();
    expect(done).toEqual(["due"]);
    clock.advance(10_000);
    expect(done).toEqual(["due", "later"]);
    expect(clock.pending()).toBe(0);
  });
});

describe("a leader", () => {
  it("never shows a stream that becomes live, or comes back, as one without fresh prices", async () => {
    FakeSocket.all = [];
    const url = "ws://gateway.test/ws/prices";
    const clock = stoppedClock();
    FakeSocket.all = [];
    const settings = resolveOptions({ url, WebSocket: FakeSocket, clock, assets: ["bitcoin"] });
    const view = createView(settings, () => {});
    const states: string[] = [];
    view.stream.onStatus(({ state }) => states.push(state));
    const leader = createLeader(settings, view.wants, view.take);
    for (let connections = 0; connections < 2; connections++) {
      FakeSocket.latest().goesLive();
      await Promise.resolve();
      await Promise.resolve();
      FakeSocket.latest().ends();
      leader.retry();
      await Promise.resolve();
    }
    leader.close();
    expect(states).toContain("live");
    expect(states).not.toContain("stale");
  });
});

describe("what a tab shows", () => {
  const clock = stoppedClock();
  const open = (assets: string[]) => {
    const options = { url: "ws://gateway.test/ws/prices", WebSocket: FakeSocket, assets, clock };
    return createView(resolveOptions(options), () => {});
  };
  const price = (asset: string): Price => ({
    asset,
    price: "1",
    quote: "USD",
    derivedFrom: null,
    thin: false,
    source: "coincap",
    change24h: null,
    exchangeTime: null,
    staleSince: null,
    stale: false,
  });
  const told = (rows: Told["rows"], more: Partial<Told> = {}): Told => {
    const view = open([]);
    const status = { ...view.status(), state: "live" as const, reason: "Fresh prices arrive." };
    const diagnostics = view.stream.diagnostics();
    return { status, diagnostics, rows, gone: [], names: {}, log: [], ...more };
  };

  it("is not live by what only other tabs ask for", () => {
    const view = open(["bitcoin"]);
    view.take(told([[price("tron"), 0]]));
    expect(view.status().state).toBe("stale");
    view.take(told([[price("bitcoin"), 0]]));
    expect(view.status().state).toBe("live");
    expect([...view.stream.all().keys()]).toEqual(["bitcoin"]);
  });

  it("is as old as the leader says, plus what has passed since", () => {
    const view = open(["bitcoin", "tron"]);
    const bitcoin = price("bitcoin");
    view.take(
      told([
        [bitcoin, 1500],
        [price("tron"), null],
      ]),
    );
    clock.sleep(500);
    expect(view.stream.ageMs("bitcoin")).toBe(2000);
    expect(view.stream.ageMs("tron")).toBe(null);
    expect(view.stream.ageMs()).toBe(2000);
  });

  it("is gone where an asset is priced no more", () => {
    const view = open(["bitcoin", "tron"]);
    view.take(
      told([
        [price("bitcoin"), 0],
        [price("tron"), 0],
      ]),
    );
    view.take(told([], { gone: ["bitcoin"] }));
    expect([...view.stream.all().keys()]).toEqual(["tron"]);
  });

  it("stays shown as old when nobody vouches for it", () => {
    const view = open(["bitcoin"]);
    view.take(told([[price("bitcoin"), 0]]));
    view.lose("Nobody answers.");
    expect(view.status()).toMatchObject({ state: "stale", reason: "Nobody answers." });
    expect(view.stream.get("bitcoin")).toMatchObject({ price: "1", stale: true });
  });

  it("is no message of any other form", () => {
    const from = "a tab";
    const ask = { kind: "ask", from, all: false, whole: true, names: ["bitcoin"] };
    const message = { kind: "told", from, term: 1, ...told([[price("bitcoin"), null]]) };
    for (const good of [ask, message, { kind: "retry", from }, { kind: "ping", from }]) {
      expect(isMessage(structuredClone(good))).toBe(true);
    }
    const bad = [
      null,
      "ask",
      { ...ask, from: undefined },
      { ...ask, kind: "constructor" },
      { ...ask, names: "bitcoin" },
      { ...message, status: null },
      { ...message, gone: {} },
      { ...message, rows: [["bitcoin", 1]] },
      { ...message, rows: [[{ ...price("bitcoin"), price: 1 }, null]] },
    ];
    for (const one of bad) expect(isMessage(one), JSON.stringify(one)).toBe(false);
  });
});
