import { describe, expect, it } from "vitest";
import { clientAddress } from "../../src/wire/address.ts";
import { createAdmission, PROBE_HEADER } from "../../src/wire/admission.ts";
import { defaultLimits, type Limits } from "../../src/wire/limits.ts";
import { createOrigins, isTooWide, originEntry } from "../../src/wire/origins.ts";

const SECRET = "secret";

function newAdmission(limits: Partial<Limits>) {
  let time = 1_000_000;
  const admission = createAdmission({
    limits: { ...defaultLimits, ...limits },
    probeSecret: SECRET,
    now: () => time,
  });
  const ask = (remoteAddress: string, headers: Record<string, string> = {}) =>
    admission({ headers, socket: { remoteAddress } });
  return {
    ask,
    /** What is refused with, or `in`. */
    outcome(remoteAddress: string, headers: Record<string, string> = {}) {
      const verdict = ask(remoteAddress, headers);
      return "refusal" in verdict ? verdict.refusal : "in";
    },
    enter(remoteAddress: string) {
      const verdict = ask(remoteAddress);
      if ("refusal" in verdict) throw new Error(verdict.refusal);
      return verdict;
    },
    move(ms: number) {
      time += ms;
    },
  };
}

describe("admission", () => {
  it("refuses one connection too many from an address, until one of them leaves", () => {
    const { enter, outcome } = newAdmission({ clientsPerIp: 2 });
    const first = enter("192.0.2.1");
    enter("192.0.2.1");
    expect(outcome("192.0.2.1")).toBe("too_many_clients_per_ip");
    expect(outcome("192.0.2.2")).toBe("in");
    first.leave();
    expect(outcome("192.0.2.1")).toBe("in");
    expect(outcome("192.0.2.1")).toBe("too_many_clients_per_ip");
  });

  it("refuses one connection too many in all, until one of them leaves", () => {
    const { enter, outcome } = newAdmission({ clients: 2 });
    const first = enter("192.0.2.1");
    enter("192.0.2.2");
    expect(outcome("192.0.2.3")).toBe("too_many_clients");
    first.leave();
    expect(outcome("192.0.2.3")).toBe("in");
  });

  it("refuses handshakes from an address beyond its rate, and takes them again a second later", () => {
    const { outcome, move } = newAdmission({ handshakesPerIpPerS: 2 });
    expect(outcome("192.0.2.1")).toBe("in");
    expect(outcome("192.0.2.1")).toBe("in");
    move(999);
    expect(outcome("192.0.2.1")).toBe("too_many_handshakes_per_ip");
    expect(outcome("192.0.2.2")).toBe("in");
    move(1);
    expect(outcome("192.0.2.1")).toBe("in");
  });

  it("does not let one address use up the handshakes of all", () => {
    const { outcome, move } = newAdmission({ handshakesPerIpPerS: 1, handshakesPerS: 2 });
    for (let i = 0; i < 10; i++) outcome("192.0.2.1");
    expect(outcome("192.0.2.2")).toBe("in");
    expect(outcome("192.0.2.3")).toBe("too_many_handshakes");
    move(1000);
    expect(outcome("192.0.2.3")).toBe("in");
  });

  it("goes on when the clock is set back", () => {
    const { outcome, move } = newAdmission({ handshakesPerIpPerS: 1 });
    outcome("192.0.2.1");
    move(-3_600_000);
    expect(outcome("192.0.2.1")).toBe("in");
  });

  it("has a place for the gateway's own probe whatever the limits and origins say", () => {
    const { ask, outcome } = newAdmission({
      clients: 1,
      handshakesPerS: 1,
      origins: ["https://a.example"],
    });
    outcome("127.0.0.1");
    const origin = "https://elsewhere.example";
    expect(ask("127.0.0.1", { [PROBE_HEADER]: SECRET, origin })).toMatchObject({
      counted: false,
      welcome: true,
    });
    expect(outcome("127.0.0.1", { [PROBE_HEADER]: "guess" })).toBe("too_many_clients");
  });

  it("counts an IPv6 network of /64 as one address", () => {
    const { outcome } = newAdmission({ clientsPerIp: 1 });
    expect(outcome("2001:db8:0:1::1")).toBe("in");
    expect(outcome("2001:db8:0:1:ffff::2")).toBe("too_many_clients_per_ip");
    expect(outcome("2001:db8:0:2::1")).toBe("in");
  });

  it("knows a page of an origin that is not allowed from one that is and from no page", () => {
    const { ask } = newAdmission({ origins: ["https://a.example"] });
    expect(ask("192.0.2.1", { origin: "https://b.example" })).toMatchObject({ welcome: false });
    expect(ask("192.0.2.1", { origin: "https://a.example" })).toMatchObject({ welcome: true });
    expect(ask("192.0.2.1")).toMatchObject({ welcome: true });
  });
});

