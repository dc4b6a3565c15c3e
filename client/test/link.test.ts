import { afterEach, describe, expect, it, vi } from "vitest";
import { V1 } from "../src/protocol/v1.ts";
import { FakeSocket, fakeStream, heartbeat, pong, T, update } from "./fakes.ts";

describe("becoming live", () => {
  it("is connecting until the first fresh price, whatever else came before", () => {
    const { stream, server } = fakeStream();
    expect(stream.status).toMatchObject({ state: "connecting", attempt: 0, maxAttempts: 10 });
    server().greets();
    server().says(heartbeat());
    expect(stream.status.state).toBe("connecting");
    server().says(update({ bitcoin: "97123.41" }));
    expect(stream.status).toMatchObject({ state: "live", source: "coincap", label: "none" });
  });

  it("takes a stream whose every price is old for stale, not for live", () => {
    const { stream, server } = fakeStream();
    server().greets();
    server().says(update({ bitcoin: "1" }, { stale: { bitcoin: 90_000 } }));
    expect(stream.status.state).toBe("stale");
  });

  it("says whether the prices are the emulator's or a recording's", () => {
    const { stream, server } = fakeStream();
    server().says(update({ bitcoin: "1" }, {}, { demo: true }));
    expect(stream.status.label).toBe("demo");
    server().says(update({ bitcoin: "1" }, {}, { replay: true }));
    expect(stream.status.label).toBe("replay");
  });
});

it.each([
  ["nothing after it", () => {}],
  ["cuts it at once", (server: FakeSocket) => server.ends()],
])("goes another way where one lets the upgrade through and %s", async (_what, swallow) => {
  const { stream, clock, server } = fakeStream();
  expect(server().offered).toEqual([V1]);
  server().opens();
  swallow(server());
  clock.advance(6000);
  clock.advance(stream.status.nextAttemptInMs ?? 0);
  await vi.waitFor(() => expect(FakeSocket.all.length).toBe(2), { interval: 1 });
  expect(server().offered).toEqual([]);
  server().goesLive();
  expect(stream.status.state).toBe("live");
});

