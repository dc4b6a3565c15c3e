import { describe, expect, it, vi } from "vitest";
import { fakeStream, hello, removed, T, update } from "../fakes.ts";

const SUBSCRIBED = { subscription: { assets: 2, interval: 1000 } } as const;

describe("subscribing", () => {
  it("asks for everything, as often as the application wants", () => {
    const { server } = fakeStream({ interval: 250 });
    server().greets();
    expect(server().offered).toEqual(["cryptovault.v1.json"]);
    expect(server().said()).toEqual([{ type: "subscribe", assets: "*", interval: 250 }]);
  });

  it("asks only for the assets named, and for those that have subscribers", () => {
    const { stream, clock, server } = fakeStream({ assets: ["bitcoin"] });
    stream.subscribe("ETH", () => {});
    server().greets();
    const first = { type: "subscribe", assets: ["bitcoin", "ETH"], interval: 1000 };
    expect(server().said()).toEqual([first]);
    const subscription = { ...SUBSCRIBED.subscription, names: { ETH: "ethereum" } };
    server().says(update({ bitcoin: "1", ethereum: "2" }, {}, { subscription }));
    expect(stream.get("ETH")?.price).toBe("2");
    const undo = stream.subscribe("solana", () => {});
    clock.advance(200);
    const added = { type: "subscribe", assets: ["solana"], interval: 1000 };
    expect(server().said().slice(1)).toEqual([added]);
    server().says(update({ solana: "3" }, {}, SUBSCRIBED));
    undo();
    undo();
    clock.advance(200);
    expect(server().said().at(-1)).toEqual({ type: "unsubscribe", assets: ["solana"] });
    server().says(update({}, {}, SUBSCRIBED));
    expect([...stream.all().keys()]).toEqual(["bitcoin", "ethereum"]);
  });

  it("makes one change of many, and has one change under way", () => {
    const { stream, clock, server } = fakeStream({ assets: ["bitcoin"] });
    server().greets();
    stream.subscribe("solana", () => {});
    clock.advance(200);
    // The first is not answered yet.
    expect(server().sent.length).toBe(1);
    stream.subscribe("tron", () => {});
    server().says(update({ bitcoin: "1" }, {}, SUBSCRIBED));
    clock.advance(200);
    expect(server().said().slice(1)).toEqual([
      { type: "subscribe", assets: ["solana", "tron"], interval: 1000 },
    ]);
  });

  it("splits a long list into messages that the server takes, and asks for all where it takes no more", () => {
    const assets = Array.from({ length: 1000 }, (_, n) => `${n}-${"x".repeat(60)}`.slice(0, 64));
    const { server } = fakeStream({ assets });
    server().greets();
    expect(server().sent.length).toBeLessThanOrEqual(20);
    expect(Math.max(...server().sent.map((text) => text.length))).toBeLessThanOrEqual(4096);
    const said = server().said();
    expect(said.flatMap(({ assets }) => assets)).toEqual(assets);
    expect(said.map(({ more }) => more ?? false)).toEqual(said.map((_, n) => n < said.length - 1));
    const tooMany = fakeStream({ assets: [...assets, "one-more"] });
    tooMany.server().greets();
    expect(tooMany.server().said()).toMatchObject([{ assets: "*" }]);
  });

  it("asks for a thousand assets in so few messages that as many others could follow at once", () => {
    const { stream, clock, server } = fakeStream({ assets: [] });
    const subscribe = (kind: string) =>
      Array.from({ length: 1000 }, (_, n) => stream.subscribe(`${kind}-asset-${n}`, () => {}));
    const undos = subscribe("some");
    server().greets();
    const first = server().sent.length;
    server().says(update({}, {}, { subscription: { assets: 1000, interval: 1000 } }));
    for (const undo of undos) undo();
    subscribe("other");
    clock.advance(200);
    expect(server().sent.length).toBeLessThan(20);
    expect(first).toBeLessThanOrEqual(6);
    expect(
      new Set(
        server()
          .said()
          .flatMap(({ assets }) => assets),
      ).size,
    ).toBe(2000);
  });

  it("counts what a name takes in a message as it is written there", () => {
    const assets = Array.from({ length: 100 }, (_, n) => `${n}`.padStart(64, '"'));
    const { server } = fakeStream({ assets });
    server().greets();
    expect(Math.max(...server().sent.map((text) => text.length))).toBeLessThanOrEqual(4096);
    expect(
      server()
        .said()
        .flatMap(({ assets }) => assets),
    ).toEqual(assets);
  });

  it("never asks for more names than the server takes, nor for many at once, whatever it has subscribers for", () => {
    const { stream, clock, server } = fakeStream();
    for (let n = 0; n < 3000; n++) stream.subscribe(`name-${n}`, () => {});
    server().greets();
    let most = 0;
    for (let seconds = 0; seconds < 10; seconds++) {
      const before = server().sent.length;
      for (let ms = 0; ms < 1000; ms += 10) {
        server().says(update({ bitcoin: "1" }));
        clock.advance(10);
      }
      most = Math.max(most, server().sent.length - before);
    }
    expect(most).toBeLessThan(10);
    const names = server()
      .said()
      .slice(1)
      .flatMap(({ assets }) => assets);
    expect(names.length).toBeGreaterThan(900);
    expect(names.length).toBeLessThan(1000);
  });

  it("goes on to ask for others after the server has refused a subscription", () => {
    const { stream, clock, server } = fakeStream({ assets: ["bitcoin"] });
    server().greets();
    const refusal = { code: "bad_subscription", message: "Can't be read.", hint: "See there." };
    server().says({ type: "error", ...refusal, timestamp: T });
    stream.subscribe("solana", () => {});
    clock.advance(200);
    expect(server().said().at(-1)).toMatchObject({ assets: ["solana"] });
  });

  it("leaves out what can be no name, which would cost the whole list", () => {
    const { server } = fakeStream({ assets: ["", "*", "bitcoin", "x".repeat(65), "two words"] });
    server().greets();
    expect(server().said()).toMatchObject([{ assets: ["bitcoin"] }]);
  });

  it("waits without complaint while nothing is asked for, and begins with the first subscriber", () => {
    const { stream, clock, server } = fakeStream({ assets: [] });
    server().greets();
    expect(server().sent).toEqual([]);
    clock.advance(7000);
    expect(stream.status).toMatchObject({
      state: "stale",
      reason: "Connected; no asset is asked for.",
    });
    const undo = stream.subscribe("bitcoin", () => {});
    clock.advance(200);
    server().says(update({ bitcoin: "1" }, {}, SUBSCRIBED));
    expect(stream.status.state).toBe("live");
    undo();
    clock.advance(200);
    server().says(update({}, {}, SUBSCRIBED));
    expect(stream.status.reason).toBe("Connected; no asset is asked for.");
  });

  it("finds an asset by its symbol under all assets too", () => {
    const { stream, clock, server } = fakeStream();
    const heard: string[] = [];
    stream.subscribe("BTC", ({ asset, price }) => heard.push(`${asset} ${price}`));
    stream.subscribe("ethereum", () => {});
    server().greets();
    server().says(update({ bitcoin: "1", ethereum: "2" }));
    clock.advance(200);
    expect(server().said().slice(1)).toEqual([
      { type: "subscribe", assets: ["BTC"], interval: 1000 },
    ]);
    const subscription = { assets: "*", interval: 1000, names: { BTC: "bitcoin" } } as const;
    server().says(update({}, {}, { subscription }));
    clock.advance(0);
    expect(heard).toEqual(["bitcoin 1"]);
    expect(stream.get("BTC")?.price).toBe("1");
  });

  it("shows its token as a subprotocol, and refuses one that can't be such", async () => {
    const { server } = fakeStream({ token: "ab.c-d_e~" });
    expect(server().offered).toEqual(["cryptovault.v1.json", "bearer.ab.c-d_e~"]);
    const wrong = fakeStream({ token: () => "a b" });
    expect(wrong.stream.status.state).toBe("reconnecting");
    expect(wrong.stream.status.reason).toContain("letters, digits and -._~");
    const none = fakeStream({ token: () => JSON.parse("null") });
    await vi.waitFor(() => expect(none.stream.status.reason).toContain("letters, digits"));
  });
});