describe("the address of a client", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    [undefined, "unknown"],
    ["", "unknown"],
  ])("%s counts as %s", (peer, address) => {
    expect(clientAddress(peer, undefined, 0)).toBe(address);
  });

  it.each([
    ["0 proxies: the header is ignored", 0, "203.0.113.9", "192.0.2.1"],
    ["1 proxy: the last entry", 1, "6.6.6.6, 203.0.113.9", "203.0.113.9"],
    ["2 proxies: the second from the right", 2, "6.6.6.6, 203.0.113.9,10.0.0.2", "203.0.113.9"],
    ["too short: the leftmost", 3, "203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["malformed: the leftmost good one", 2, "6.6.6.6, unknown, 10.0.0.2", "10.0.0.2"],
    ["nothing good: that of the socket", 2, "6.6.6.6, unknown, _hidden", "192.0.2.1"],
    ["empty: that of the socket", 1, "", "192.0.2.1"],
    ["with a port", 1, "203.0.113.9:4711", "203.0.113.9"],
    ["IPv6 with a port", 1, "[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"],
    ["IPv4 in IPv6", 1, "::ffff:203.0.113.9", "203.0.113.9"],
    ["several headers", 1, ["6.6.6.6", "203.0.113.9"], "203.0.113.9"],
  ])("behind %s", (_what, hops, forwarded, address) => {
    expect(clientAddress("192.0.2.1", forwarded, hops)).toBe(address);
  });

  it.each([
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.4.",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "1.2.3.4::",
    ":1:2:3:4:5:6:7",
    "::1.2.3.400",
    "http://a",
  ])("takes %s for none", (entry) => {
    expect(clientAddress("192.0.2.1", entry, 1)).toBe("192.0.2.1");
  });
});

describe("the list of origins", () => {
  const list = ["https://a.example", "https://*.b.example", "http://localhost:5173"];
  it.each([
    ["https://a.example", true],
    ["HTTPS://A.example", true],
    ["http://a.example", false],
    ["https://a.example:8443", false],
    ["https://sub.a.example", false],
    ["https://x.b.example", true],
    ["https://x.y.b.example", true],
    ["https://b.example", false],
    ["https://.b.example", false],
    ["http://x.b.example", false],
    ["https://evilb.example", false],
    ["https://x.b.example.evil.example", false],
    ["http://localhost:5173", true],
    ["http://localhost:3000", false],
    ["null", false],
    ["", false],
    [undefined, true],
  ])("%s may connect: %s", (origin, allowed) => {
    expect(createOrigins(list)(origin)).toBe(allowed);
  });

  it("allows everybody where there is none", () => {
    expect(createOrigins(undefined)("https://anybody.example")).toBe(true);
  });

  it.each([
    ["https://A.example/", "https://a.example"],
    ["https://a.example:443", "https://a.example"],
    ["http://a.example:80", "http://a.example"],
    ["http://a.example:443", "http://a.example:443"],
    ["capacitor://localhost", "capacitor://localhost"],
    ["https://*.a.example", "https://*.a.example"],
    ["a.example", undefined],
    ["https://a.example/page", undefined],
    ["https://*", undefined],
    ["https://*a.example", undefined],
    ["https://a.*.example", undefined],
    ["https://me@a.example", undefined],
    ["https://a b.example", undefined],
    ["*", undefined],
  ])("reads the entry %s as %s", (entry, read) => {
    expect(originEntry(entry)).toBe(read);
  });

  it.each([
    ["https://*.com", true],
    ["https://*.com.", true],
    ["https://*.COM/", true],
    ["https://*.com:8443", true],
    ["https://*.рф", true],
    ["https://*.localhosting", true],
    ["http://*.localhost", false],
    ["http://*.localhost:5173", false],
    ["http://localhost:5173", false],
    ["https://*.a.example", false],
    ["https://*.a.example:8443", false],
    ["https://com", false],
  ])("takes %s for a door to everybody: %s", (entry, wide) => {
    expect(isTooWide(originEntry(entry) ?? "")).toBe(wide);
  });
});