describe("losing the connection", () => {
  it("waits twice as long before each attempt, up to 30 s, then gives up and says so", () => {
    const { stream, clock, server } = fakeStream();
    const waits: (number | undefined)[] = [];
    for (let attempt = 1; attempt <= 10; attempt++) {
      server().drops();
      expect(stream.status).toMatchObject({ state: "reconnecting", attempt });
      waits.push(stream.status.nextAttemptInMs);
      clock.advance(stream.status.nextAttemptInMs ?? 0);
      expect(FakeSocket.all.length).toBe(attempt + 1);
    }
    expect(waits.map((ms) => (ms ?? 0) / 1000)).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
    server().drops();
    expect(stream.status.state).toBe("failed");
    expect(stream.status.reason).toBe("Failed to establish price stream connection");
    clock.advance(600_000);
    expect(FakeSocket.all.length).toBe(11);
  });

  it("spreads the attempts of many clients over the whole wait", () => {
    const { stream, server } = fakeStream({ random: () => 0.25 });
    server().drops();
    expect(stream.status.nextAttemptInMs).toBe(250);
  });

  it("counts attempts from 1 again only after 10 s live", () => {
    const { stream, clock, server } = fakeStream();
    const liveFor = (ms: number) => {
      server().goesLive();
      for (let left = ms; left > 0; left -= 1000) {
        clock.advance(1000);
        server().says(update({ bitcoin: "1" }));
      }
      server().drops();
      clock.advance(stream.status.nextAttemptInMs ?? 0);
    };
    liveFor(5000);
    expect(stream.status.attempt).toBe(1);
    liveFor(5000);
    expect(stream.status.attempt).toBe(2);
    liveFor(12_000);
    expect(stream.status.attempt).toBe(1);
  });

  it("starts anew with retry()", () => {
    const { stream, clock, server } = fakeStream({ maxReconnectAttempts: 1 });
    server().drops();
    clock.advance(1000);
    server().drops();
    expect(stream.status.state).toBe("failed");
    stream.retry();
    expect(stream.status).toMatchObject({ state: "connecting", attempt: 0 });
    server().goesLive();
    expect(stream.status.state).toBe("live");
  });

  it("tries at once with retry() while it waits", () => {
    const { stream, server } = fakeStream();
    server().drops();
    stream.retry();
    expect(FakeSocket.all.length).toBe(2);
  });

  it("does not come back where the server says not to, and gives the server's reason", () => {
    const { stream, clock, server } = fakeStream();
    server().greets();
    server().ends(3501, "Unknown asset.");
    expect(stream.status).toMatchObject({ state: "failed", reason: "Unknown asset." });
    clock.advance(600_000);
    expect(FakeSocket.all.length).toBe(1);
  });

  it("comes back after a restart of the server, and gives the server's reason", () => {
    const { stream, server } = fakeStream();
    server().goesLive();
    server().ends(1012, "The gateway is restarting.");
    expect(stream.status).toMatchObject({
      state: "reconnecting",
      reason: "The gateway is restarting.",
    });
  });

  it("ignores a late message of an old socket", () => {
    const { stream, clock, server } = fakeStream();
    const old = server();
    old.goesLive();
    clock.advance(16_000);
    expect(stream.status.state).toBe("reconnecting");
    expect(old.closed).toBe(true);
    old.says(update({ bitcoin: "1" }));
    old.ends(3500, "Go away.");
    expect(stream.status.state).toBe("reconnecting");
    expect(stream.get("bitcoin")).toMatchObject({ price: "97123.41", stale: true });
  });

  it("fails without more attempts where no connection can be made at all", () => {
    class Forbidden extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        throw new Error("ws: from an https: page");
      }
    }
    const { stream } = fakeStream({ WebSocket: Forbidden });
    expect(stream.status.state).toBe("failed");
    expect(stream.status.reason).toContain("ws: from an https: page");
  });

  it("ends for good with close(), leaving nothing behind", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    stream.close();
    clock.advance(0);
    expect(stream.status.state).toBe("closed");
    expect(stream.get("bitcoin")?.stale).toBe(true);
    expect(server().closed).toBe(true);
    expect(clock.pending()).toBe(0);
    stream.retry();
    expect(FakeSocket.all.length).toBe(1);
  });
});

