import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { FakeSocket, PLAIN_HELLO, plainStream, plainUpdate, serverStatus, T } from "../fakes.ts";

describe("a server without fresh prices", () => {
  it.each(["stale", "connecting"])("is waited for while it says %s", async (state) => {
    const { stream, clock, server } = await plainStream();
    server().greets();
    for (let i = 0; i < 30; i++) {
      server().says(serverStatus(state));
      clock.advance(10_000);
    }
    expect(stream.status.state).toBe("stale");
    expect(stream.status.reason.length).toBeGreaterThan(20);
    expect(FakeSocket.all.length).toBe(2);
    server().says(plainUpdate({ bitcoin: "1" }));
    expect(stream.status.state).toBe("live");
  });

  it("has 10 s for a price from the moment it claims to have some again", async () => {
    const { stream, clock, server } = await plainStream();
    server().greets();
    server().says(serverStatus("stale"));
    clock.advance(14_000);
    server().says(serverStatus("connected"));
    clock.advance(9000);
    expect(stream.status.state).toBe("stale");
    clock.advance(3000);
    expect(stream.status.state).toBe("reconnecting");
  });

  it("makes every price stale, and only told prices fresh again", async () => {
    const { stream, server } = await plainStream();
    server().greets();
    server().says(plainUpdate({ bitcoin: "1", ethereum: "2" }));
    server().says(serverStatus("stale"));
    expect([...stream.all().values()].every(({ stale }) => stale)).toBe(true);
    server().says(plainUpdate({ bitcoin: "1" }));
    expect(stream.get("bitcoin")?.stale).toBe(false);
    expect(stream.get("ethereum")?.stale).toBe(true);
  });
});

describe("a stream of one asset", () => {
  const price = { type: "price", symbol: "bitcoin", price: "1", timestamp: T, last_update: T };

  it("may be quiet as long as the server answers", async () => {
    const { stream, clock, server } = await plainStream();
    server().greets();
    server().says(price);
    for (let i = 0; i < 12; i++) {
      clock.advance(9000);
      expect(server().sent.at(-1)).toBe('{"type":"ping"}');
      server().says(serverStatus("connected"));
      server().says({ type: "keep_alive", timestamp: T });
    }
    expect(stream.status.state).toBe("live");
    expect(stream.get("bitcoin")?.stale).toBe(false);
  });
});

describe("a connection that is none", () => {
  it("gives up an attempt that brings a hello and then no price for 10 s", async () => {
    const { stream, clock, server } = await plainStream();
    server().greets();
    server().says(serverStatus("connected"));
    clock.advance(11_500);
    expect(stream.status.state).toBe("reconnecting");
    expect(stream.status.reason).toContain("no price for 10 s");
  });

  it("gives up a live link on which prices stop though the server claims to have some", async () => {
    const { stream, clock, server } = await plainStream();
    server().goesLive();
    clock.advance(9000);
    server().says(serverStatus("connected"));
    clock.advance(2000);
    expect(stream.status.state).toBe("reconnecting");
  });

  it("gives up a live link on which nothing at all comes for 15 s, after asking", async () => {
    const { stream, clock, server } = await plainStream();
    server().greets();
    server().says(serverStatus("stale"));
    const asked = server().sent.length;
    clock.advance(10_000);
    expect(server().sent.length).toBe(asked + 1);
    expect(stream.status.state).toBe("stale");
    clock.advance(5500);
    expect(stream.status.reason).toContain("Nothing was heard");
  });
});

describe("a server that knows v1 too", () => {
  const knowsBoth = { ...PLAIN_HELLO, protocols: ["cryptovault.v1.json"] };

  it("is spoken to in v1 at once, when it tells so, at the cost of no attempt", async () => {
    const { stream, server } = await plainStream();
    const { attempt } = stream.status;
    server().says(knowsBoth);
    expect(FakeSocket.all.length).toBe(3);
    expect(server().offered).toEqual(["cryptovault.v1.json"]);
    server().goesLive();
    expect(stream.status).toMatchObject({ state: "live", attempt });
  });

  it("is left at the plain contract where v1 does not get through to it", async () => {
    const { stream, server } = await plainStream();
    server().says(knowsBoth);
    for (const sockets of [4, 5]) {
      server().ends();
      stream.retry();
      await vi.waitFor(() => expect(FakeSocket.all.length).toBe(sockets), { interval: 1 });
    }
    expect(server().offered).toEqual([]);
    server().says(knowsBoth);
    server().says(plainUpdate({ bitcoin: "1" }));
    expect(FakeSocket.all.length).toBe(5);
    expect(stream.status.state).toBe("live");
  });
});

