import { describe, expect, it } from "vitest";
import { fakeStream, serverStatus, T, update } from "./fakes.ts";

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
  it("is stale where the server lists it, and where the server leaves it out", () => {
    const { stream, server } = fakeStream();
    server().says(update({ bitcoin: "1", ethereum: "2", tron: "3" }, { stale: ["ethereum"] }));
    const stale = () => [...stream.all().values()].filter((p) => p.stale).map((p) => p.asset);
    expect(stale()).toEqual(["ethereum"]);
    server().says(update({ bitcoin: "1", ethereum: "2" }));
    expect(stale()).toEqual(["tron"]);
  });

  it("is stale when it was told longer ago than staleAfterMs, on a link that lives", () => {
    const { stream, clock, server } = fakeStream({ staleAfterMs: 20_000 });
    const price = { type: "price", price: "1", timestamp: T, last_update: T };
    server().says({ ...price, symbol: "bitcoin" });
    server().says({ ...price, symbol: "ethereum" });
    for (let i = 0; i < 5; i++) {
      clock.advance(5000);
      server().says({ ...price, symbol: "ethereum" });
    }
    expect(stream.status.state).toBe("live");
    expect(stream.get("bitcoin")?.stale).toBe(true);
    expect(stream.get("ethereum")?.stale).toBe(false);
  });

  it("says its currency where it is not USD", () => {
    const { stream, server } = fakeStream();
    server().says(update({ bitcoin: "1", tron: "2" }, { quoted: { USDT: ["tron"] } }));
    expect(stream.get("bitcoin")?.quote).toBe("USD");
    expect(stream.get("tron")?.quote).toBe("USDT");
  });

  it("says from which currency it was converted, and that few exchanges agree on it", () => {
    const { stream, server } = fakeStream();
    const about = { derived: { USDT: ["tron"] }, thin: ["tron"] };
    server().says(update({ bitcoin: "1", tron: "2" }, about));
    expect(stream.get("bitcoin")).toMatchObject({ derivedFrom: null, thin: false });
    expect(stream.get("tron")).toMatchObject({ quote: "USD", derivedFrom: "USDT", thin: true });
    server().says(update({ bitcoin: "1", tron: "2" }));
    expect(stream.get("tron")).toMatchObject({ derivedFrom: null, thin: false });
  });
});

describe("age", () => {
  const at = (seconds: number) => new Date(Date.parse(T) + seconds * 1000).toISOString();

  it("comes from two times of one message and the time passed since, not from the local clock", () => {
    const { stream, clock, server } = fakeStream();
    server().says(serverStatus("connected", { last_update: at(0), timestamp: at(7) }));
    clock.advance(2500);
    expect(stream.ageMs()).toBe(9500);
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

  it("does not take a price found changed after a gap for a new one", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    clock.advance(1000);
    server().says(update({ bitcoin: "2" }));
    server().ends();
    clock.advance(1000);
    server().says(update({ bitcoin: "3" }));
    expect(stream.ageMs("bitcoin")).toBe(1000);
  });
});