describe("a stream that a callback closes", () => {
  /** A stream whose callbacks are written down, and may close it at this. */
  const open = (at: string) => {
    const fake = fakeStream();
    const { stream } = fake;
    const told: string[] = [];
    const tell = (what: string) => {
      told.push(what);
      if (what === at) stream.close();
    };
    for (const who of ["a", "b"]) {
      stream.subscribe("bitcoin", ({ stale }) => tell(`${who}: ${stale ? "old" : "fresh"}`));
      stream.onStatus(({ state }) => tell(`${who}: ${state}`));
      stream.onLog((line) => tell(`${who} reads: ${line}`));
    }
    return { ...fake, told };
  };
  const CLOSED = ["reads: Closed by the application.", "closed"];

  it.each(["a: old", "a: reconnecting", "a reads: The connection was lost (code 1006)."])(
    "at the end of its connection (%s) tells nobody of anything after that it is closed",
    (at) => {
      const { stream, clock, server, told } = open(at);
      server().goesLive();
      clock.advance(0);
      server().ends();
      clock.advance(60_000);
      expect(stream.status.state).toBe("closed");
      const closing = told.findIndex((what) => what.includes("losed"));
      const after = told.slice(closing);
      expect(
        after.every((what) => CLOSED.some((end) => what.endsWith(end)) || what === "b: old"),
      ).toBe(true);
      expect(after).toContain("b: closed");
      expect(FakeSocket.all.length).toBe(1);
    },
  );

  it("when it begins an attempt makes none, and leaves no timer behind", () => {
    const { stream, clock, server } = fakeStream();
    stream.onStatus(({ reason }) => reason.startsWith("Connecting") && stream.close());
    server().drops();
    clock.advance(120_000);
    expect(stream.status.state).toBe("closed");
    expect(FakeSocket.all.length).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  it.each([
    "a reads: Connected to price stream",
    "a reads: The server complains: No. Do.",
    "a: live",
    "a: fresh",
  ])("while it hears the server (%s) stays closed, and shows nobody a fresh price", (at) => {
    const { stream, clock, server, told } = open(at);
    server().greets();
    server().says({
      type: "error",
      code: "unreadable",
      message: "No.",
      hint: "Do.",
      timestamp: T,
    });
    server().says(update({ bitcoin: "1" }));
    clock.advance(0);
    expect(stream.status).toMatchObject({ state: "closed", reason: "Closed by the application." });
    const closing = told.findIndex((what) => what.includes("losed"));
    expect(
      told.slice(closing).filter((what) => /live|fresh|stale|Connected|complains/.test(what)),
    ).toEqual([]);
    expect(stream.get("bitcoin")?.stale ?? true).toBe(true);
  });
});

describe("attempts", () => {
  /** A stream on its second attempt, live. */
  const second = (options = {}) => {
    const fake = fakeStream(options);
    fake.server().drops();
    fake.clock.advance(1000);
    fake.server().goesLive();
    expect(fake.stream.status).toMatchObject({ state: "live", attempt: 1 });
    /** For so many seconds the server says this, each second. */
    const hear = (seconds: number, message: unknown) => {
      for (let left = seconds; left > 0; left--) {
        fake.clock.advance(1000);
        fake.server().says(message);
      }
    };
    return { ...fake, hear };
  };

  it("count on while the stream is stale, which is not live, and until it has been live for 10 s in one go", () => {
    const { stream, hear } = second();
    hear(6, update({ bitcoin: "1" }));
    hear(30, update({ bitcoin: "1" }, { stale: { bitcoin: 60_000 } }));
    expect(stream.status).toMatchObject({ state: "stale", attempt: 1 });
    hear(6, update({ bitcoin: "1" }));
    expect(stream.status).toMatchObject({ state: "live", attempt: 1 });
    hear(6, update({ bitcoin: "1" }));
    expect(stream.status).toMatchObject({ state: "live", attempt: 0 });
  });

  it("count from 1 again too where nothing is asked for that could be live", () => {
    const { stream, clock, server } = fakeStream({ assets: [] });
    server().drops();
    clock.advance(1000);
    server().greets();
    expect(stream.status).toMatchObject({ state: "stale", attempt: 1 });
    clock.advance(7000);
    server().says(heartbeat());
    expect(stream.status.attempt).toBe(1);
    clock.advance(5000);
    expect(stream.status).toMatchObject({ state: "stale", attempt: 0 });
  });
});

describe("a provider of the token", () => {
  /** Gives its tokens when the test says so. */
  const slow = () => {
    let give: (token: string) => void = () => {};
    const token = () => new Promise<string>((resolve) => (give = resolve));
    return { token, give: (token: string) => give(token) };
  };

  it("may take longer than the server, whose own time begins with the connection", async () => {
    const { token, give } = slow();
    const { stream, clock, server } = fakeStream({ token });
    clock.advance(20_000);
    expect(stream.status).toMatchObject({ state: "connecting", attempt: 0 });
    give("late");
    await vi.waitFor(() => expect(FakeSocket.all.length).toBe(1), { interval: 1 });
    clock.advance(4000);
    server().opens();
    expect(stream.diagnostics().handshakeMs).toBe(4000);
    server().goesLive();
    expect(server().offered).toContain("bearer.late");
    clock.advance(1000);
    expect(stream.status).toMatchObject({ state: "live", attempt: 0 });
  });

  it("that does not answer within 30 s costs an attempt, and no way to the server its turn", async () => {
    const { token, give } = slow();
    const { stream, clock, server } = fakeStream({ token });
    clock.advance(29_000);
    expect(stream.status.state).toBe("connecting");
    clock.advance(1000);
    expect(stream.status).toMatchObject({ state: "reconnecting", attempt: 1 });
    expect(stream.status.reason).toBe("No URL, token or code came within 30 s.");
    give("too-late");
    clock.advance(1000);
    expect(stream.diagnostics().transport).toBe("v1");
    give("in-time");
    await vi.waitFor(() => expect(FakeSocket.all.length).toBe(1), { interval: 1 });
    expect(server().offered).toEqual(["cryptovault.v1.json", "bearer.in-time"]);
  });

  it("leaves no timer behind when the stream is closed meanwhile", () => {
    const { stream, clock } = fakeStream({ token: slow().token });
    stream.close();
    clock.advance(60_000);
    expect(stream.status.state).toBe("closed");
    expect(clock.pending()).toBe(0);
  });
});

describe("a connection that is none", () => {
  it("gives up an attempt without a hello after 5 s", () => {
    const { stream, clock } = fakeStream();
    clock.advance(5000);
    expect(stream.status.state).toBe("connecting");
    clock.advance(1500);
    expect(stream.status).toMatchObject({ state: "reconnecting", attempt: 1 });
    expect(stream.status.reason).toBe("Nothing was heard from the server for 6 s.");
  });

  it("gives up an attempt that brings a hello and then no answer for 10 s", () => {
    const { stream, clock, server } = fakeStream();
    server().greets();
    server().says(heartbeat());
    clock.advance(9000);
    server().says(heartbeat());
    clock.advance(2500);
    expect(stream.status.state).toBe("reconnecting");
    expect(stream.status.reason).toContain("no price for 10 s");
  });

  it("asks a live link that is silent for 8 s, and gives it up when it does not answer within 5 s", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    clock.advance(9000);
    expect(server().said().at(-1)).toEqual({ type: "ping" });
    server().says(pong);
    clock.advance(9000);
    expect(server().said().at(-1)).toEqual({ type: "ping" });
    expect(stream.status.state).toBe("live");
    clock.advance(4000);
    expect(stream.status.state).toBe("live");
    clock.advance(2000);
    expect(stream.status.state).toBe("reconnecting");
    expect(stream.status.reason).toContain("Nothing was heard");
  });

  it("lets a stream be quiet for hours as long as the server answers", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    for (let i = 0; i < 500; i++) {
      clock.advance(9000);
      server().says(i % 2 ? pong : heartbeat());
    }
    expect(stream.status.state).toBe("live");
    expect(stream.get("bitcoin")?.stale).toBe(false);
    expect(FakeSocket.all.length).toBe(1);
  });

  it("notices a sleep at the first check after it", () => {
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    clock.sleep(3_600_000);
    clock.advance(1);
    expect(stream.status.state).toBe("reconnecting");
  });
});

