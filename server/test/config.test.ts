import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readFiles } from "../src/cli/files.ts";
import { limits, readConfig } from "../src/config/config.ts";
import { settingsTables, showConfig } from "../src/config/show.ts";
import { coinbase } from "../src/sources/coinbase.ts";
import { sources } from "../src/sources/index.ts";
import type { Source } from "../src/sources/source.ts";
import { run } from "./support/cli.ts";

const problems = (flags: Record<string, unknown>, env: Record<string, string>) => {
  try {
    readConfig(flags, env);
    return "";
  } catch (error) {
    return String(error);
  }
};

const show = (
  flags: Record<string, unknown>,
  env: Record<string, string> = {},
  outside: readonly Source[] = [],
) => showConfig(readConfig(flags, env, outside), flags, env);

describe("a variable that means to be a setting and is none", () => {
  it("is an error, with a guess at what was meant", () => {
    expect(problems({}, { PRICE_STREAM_MAX_CLINETS: "5" })).toContain(
      "PRICE_STREAM_MAX_CLINETS is no setting: did you mean PRICE_STREAM_MAX_CLIENTS?",
    );
    expect(problems({}, { PRICE_STREAM_XYZ: "5" })).toMatch(/PRICE_STREAM_XYZ is no setting\.$/);
  });

  it("may be one by which Kubernetes tells of a Service named price-stream", () => {
    const env = {
      PRICE_STREAM_SERVICE_HOST: "10.0.0.1",
      PRICE_STREAM_PORT: "tcp://10.0.0.1:80",
      PRICE_STREAM_PORT_80_TCP_ADDR: "10.0.0.1",
    };
    expect(problems({}, env)).toBe("");
    const neighbour = {
      PRICE_STREAM_ADMIN_SERVICE_HOST: "10.0.0.2",
      PRICE_STREAM_ADMIN_SERVICE_PORT_METRICS: "9100",
      PRICE_STREAM_ADMIN_PORT: "tcp://10.0.0.2:9100",
      PRICE_STREAM_ADMIN_PORT_9100_TCP_PROTO: "tcp",
    };
    expect(problems({}, neighbour)).toBe("");
    expect(readConfig({}, neighbour).adminPort).toBeUndefined();
    expect(readConfig({}, { PRICE_STREAM_ADMIN_PORT: "9100" }).adminPort).toBe(9100);
    expect(problems({}, { PRICE_STREAM_PORT: "9000" })).toContain(
      "PRICE_STREAM_PORT is no setting",
    );
  });
});

it("takes the key of a source of one's own for a setting, however its variable is named", () => {
  const facts = { ...coinbase.facts, keyVariable: "PRICE_STREAM_OWN_KEY" };
  const own = { ...coinbase, name: "own", facts };
  expect(show({}, { PRICE_STREAM_OWN_KEY: "battery-staple" }, [own])).toMatch(
    /^PRICE_STREAM_OWN_KEY +PRICE_STREAM_OWN_KEY +\*+$/m,
  );
});

