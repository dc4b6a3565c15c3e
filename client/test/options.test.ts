import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../src/clock.ts";
import { createPriceStream } from "../src/index.ts";
import { streamUrl } from "../src/url.ts";
import { fakeStream } from "./fakes.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the URL", () => {
  it("may be one of HTTP, for those who know only where the API is", () => {
    expect(streamUrl("https://api.example/ws/prices")).toBe("wss://api.example/ws/prices");
    expect(streamUrl("http://localhost:8000/ws/prices")).toBe("ws://localhost:8000/ws/prices");
    expect(streamUrl("wss://api.example/ws/prices")).toBe("wss://api.example/ws/prices");
  });

  it("may be relative to the page", () => {
    vi.stubGlobal("location", { href: "https://vault.example/app/index.html?x#y" });
    expect(streamUrl("/ws/prices")).toBe("wss://vault.example/ws/prices");
    expect(streamUrl("//api.example/ws/prices")).toBe("wss://api.example/ws/prices");
  });

  it("is refused with a reason where it can be none", () => {
    expect(() => streamUrl("/ws/prices")).toThrow("needs a page");
    expect(() => streamUrl("ftp://example/")).toThrow("http(s), ws(s) or relative");
  });
});

it("refuses options that make no sense, all at once", () => {
  const wrong = { url: "ws://x/", maxReconnectAttempts: -1, reconnectDelay: 0, interval: 50 };
  expect(() => createPriceStream(wrong)).toThrow(/maxReconnectAttempts.*reconnectDelay.*interval/);
});

it("refuses at once a token that can be none, and a URL that can't be read", () => {
  for (const token of ["a b", "", null, 5]) {
    const options = { url: "ws://127.0.0.1:1/ws/prices", token };
    expect(() => Reflect.apply(createPriceStream, undefined, [options])).toThrow("letters, digits");
  }
  expect(() => createPriceStream("ws://127.0.0.1:1/ws/prices/%E0%A4")).toThrow(
    "can't be read: %E0",
  );
});

it("takes a function that throws for no fault of the way: the next attempt goes the same one", () => {
  const tell = () => {
    throw new Error("not signed in");
  };
  const { stream, clock } = fakeStream({ url: tell });
  expect(stream.status).toMatchObject({ state: "reconnecting", attempt: 1 });
  clock.advance(1000);
  expect(stream.status.attempt).toBe(2);
  expect(stream.diagnostics()).toMatchObject({ transport: "v1" });
  expect(stream.diagnostics().lastError).toContain("not signed in");
  const { stream: other } = fakeStream({ url: () => new Promise<string>(() => {}) });
  expect(other.status.reason).toBe("Connecting to the server (v1)");
});

it("has a widget that does nothing where there is no page", async () => {
  await expect(import("../src/widget.ts")).resolves.toBeDefined();
});

it("refuses what is no address, no name and no subscriber, where it is given", () => {
  const none = [undefined, null, 5, {}, { url: 5 }, { url: "" }, { url: "ws://x/", assets: [5] }];
  for (const options of none) {
    expect(() => Reflect.apply(createPriceStream, undefined, [options])).toThrow("rice stream");
  }
  const stream = createPriceStream("ws://127.0.0.1:1/ws/prices");
  expect(() => Reflect.apply(stream.subscribe, stream, ["bitcoin", null])).toThrow("no function");
  for (const name of [undefined, null, 5]) {
    expect(() => Reflect.apply(stream.subscribe, stream, [name, () => {}])).toThrow("no string");
  }
  stream.close();
});

describe("the device's clock", () => {
  it("counts the time asleep, when only the wall clock goes on", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const clock = systemClock();
    const before = clock.now();
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(clock.now() - before).toBeGreaterThan(3_599_000);
  });

  it("never goes back, though the wall clock is set back", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const clock = systemClock();
    const before = clock.now();
    vi.setSystemTime(Date.now() - 3_600_000);
    const after = clock.now();
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(1000);
  });
});