describe("reading", () => {
  it("answers an echo at once, with its position", () => {
    const { server } = fakeStream();
    server().greets();
    server().says(update({ bitcoin: "1" }, {}, { seq: 42, echo: true }));
    expect(server().said().at(-1)).toEqual({ type: "echo", seq: 42 });
  });

  it("tells only what changed", () => {
    const { stream, clock, server } = fakeStream();
    const changes: string[][] = [];
    stream.subscribeAll((changed) => changes.push(changed.map(({ asset }) => asset)));
    server().greets();
    server().says(update({ bitcoin: "1", ethereum: "2" }));
    clock.advance(0);
    server().says(update({ ethereum: "3" }));
    clock.advance(0);
    expect(changes).toEqual([["bitcoin", "ethereum"], ["ethereum"]]);
  });

  it("says that it is stale when the last fresh price of what it asked for has become old", () => {
    const { stream, server } = fakeStream();
    server().goesLive();
    server().says(update({ bitcoin: "97123.41" }, { stale: { bitcoin: 60_100 } }));
    expect(stream.status.state).toBe("stale");
    expect(stream.get("bitcoin")?.stale).toBe(true);
  });

  it("counts what it does not understand, and nothing else comes of it", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    const before = stream.get("bitcoin");
    server().says("garbage");
    server().says({ ...update({ bitcoin: "2" }), prices: ["NaN"] });
    server().says(JSON.stringify({ ...update({ bitcoin: "2" }), prices: ["2", "3"] }));
    expect(stream.diagnostics()).toMatchObject({ messages: 5, ignored: 3 });
    expect(stream.get("bitcoin")).toBe(before);
    for (let i = 0; i < 36; i++) {
      clock.advance(1000);
      server().says("garbage");
    }
    expect(stream.status.state).toBe("reconnecting");
  });
});