describe("secrets", () => {
  const weak = { PRICE_STREAM_API_KEYS: "web=short", PRICE_STREAM_JWT_SECRET: "also short" };

  it("are refused where they are weak, without being told", () => {
    const told = problems({}, weak);
    expect(told).toContain("PRICE_STREAM_API_KEYS has no name and key in 1 entries: write web=KEY");
    expect(told).toContain("PRICE_STREAM_JWT_SECRET must have 32 bytes or more");
    expect(told).not.toMatch(/=short|also short/);
  });

  it("are masked where the configuration is shown", () => {
    const env = { PRICE_STREAM_ADMIN_TOKEN: "correct-horse", COINCAP_API_KEY: "battery-staple" };
    const shown = show({}, env);
    expect(shown).not.toMatch(/correct-horse|battery-staple/);
    expect(shown).toMatch(/^PRICE_STREAM_ADMIN_TOKEN +PRICE_STREAM_ADMIN_TOKEN +\*+$/m);
    expect(shown).toMatch(/^COINCAP_API_KEY +COINCAP_API_KEY +\*+$/m);
  });

  it.each([
    "PRICE_STREAM_API_KEYS",
    "PRICE_STREAM_JWT_SECRET",
    "PRICE_STREAM_JWT_KEY",
    "PRICE_STREAM_JWKS_URL",
    "PRICE_STREAM_ADMIN_TOKEN",
  ])("%s that is empty does not open to everybody what it should close", (name) => {
    expect(problems({}, { [name]: "" })).toMatch(/ +is empty: give it a value, or unset it\.$/);
    expect(problems({}, { COINCAP_API_KEY: "", COINGECKO_API_KEY: "" })).toBe("");
  });

  it("have no flags, which others on the machine could read", () => {
    const secrets = settingsTables().match(/^\|.*(KEYS?|SECRET|TOKEN)` \|.*$/gm) ?? [];
    const withFlags = secrets.filter((row) => !row.startsWith("|  |"));
    expect(secrets.length).toBeGreaterThan(withFlags.length);
    // Files with keys in them, not the keys.
    expect(withFlags.every((row) => row.includes("<file>"))).toBe(true);
  });
});

it.each([
  [{ tlsCert: "a.pem" }, {}, /--tls-cert and --tls-key go together/],
  [{ jwtIssuer: "me" }, {}, /--jwt-issuer and --jwt-audience go with/],
  [{ jwtKey: "a.pem", jwksUrl: "https://a" }, {}, /exclude each other/],
  [{ jwksUrl: "http://a.example/keys" }, {}, /--jwks-url .* must be an https:\/\/ address/],
  [
    { origins: "https://a.example,https://*.com" },
    {},
    /--origins .* lets in pages of everybody with https:\/\/\*\.com: name a domain, write https/,
  ],
  [{ adminHost: "0.0.0.0" }, {}, /--admin-host goes with --admin-port/],
  [{ hold: "25h" }, {}, /--hold 25h must be between 100ms and 24h/],
  [{ replay: "a.jsonl", stateFile: "b" }, {}, /--state-file and --replay exclude each other/],
  [{ replay: "" }, {}, /--replay {2}is empty/],
  [{ port: "9000", adminPort: "9000" }, {}, /--admin-port and --port must differ/],
  [{}, { PRICE_STREAM_API_KEYS: "a=0123456789abcdef,b=0123456789abcdef" }, /has a key twice/],
])("%j with %j is refused", (flags, env, message) => {
  expect(problems(flags, env)).toMatch(message);
});

it.each([
  [["--tls-cert", "/nowhere/a.pem", "--tls-key", "/nowhere/b.pem"], /--tls-cert .* can't be read/],
  [["--jwt-key", "/nowhere/key.pem"], /--jwt-key .* can't be read/],
  [["--jwt-key", "package.json"], /--jwt-key is no public key/],
  [["--tls-cert", "package.json", "--tls-key", "package.json"], /can't be used/],
  [["--state-file", "/nowhere/state.json"], /--state-file .* can't be written/],
  [["--state-file", "server"], /--state-file server is no file/],
])("config check %j ends with 2 and says what is wrong with the file", async (flags, message) => {
  const { code, output } = await run(["config", "check", ...flags]);
  expect(output).toMatch(message);
  expect(output).not.toContain("    at ");
  expect(code).toBe(2);
});

it("leaves the state where it was, and begins nothing, when a file can't be read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  const state = join(folder, "state.json");
  writeFileSync(state, '{"version":1,"feed":');
  const flags = ["--state-file", state, "--tls-cert", "/nowhere/a", "--tls-key", "/nowhere/b"];
  const { code } = await run(["demo", "--port", "0", ...flags]);
  expect(code).toBe(2);
  expect(readdirSync(folder)).toEqual(["state.json"]);
});

it("refuses a state file that is none of ours, which would be lost", () => {
  const config = readConfig({ stateFile: "package.json" }, {});
  expect(() => readFiles(config)).toThrow("package.json holds something else than a state");
});

describe("an address", () => {
  it("is shown up to its host: what follows, and who is named before, may be secret", () => {
    const env = {
      PRICE_STREAM_ENDPOINTS:
        "binance=wss://me:hunter2@a.example,kraken=wss://b.example:99/hunter2",
      PRICE_STREAM_JWKS_URL: "https://c.example?key=hunter2",
    };
    const shown = show({}, env);
    expect(shown).not.toContain("hunter2");
    expect(shown).toContain("binance=********,kraken=wss://b.example:99/********");
    expect(shown).toContain("https://c.example/********");
  });

  it.each([
    "coincap=wss://a.example?apiKey=hunter2",
    "binance=wss://x/p?key=a,hunter2",
    "binance=wss://x/p?key=a,hunter2=wss://x",
    "binance=wss://us er:pa/hunter2@x",
    "binance=https://me:hunter2@x",
    "hunter2",
    "me:hunter2=wss://x",
  ])("that is refused is not told, wherever its secret is: %s", (entries) => {
    const told = problems({}, { PRICE_STREAM_ENDPOINTS: entries });
    expect(told).toContain("PRICE_STREAM_ENDPOINTS ");
    expect(told).not.toContain("hunter2");
    expect(problems({ endpoint: entries.split(",") }, {})).not.toContain("hunter2");
  });

  it("of keys is not told either", () => {
    for (const jwksUrl of ["http://me:hunter2@x/keys", "hunter2"]) {
      const told = problems({ jwksUrl }, {});
      expect(told).toContain("--jwks-url ******** must be an https:// address");
    }
  });
});

it("config check prints every setting in effect and from where, and ends with 0", async () => {
  const { code, output } = await run(["config", "check", "--hold", "5m"], { LOG_LEVEL: "debug" });
  expect(code).toBe(0);
  expect(output).toMatch(/^--hold +--hold +5m$/m);
  expect(output).toMatch(/^--log-level +LOG_LEVEL +debug$/m);
  expect(output).toMatch(/^--port +default +8000$/m);
});

it("tells names and origins of all settings within 80 characters, however long a value is", () => {
  const env = { PRICE_STREAM_ENDPOINTS: `binance=wss://${"a".repeat(300)}.example` };
  const ends = show({}, env)
    .split("\n")
    .map((line) => /^\S+ +(?:\S+, )?\S+/.exec(line)?.[0].length ?? 0);
  expect(Math.max(...ends)).toBeLessThan(80);
  expect(Math.min(...ends)).toBeGreaterThan(0);
});

it("takes limits from their settings", () => {
  const config = readConfig({ maxRequestsPerIp: "7" }, { PRICE_STREAM_MAX_CLIENTS_PER_IP: "8" });
  expect(limits(config)).toMatchObject({ requestsPerIpPerS: 7, clientsPerIp: 8 });
});

it("shows the sources that speak, also those that nobody has named", () => {
  const own = { ...coinbase, name: "own" };
  const row = (flags: Record<string, unknown>, env: Record<string, string> = {}) =>
    /^--sources +(.*)$/m.exec(show(flags, env, [own]))?.[1]?.replace(/ {2,}/, " ");
  const all = [...sources, own].map(({ name }) => name).join();
  const file = { sourceFile: ["own.ts"] };
  expect(row(file)).toBe("default, --source-file coincap,binance,coinbase,kraken,own");
  expect(row({ ...file, sources: "own,okx" })).toBe("--sources own,okx");
  expect(row({ sources: "okx" }, { PRICE_STREAM_SOURCE_FILES: "own.ts" })).toBe(
    "--sources, PRICE_STREAM_SOURCE_FILES okx,own",
  );
  expect(row({ replay: "x.jsonl" })).toBe(`default, --replay ${all}`);
});

it("tells in its help of every flag, and of every secret", async () => {
  const { output } = await run(["serve", "--help"]);
  const told = [...settingsTables().matchAll(/^\| (?:`(--[\w-]+)[^|]*)? ?\| (?:`(\w+)`)?/gm)];
  expect(told.length).toBeGreaterThan(30);
  for (const [, flag, variable = ""] of told) expect(output).toContain(flag ?? variable);
});

it("has in its documentation the table of the settings that there are: npm run docs writes it", () => {
  expect(readFileSync("docs/configuration.md", "utf8")).toContain(settingsTables());
});
