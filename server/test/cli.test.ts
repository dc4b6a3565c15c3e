import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { writeState } from "../src/cli/state-text.ts";
import { readConfig } from "../src/config/config.ts";
import { run, start } from "./support/cli.ts";
import { connect, type Message, ofType, until } from "./support/client.ts";

const THIS = fileURLToPath(import.meta.url);

/** Ports on which a process listens, and whether others on the network can reach them. */
function listening(pid: number): { port: number; open: boolean }[] {
  return ["tcp", "tcp6"].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && owns(pid, inode))
      .map(([, local = ""]) => {
        const [address = "", port = ""] = local.split(":");
        return { port: Number.parseInt(port, 16), open: !/^0100007F$|01000000$/.test(address) };
      }),
  );
}

describe.skipIf(process.platform !== "linux")("the demo", () => {
  it("says its address, opens that port alone to the network, and ends cleanly on Ctrl-C", async () => {
    const { child, state } = start(["demo", "--port", "0"]);
    await until(() => state.output.includes("http://localhost:"), 15_000);
    const port = Number(/http:\/\/localhost:(\d+)/.exec(state.output)?.[1]);
    const client = await connect(port);
    expect(await client.next(ofType("price_update"))).toMatchObject({ demo: true });
    const open = listening(child.pid ?? 0).filter((listener) => listener.open);
    expect(open.map((listener) => listener.port)).toEqual([port]);
    child.kill("SIGINT");
    expect(await client.closed).toMatchObject({ code: 1012 });
    await until(() => state.code !== undefined, 10_000);
    expect(state.code).toBe(0);
    expect(state.output).toContain("Real-time price stream service stopped");
  });
});