describe("a pause of this device", () => {
  const paused = (ms = 8000) => {
    const fake = fakeStream();
    fake.server().goesLive();
    fake.clock.advance(1000);
    fake.server().says(update({ bitcoin: "2" }));
    fake.clock.sleep(ms);
    return fake;
  };

  it("leaves nothing shown as live until the server has answered a question asked after it", () => {
    const { stream, clock, server } = paused();
    clock.advance(0);
    expect(stream.status).toMatchObject({ state: "stale", attempt: 0 });
    expect(stream.status.reason).toContain("Waking up");
    expect(stream.get("bitcoin")).toMatchObject({ price: "2", stale: true });
    expect(server().said().at(-1)).toEqual({ type: "ping" });
    server().says(pong);
    expect(stream.status.state).toBe("live");
    expect(stream.get("bitcoin")).toMatchObject({ price: "2", stale: false });
    expect(stream.ageMs("bitcoin")).toBe(8000);
    expect(FakeSocket.all.length).toBe(1);
  });

  it("makes no price young that lay in the socket, though it runs before any timer", () => {
    const { stream, clock, server } = paused();
    server().says(update({ bitcoin: "3" }));
    server().says(update({ bitcoin: "4" }));
    clock.advance(10);
    expect(stream.status.state).toBe("stale");
    expect(stream.get("bitcoin")?.stale).toBe(true);
    server().says(pong);
    expect(stream.get("bitcoin")).toMatchObject({ price: "4", stale: false });
    expect(stream.ageMs("bitcoin")).toBe(null);
    server().says(update({ bitcoin: "5" }));
    expect(stream.ageMs("bitcoin")).toBe(0);
  });

  it("gives no age to the first message that lay in the socket", () => {
    const { stream, server } = paused();
    server().says(update({ bitcoin: "3" }));
    server().says(pong);
    expect(stream.get("bitcoin")).toMatchObject({ price: "3", stale: false });
    expect(stream.ageMs("bitcoin")).toBe(null);
  });

  it("after which the server does not answer within 5 s costs the connection, whatever lay in the socket", () => {
    const { stream, clock, server } = paused();
    clock.advance(0);
    server().says(update({ bitcoin: "3" }));
    clock.advance(5000);
    expect(stream.status.state).toBe("stale");
    clock.advance(1000);
    expect(stream.status).toMatchObject({ state: "reconnecting", attempt: 1 });
  });

  it("is none for a stream that hears the server, though its timers are held back", () => {
    const { stream, clock, server, states } = fakeStream();
    server().goesLive();
    for (let seconds = 0; seconds < 20; seconds++) {
      clock.sleep(1000);
      server().says(update({ bitcoin: `${seconds + 1}` }));
    }
    clock.advance(0);
    expect(states).toEqual(["live"]);
    expect(stream.get("bitcoin")?.stale).toBe(false);
  });
});

