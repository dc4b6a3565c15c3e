import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
import { readOptions, UsageError } from "../src/options.ts";
import { plainUrl } from "../src/target.ts";
import { freePort } from "./support/nginx.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args]);
  children.push(child);
  const state = { out: "", err: "" };
  child.stdout.on("data", (data) => {
    state.out += data;
  });
  child.stderr.on("data", (data) => {
    state.err += data;
  });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, state, code };
}

it.concurrent("ends with 1 where something fails, and with a last line that says what to mend first", async () => {
  const { state, code } = start(`https://localhost:${await freePort()}`);
  expect(await code).toBe(1);
  const lines = state.out.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^Looking at https:\/\/localhost:\d+; streams are watched for 15 s\.$/);
  expect(lines.at(-1)).toMatch(/^1 of 22 checks fail\. Mend first: connect\. Start the gateway/);
  expect(state.err).toBe("");
});

it.concurrent("ends with 2 where it is used wrongly, and says what is wrong", async () => {
  const { state, code } = start("prices.example", "--for", "3", "--page", "app");
  expect(await code).toBe(2);
  expect(state.out).toBe("");
  expect(state.err.trimEnd().split("\n")).toEqual([
    "the URL of a gateway is like https://prices.example or ws://localhost:8000/ws/prices",
    "--for is no duration: write it like 60s or 10m",
    "--page is no URL of a page, like https://app.example",
  ]);
});

it.concurrent.each(["SIGINT", "SIGTERM"] as const)(
  "goes on with --watch until %s, and ends with the code of the last state",
  async (signal) => {
    const { child, state, code } = start(`ws://localhost:${await freePort()}`, "--watch");
    await expect.poll(() => state.out, { timeout: 15_000 }).toContain("Mend first: connect");
    child.kill(signal);
    expect(await code).toBe(1);
  },
);

it.each([
  [[], /missing required argument 'url'/],
  [["http://a.example", "--wacth"], /unknown option '--wacth'[\s\S]*Did you mean --watch/],
  [["http://a.example", "--for", "1s"], /--for must be between 3s and 24h/],
  [["http://a.example", "--assets", "a b"], /--assets is no list/],
  [["http://a.example", "--token", "a b"], /--token can only have/],
  [["ftp://a.example"], /the URL of a gateway is like/],
  [["https://a.example?token=t"], /no \?query, .*a token goes with --token or DOCTOR_TOKEN/],
  [["https://me:secret@a.example"], /no user:password@ in it/],
  [["https://a.example/#b"], /no #fragment/],
])("refuses %j", (args, message) => {
  expect(() => readOptions(args, "1")).toThrow(
    expect.objectContaining({ message: expect.stringMatching(message), exitCode: 2 }),
  );
});

it("takes the token from DOCTOR_TOKEN too, since flags can be read by others", () => {
  vi.stubEnv("DOCTOR_TOKEN", "from-the-environment");
  expect(readOptions(["http://a.example"], "1").token).toBe("from-the-environment");
  expect(readOptions(["http://a.example", "--token", "given"], "1").token).toBe("given");
  vi.stubEnv("DOCTOR_TOKEN", "");
  expect(readOptions(["http://a.example"], "1").token).toBeUndefined();
  vi.unstubAllEnvs();
});

it("shows its help on request, which is no wrong use", () => {
  expect(() => readOptions(["--help"], "1")).toThrow(UsageError);
  expect(() => readOptions(["--help"], "1")).toThrow(
    expect.objectContaining({ exitCode: 0, message: expect.stringContaining("Exit code: 0") }),
  );
});

it.each([
  ["https://p.example", "https://p.example", "wss://p.example/ws/prices", 443],
  ["wss://p.example/ws/prices", "https://p.example", "wss://p.example/ws/prices", 443],
  ["ws://p.example:81/ws/prices/", "http://p.example:81", "ws://p.example:81/ws/prices", 81],
  ["http://p.example/a/b/ws/prices", "http://p.example/a/b", "ws://p.example/a/b/ws/prices", 80],
  ["HTTP://[::1]:8000/", "http://[::1]:8000", "ws://[::1]:8000/ws/prices", 8000],
])("reads %s", (url, http, stream, port) => {
  expect(readOptions([url], "1").target).toMatchObject({ http, stream, port, asset: undefined });
});

it("asks the port of TLS itself whether it speaks plain HTTP, and not the usual one of HTTP", () => {
  const plainOf = (url: string) => plainUrl(readOptions([url], "1").target);
  expect(plainOf("https://p.example/a/ws/prices")).toBe("http://p.example:443/a");
  expect(plainOf("wss://p.example:8443")).toBe("http://p.example:8443/");
});

it("looks at the asset that the address names, and at those of --assets", () => {
  const { wanted } = readOptions(["wss://p.example/ws/prices/BTC", "--assets", "ETH,BTC"], "1");
  expect(wanted).toEqual(["BTC", "ETH"]);
});
