import { describe, expect, it } from "vitest";
import { fakeStream, removed, update } from "./fakes.ts";

describe("subscribers", () => {
  it("are called once per frame, and only for a price that changed", () => {
    const { stream, clock, server } = fakeStream();
    const bitcoin: string[] = [];
    const ethereum: string[] = [];
    const changes: string[][] = [];
    stream.subscribe("bitcoin", ({ price }) => bitcoin.push(price));
    stream.subscribe("ethereum", ({ price }) => ethereum.push(price));
    stream.subscribeAll((changed) => changes.push(changed.map(({ asset }) => asset)));
    server().says(update({ bitcoin: "1", ethereum: "5" }));
    clock.advance(0);
    server().says(update({ bitcoin: "2", ethereum: "5" }));
    server().says(update({ bitcoin: "3", ethereum: "5" }));
    expect(bitcoin).toEqual(["1"]);
    clock.advance(0);
    expect(bitcoin).toEqual(["1", "3"]);
    expect(ethereum).toEqual(["5"]);
    expect(changes).toEqual([["bitcoin", "ethereum"], ["bitcoin"]]);
  });

  it("hear that a price is old with the end of the connection, not a frame later, and before the status", () => {
    const { stream, clock, server } = fakeStream();
    const heard: string[] = [];
    stream.subscribe("bitcoin", ({ stale }) => heard.push(stale ? "old" : "fresh"));
    server().goesLive();
    clock.advance(0);
    stream.onStatus(({ state }) => heard.push(state));
    server().ends();
    expect(heard).toEqual(["fresh", "old", "reconnecting"]);
    clock.advance(0);
    expect(heard).toHaveLength(3);
  });

  it("are called at once where the application's frames come at once", () => {
    const { stream, server } = fakeStream({ nextFrame: (fn) => fn() });
    const heard: string[] = [];
    stream.subscribe("bitcoin", ({ price }) =>
      heard.push(`${price} ${stream.get("bitcoin")?.price}`),
    );
    server().says(update({ bitcoin: "1" }));
    server().says(update({ bitcoin: "2" }));
    expect(heard).toEqual(["1 1", "2 2"]);
  });

  it("are not called any more after their undo", () => {
    const { stream, clock, server } = fakeStream();
    const heard: string[] = [];
    const undo = stream.subscribe("bitcoin", ({ price }) => heard.push(price));
    server().says(update({ bitcoin: "1" }));
    undo();
    undo();
    clock.advance(0);
    expect(heard).toEqual([]);
  });

  it("hear that their price has become stale", () => {
    const { stream, clock, server } = fakeStream();
    const heard: boolean[] = [];
    stream.subscribe("bitcoin", ({ stale }) => heard.push(stale));
    server().goesLive();
    clock.advance(0);
    server().ends();
    clock.advance(0);
    expect(heard).toEqual([false, true]);
  });

  it("get the same objects as long as nothing changes", () => {
    const { stream, server } = fakeStream();
    server().says(update({ bitcoin: "1" }));
    const [all, bitcoin, { status }] = [stream.all(), stream.get("bitcoin"), stream];
    server().says(update({ bitcoin: "1" }));
    expect(stream.all()).toBe(all);
    expect(stream.get("bitcoin")).toBe(bitcoin);
    expect(stream.status).toBe(status);
  });
});

describe("a price", () => {
  it("is stale where the server says so, with its age", () => {
    const { stream, clock, server } = fakeStream();
    server().says(update({ bitcoin: "1", ethereum: "2" }, { stale: { ethereum: 90_000 } }));
    expect(stream.get("bitcoin")?.stale).toBe(false);
    expect(stream.get("ethereum")?.stale).toBe(true);
    clock.advance(500);
    expect(stream.ageMs("ethereum")).toBe(90_500);
  });

  it("that is priced no more is told once more as old, and is gone", () => {
    const { stream, clock, server } = fakeStream();
    const heard: boolean[] = [];
    stream.subscribe("tron", ({ stale }) => heard.push(stale));
    server().goesLive();
    server().says(update({ bitcoin: "1", tron: "2" }));
    clock.advance(0);
    server().says(update({}, {}, { removed: removed("tron") }));
    clock.advance(0);
    expect(heard).toEqual([false, true]);
    expect([...stream.all().keys()]).toEqual(["bitcoin"]);
  });

  it("says its currency, its change, who speaks for it, what it was made from, and whether few agree", () => {
    const { stream, server } = fakeStream();
    const about = { source: "binance", derivedFrom: "USDT", thin: true } as const;
    server().says(update({ bitcoin: "1" }, about, { change24h: [-1.25] }));
    expect(stream.get("bitcoin")).toEqual({
      asset: "bitcoin",
      price: "1",
      quote: "USD",
      source: "binance",
      derivedFrom: "USDT",
      thin: true,
      change24h: -1.25,
      exchangeTime: null,
      staleSince: null,
      stale: false,
    });
    server().says(update({ bitcoin: "1" }, { quote: "USDT" }));
    expect(stream.get("bitcoin")).toMatchObject({ quote: "USDT", derivedFrom: null, thin: false });
  });
});

describe("age", () => {
  it("of a price from before the connection is what the exchange's own time says, where it tells one", () => {
    const { stream, clock, server } = fakeStream();
    server().says(update({ bitcoin: "1", ethereum: "2" }, {}, { ages: [7000, null] }));
    clock.advance(2500);
    expect(stream.ageMs("bitcoin")).toBe(9500);
    expect(stream.ageMs("ethereum")).toBe(null);
  });

  it("of an asset begins when its price was seen to change", () => {
    const { stream, clock, server } = fakeStream();
    server().says(update({ bitcoin: "1", ethereum: "2" }));
    expect(stream.ageMs("bitcoin")).toBe(null);
    clock.advance(1000);
    server().says(update({ bitcoin: "1.5", ethereum: "2" }));
    clock.advance(400);
    expect(stream.ageMs("bitcoin")).toBe(400);
    expect(stream.ageMs("ethereum")).toBe(null);
    expect(stream.ageMs()).toBe(400);
  });

  it("of another source's first price is what its exchange says, or not known: it may be older than the last", () => {
    const { stream, clock, server } = fakeStream();
    server().says(update({ bitcoin: "1", ethereum: "5" }));
    server().says(update({ bitcoin: "2", ethereum: "6" }));
    clock.advance(1000);
    expect(stream.ageMs("ethereum")).toBe(1000);
    const other = update({ bitcoin: "3", ethereum: "7" }, { source: "coinbase" });
    server().says({ ...other, ages: [36_000, null] });
    expect(stream.ageMs("bitcoin")).toBe(36_000);
    expect(stream.ageMs("ethereum")).toBe(null);
    expect(stream.ageMs()).toBe(1000);
    server().says(update({ ethereum: "8" }, { source: "coinbase" }));
    expect(stream.ageMs("ethereum")).toBe(0);
  });

  it("does not take a price found changed after a gap for a new one", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    clock.advance(1000);
    server().says(update({ bitcoin: "2" }));
    server().ends();
    clock.advance(1000);
    server().says(update({ bitcoin: "3" }));
    expect(stream.ageMs("bitcoin")).toBe(null);
  });
});