describe("the device", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("spends no attempt while it is offline, and comes back when it is online", () => {
    const device = new EventTarget();
    vi.stubGlobal("addEventListener", device.addEventListener.bind(device));
    vi.stubGlobal("removeEventListener", device.removeEventListener.bind(device));
    const { stream, clock, server } = fakeStream();
    server().goesLive();
    vi.stubGlobal("navigator", { onLine: false });
    server().drops();
    clock.advance(3_600_000);
    expect(stream.status).toMatchObject({ state: "reconnecting", attempt: 1 });
    expect(stream.status.reason).toBe("This device is offline.");
    expect(FakeSocket.all.length).toBe(1);
    vi.stubGlobal("navigator", { onLine: true });
    device.dispatchEvent(new Event("online"));
    expect(FakeSocket.all.length).toBe(2);
    stream.close();
    device.dispatchEvent(new Event("online"));
    expect(FakeSocket.all.length).toBe(2);
  });

  it("gets one more attempt out of a stream that gave up, each time it wakes", () => {
    const device = new EventTarget();
    vi.stubGlobal("addEventListener", device.addEventListener.bind(device));
    vi.stubGlobal("removeEventListener", device.removeEventListener.bind(device));
    const { stream, clock, server } = fakeStream({ maxReconnectAttempts: 1 });
    server().drops();
    clock.advance(1000);
    server().drops();
    expect(stream.status.state).toBe("failed");
    device.dispatchEvent(new Event("online"));
    expect(stream.status.state).toBe("reconnecting");
    server().drops();
    expect(stream.status.state).toBe("failed");
  });
});

describe("a gateway that restarts", () => {
  it("says when to come back, so that not all do at once: no attempt is made before", () => {
    const { stream, clock, server } = fakeStream({ random: () => 0 });
    server().goesLive();
    server().ends(1012, "The gateway is restarting. Come back in 2.5 s.");
    expect(stream.status).toMatchObject({ state: "reconnecting", nextAttemptInMs: 2500 });
    clock.advance(2499);
    expect(FakeSocket.all.length).toBe(1);
    clock.advance(1);
    expect(FakeSocket.all.length).toBe(2);
  });

  it("is not waited for any longer than a minute or two, whatever it says", () => {
    const { stream, server } = fakeStream({ random: () => 0.5, reconnectDelay: 1000 });
    server().goesLive();
    server().ends(1012, "Come back in 99999999999.0 s.");
    expect(stream.status.nextAttemptInMs).toBeLessThan(120_000);
  });
});