describe("coming back", () => {
  const back = (fake: ReturnType<typeof fakeStream>, epoch = "e1") => {
    fake.server().drops();
    fake.stream.retry();
    fake.server().says(hello(epoch));
  };

  it("asks only for what it has missed, and takes what it holds for fresh again when answered", () => {
    const fake = fakeStream();
    const { stream, server } = fake;
    server().greets();
    server().says(update({ bitcoin: "1", ethereum: "2" }, {}, { seq: 42 }));
    back(fake);
    expect(server().said()).toEqual([
      { type: "subscribe", assets: "*", interval: 1000, since: { epoch: "e1", seq: 42 } },
    ]);
    expect(stream.get("ethereum")?.stale).toBe(true);
    server().says(update({ bitcoin: "3" }, {}, { seq: 50 }));
    expect(stream.get("bitcoin")).toMatchObject({ price: "3", stale: false });
    expect(stream.get("ethereum")).toMatchObject({ price: "2", stale: false });
    expect(stream.diagnostics()).toMatchObject({ epoch: "e1", seq: 50 });
  });

  it("begins anew in another epoch, and drops what is priced no more", () => {
    const fake = fakeStream();
    const { stream, server } = fake;
    server().greets();
    server().says(update({ bitcoin: "1", ethereum: "2" }, {}, { seq: 42 }));
    back(fake, "e2");
    expect(server().said()).toEqual([{ type: "subscribe", assets: "*", interval: 1000 }]);
    expect(stream.get("bitcoin")).toMatchObject({ price: "1", stale: true });
    server().says(update({ bitcoin: "3" }, {}, { seq: 5 }));
    expect([...stream.all().keys()]).toEqual(["bitcoin"]);
  });

  it("claims of a list only what it holds, and asks for the rest whole", () => {
    const fake = fakeStream({ assets: ["bitcoin"] });
    const { stream, server } = fake;
    server().greets();
    server().says(update({ bitcoin: "1" }, {}, { ...SUBSCRIBED, seq: 42 }));
    stream.subscribe("solana", () => {});
    back(fake);
    const since = { epoch: "e1", seq: 42 };
    expect(server().said()).toEqual([
      { type: "subscribe", assets: ["bitcoin"], interval: 1000, since, more: true },
      { type: "subscribe", assets: ["solana"], interval: 1000 },
    ]);
  });

  it("does not claim what it gave up a moment before, and forgets it", () => {
    const fake = fakeStream({ assets: ["bitcoin"] });
    const { stream, clock, server } = fake;
    const undo = stream.subscribe("solana", () => {});
    server().greets();
    server().says(update({ bitcoin: "1", solana: "2" }, {}, { ...SUBSCRIBED, seq: 42 }));
    undo();
    stream.subscribe("tron", () => {});
    clock.advance(200);
    // The server answers the first of two changes, and is gone.
    server().says(update({}, {}, { ...SUBSCRIBED, seq: 43 }));
    stream.subscribe("solana", () => {});
    back(fake);
    const since = { epoch: "e1", seq: 43 };
    expect(server().said()).toEqual([
      { type: "subscribe", assets: ["bitcoin"], interval: 1000, since, more: true },
      { type: "subscribe", assets: ["tron", "solana"], interval: 1000 },
    ]);
    server().says(update({ tron: "3" }, {}, { ...SUBSCRIBED, seq: 44 }));
    expect([...stream.all().keys()]).toEqual(["bitcoin", "tron"]);
  });

  it("goes from all assets to some on the same connection, and claims nothing if that was cut in the middle", () => {
    const fake = fakeStream({ assets: ["bitcoin"] });
    const { stream, clock, server } = fake;
    const undo = stream.subscribe("*", () => {});
    server().greets();
    server().says(update({ bitcoin: "1", ethereum: "2" }, {}, { seq: 42 }));
    undo();
    clock.advance(200);
    const some = { type: "subscribe", assets: ["bitcoin"], interval: 1000 };
    expect(server().said().slice(1)).toEqual([
      { type: "unsubscribe", assets: "*" },
      { ...some, since: { epoch: "e1", seq: 42 } },
    ]);
    // The server answers the first of two changes, and is gone: of bitcoin nothing came up to there.
    server().says(update({}, {}, { subscription: { assets: 0, interval: 1000 }, seq: 43 }));
    expect([...stream.all().keys()]).toEqual(["bitcoin"]);
    for (let cuts = 0; cuts < 2; cuts++) {
      back(fake);
      expect(server().said()).toEqual([some]);
    }
    server().says(update({ bitcoin: "3" }, {}, { ...SUBSCRIBED, seq: 44 }));
    expect(stream.get("bitcoin")).toMatchObject({ price: "3", stale: false });
    back(fake);
    expect(server().said()).toEqual([{ ...some, since: { epoch: "e1", seq: 44 } }]);
  });

  it("is told of what was delisted meanwhile", () => {
    const fake = fakeStream();
    const { stream, server } = fake;
    server().greets();
    server().says(update({ bitcoin: "1", tron: "2" }, {}, { seq: 42 }));
    back(fake);
    server().says(update({}, {}, { seq: 50, removed: removed("tron") }));
    expect([...stream.all().keys()]).toEqual(["bitcoin"]);
    expect(stream.get("bitcoin")?.stale).toBe(false);
  });
});