describe("garbage", () => {
  it("leaves a stream as it was, whatever comes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 20 }),
        async (garbage) => {
          const { stream, server } = await plainStream();
          server().goesLive();
          const { status } = stream;
          for (const text of garbage) server().says(text);
          expect(stream.status).toBe(status);
          expect(stream.diagnostics().ignored).toBe(garbage.length);
          stream.close();
        },
      ),
    );
  });

  it("is counted, price by price", async () => {
    const { stream, server } = await plainStream();
    const prices = { bitcoin: "1", a: "NaN", b: "-1", c: "0.00", d: "1e5", e: "", f: " 1" };
    server().says(plainUpdate(prices));
    expect([...stream.all().keys()]).toEqual(["bitcoin"]);
    expect(stream.diagnostics().ignored).toBe(6);
  });

  it("in the list of stale prices makes the whole message unusable: no old price passes for live", async () => {
    const { stream, server } = await plainStream();
    server().says(plainUpdate({ bitcoin: "1" }, { stale: "bitcoin" }));
    server().says(plainUpdate({ bitcoin: "1" }, { quoted: { USDT: "bitcoin" } }));
    expect(stream.all().size).toBe(0);
    expect(stream.diagnostics().ignored).toBe(2);
  });

  it("does not count as a sign of life", async () => {
    const { stream, clock, server } = await plainStream();
    server().greets();
    server().says(serverStatus("stale"));
    for (let i = 0; i < 16; i++) {
      server().says("garbage");
      clock.advance(1000);
    }
    expect(stream.status.state).toBe("reconnecting");
  });
});

describe("a price", () => {
  it("is stale where the server lists it, and where the server leaves it out", async () => {
    const { stream, server } = await plainStream();
    const prices = { bitcoin: "1", ethereum: "2", tron: "3" };
    server().says(plainUpdate(prices, { stale: ["ethereum"] }));
    const stale = () => [...stream.all().values()].filter((p) => p.stale).map((p) => p.asset);
    expect(stale()).toEqual(["ethereum"]);
    server().says(plainUpdate({ bitcoin: "1", ethereum: "2" }));
    expect(stale()).toEqual(["tron"]);
  });

  it("says its currency where it is not USD", async () => {
    const { stream, server } = await plainStream();
    server().says(plainUpdate({ bitcoin: "1", tron: "2" }, { quoted: { USDT: ["tron"] } }));
    expect(stream.get("bitcoin")?.quote).toBe("USD");
    expect(stream.get("tron")?.quote).toBe("USDT");
  });

  it("says from which currency it was converted, and that few exchanges agree on it", async () => {
    const { stream, server } = await plainStream();
    const about = { derived: { USDT: ["tron"] }, thin: ["tron"] };
    server().says(plainUpdate({ bitcoin: "1", tron: "2" }, about));
    expect(stream.get("bitcoin")).toMatchObject({ derivedFrom: null, thin: false });
    expect(stream.get("tron")).toMatchObject({ quote: "USD", derivedFrom: "USDT", thin: true });
    server().says(plainUpdate({ bitcoin: "1", tron: "2" }));
    expect(stream.get("tron")).toMatchObject({ derivedFrom: null, thin: false });
  });

  it("of another asset than those asked for is left out", async () => {
    const { stream, server } = await plainStream({ assets: ["tron"] });
    stream.subscribe("solana", () => {});
    server().says(plainUpdate({ bitcoin: "1", tron: "2", solana: "3" }));
    expect([...stream.all().keys()]).toEqual(["tron", "solana"]);
  });
});

it("tells the age of the newest price by two times of one message and the time passed since", async () => {
  const { stream, clock, server } = await plainStream();
  const at = (seconds: number) => new Date(Date.parse(T) + seconds * 1000).toISOString();
  server().says(serverStatus("connected", { last_update: at(0), timestamp: at(7) }));
  clock.advance(2500);
  expect(stream.ageMs()).toBe(9500);
});

it("shows its token besides a name of the contract, since browsers want one of them answered", async () => {
  const { server } = await plainStream({ token: "ab.c" });
  expect(server().offered).toEqual(["cryptovault.plain.json", "bearer.ab.c"]);
});