it("plays the exchanges of --sources in the demo, and no others", async () => {
  const { state } = start(["demo", "--port", "0", "--sources", "coinbase-advanced,binance"]);
  await until(() => state.output.includes("http://localhost:"), 15_000);
  const port = Number(/http:\/\/localhost:(\d+)/.exec(state.output)?.[1]);
  const client = await connect(port);
  const speaks = (message: Message) => message.source === "coinbase-advanced";
  expect(await client.next(speaks, 10_000)).toMatchObject({ demo: true });
  const { sources } = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/health`)).text());
  expect(sources.map(({ name }: { name: string }) => name)).toEqual([
    "coinbase-advanced",
    "binance",
  ]);
  client.close();
});

describe("bad configuration", () => {
  it("is told whole, with names and hints, and exit code 2", async () => {
    const { code, output } = await run(
      ["serve", "--port", "99999", "--sources", "coincap,nonsense", "--hold", "soon"],
      { PRICE_STREAM_STALE_AFTER: "-1", LOG_LEVEL: "loud" },
    );
    expect(code).toBe(2);
    for (const told of [
      "--port 99999 must be between 0 and 65535",
      "--sources coincap,nonsense names no source with nonsense: known sources: coincap, binance, coinbase, ",
      "--hold soon is no duration: write it like 500ms, 30s or 5m",
      "PRICE_STREAM_STALE_AFTER -1 is no duration",
      "LOG_LEVEL loud must be debug, info, warn, error or silent",
    ]) {
      expect(output).toContain(told);
    }
    expect(output).not.toContain("    at ");
  });

  it.each([
    [["serve", "--no-such-flag"], /unknown option '--no-such-flag'/],
    [["record", "x.jsonl", "--port", "9000"], /unknown option '--port'/],
    [["replay", "x.jsonl", "--replay", "y.jsonl"], /unknown option '--replay'/],
    [["no-such-command"], /too many arguments|unknown command/],
    [["serve", "--speed", "2"], /go with --replay FILE/],
    [["serve", "--replay", "/no/such/file.jsonl"], /can't be read.*ENOENT/],
    [
      ["serve", "--assets", "bitcoin,bit coin"],
      /names no asset with "bit coin": write ids or symb/,
    ],
    [["replay", "/no/such/file.jsonl"], /can't be read.*ENOENT/],
    [["record", THIS], /cli\.test\.ts exists already\. Choose another name/],
    [["emulator", "--port", "x"], /must be whole numbers/],
  ])("%j ends with exit code 2 and says what is wrong", async (args, message) => {
    const { code, output } = await run(args);
    expect(output).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    [{ replay: "FILE", speed: "fast" }, /--speed fast must be max, or a number/],
    [{ record: "FILE", maxSize: "5" }, /--max-size 5 is no size: write it like 500MB/],
    [{ record: "FILE", replay: "FILE" }, /--record and --replay exclude each other/],
    [{ for: "5m" }, /--for and --max-size go with --record FILE/],
  ])("%j is refused", (flags, message) => {
    expect(() => readConfig(flags, {})).toThrow(message);
  });

  it("takes flags before environment before defaults, and an empty variable for none", () => {
    const env = { PORT: "9000", HOST: "", PRICE_STREAM_HOLD: "5m" };
    expect(readConfig({ port: "9001" }, env)).toMatchObject({
      port: 9001,
      host: "0.0.0.0",
      hold: 300_000,
      staleAfter: 60_000,
      sources: ["coincap", "binance", "coinbase", "kraken"],
    });
  });

  it("takes all sources for a replay, unless some are named", () => {
    expect(readConfig({ replay: "x.jsonl" }, {}).sources).toContain("coinbase-advanced");
    expect(readConfig({ replay: "x.jsonl", sources: "binance" }, {}).sources).toEqual(["binance"]);
  });
});

describe("--endpoint", () => {
  const addresses = (endpoint: string[], env = {}) => {
    const config = readConfig(endpoint.length > 0 ? { endpoint } : {}, env);
    return new Map(config.known.map(({ name, facts }) => [name, facts.endpoint]));
  };

  it("replaces the address of a source, that of its REST API, or both", () => {
    const moved = addresses([
      "binance=wss://data-stream.binance.vision",
      "coincap-v2=ws://clone:3000/v2/",
      "coincap-v2.rest=http://clone:3001",
    ]);
    expect(moved.get("binance")).toEqual({
      ws: "wss://data-stream.binance.vision",
      rest: "https://data-api.binance.vision",
    });
    expect(moved.get("coincap-v2")).toEqual({
      ws: "ws://clone:3000/v2",
      rest: "http://clone:3001",
    });
    expect(moved.get("coinbase")).toEqual(addresses([]).get("coinbase"));
  });

  it("has a variable that takes several, separated by commas", () => {
    const env = { PRICE_STREAM_ENDPOINTS: "binance=wss://a:9443, coinbase=wss://b" };
    const moved = addresses([], env);
    expect(moved.get("binance")?.ws).toBe("wss://a:9443");
    expect(moved.get("coinbase")?.ws).toBe("wss://b");
  });

  it("says of each bad one what is wrong with it", async () => {
    const bad = [
      "nowhere=wss://a",
      "binance=https://a",
      "binance.rest=wss://a",
      "wss://a",
      "coinbase=wss://a?key=1",
      "coincap=wss://a",
      "coincap=wss://b",
    ];
    const { code, output } = await run(["serve", ...bad.flatMap((entry) => ["--endpoint", entry])]);
    expect(code).toBe(2);
    for (const told of [
      "--endpoint names no source in entry 1: write it like binance=wss://host; known sources: coincap, ",
      "--endpoint binance: the address must begin with ws:// or wss://",
      "--endpoint binance.rest: the address must begin with http:// or https://",
      "--endpoint names no source in entry 4: ",
      "--endpoint coinbase: the address must end before ? and #",
      "--endpoint coincap: it has a second address",
    ]) {
      expect(output).toContain(told);
    }
  });
});

it("records until its time is over, and says what it has", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "record-")), "x.jsonl.gz");
  const { code, output } = await run(["record", file, "--sources", "coincap", "--for", "300ms"]);
  expect(output).toContain(`Recording ended: 0 frames in 0.0 MB of ${file}`);
  expect(code).toBe(0);
  expect(gunzipSync(readFileSync(file))).toHaveLength(0);
});

it("leaves no recording behind where serving cannot begin", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await until(() => server.listening);
  const address = server.address();
  const port = String(typeof address === "object" ? address?.port : undefined);
  const file = join(mkdtempSync(join(tmpdir(), "record-")), "x.jsonl.gz");
  const flags = ["--host", "127.0.0.1", "--port", port, "--sources", "coincap"];
  const { code } = await run(["serve", "--record", file, ...flags]);
  server.close();
  expect(code).toBe(1);
  expect(existsSync(file)).toBe(false);
});

it("says that a port is taken, and which option changes it, and gives the state back as it was", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await until(() => server.listening);
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const file = join(mkdtempSync(join(tmpdir(), "state-")), "state.json");
  const { sources, assets } = readConfig({}, {});
  const feed = JSON.stringify({ mode: "demo", sources, assets });
  const text = writeState({ epoch: randomUUID(), seq: 7, entries: [] }, feed, Date.now() - 60_000);
  writeFileSync(file, text);
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--state-file", file];
  const { code, output } = await run(["demo", ...flags]);
  server.close();
  expect(code).toBe(1);
  expect(output).toContain(`Port ${port} is already in use. Choose another with --port or PORT.`);
  expect(output).not.toContain("    at ");
  expect(output).toContain("Going on where an earlier gateway ended");
  expect(readFileSync(file, "utf8")).toBe(text);
});

it("names CoinCap as off where there is no key, and goes on at a SIGHUP that it has no use for", async () => {
  const { child, state } = start(["serve", "--port", "0", "--sources", "coincap"]);
  await until(() => state.output.includes("Prices: http://localhost:"), 15_000);
  expect(state.output).toContain("coincap is off: no API key: set COINCAP_API_KEY");
  child.kill("SIGHUP");
  await until(() => state.output.includes("There is nothing to read again"), 2000);
  child.kill("SIGTERM");
  await until(() => state.code === 0, 10_000);
});

function owns(pid: number, inode: string | undefined): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
    } catch {
      return false;
    }
  });
}
