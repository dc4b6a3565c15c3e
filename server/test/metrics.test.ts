import { readFileSync } from "node:fs";
import { V1 } from "@cryptovault/price-stream/protocol/v1";
import { afterAll, beforeAll, expect, it } from "vitest";
import { heapUsed } from "../bench/chaos/stock.ts";
import type { Gateway } from "../src/gateway.ts";
import { createMetrics } from "../src/metrics/metrics.ts";
import { connect, ofType, sleep, until } from "./support/client.ts";
import { readEvents } from "./support/events.ts";
import { readExposition, type Scraped, scrape } from "./support/exposition.ts";
import { type Rig, startBare, startRig } from "./support/gateway.ts";
import { promtool } from "./support/promtool.ts";

let rig: Rig;
let bare: Gateway;

beforeAll(async () => {
  [rig, bare] = await Promise.all([startRig(), startBare()]);
  await until(() => {
    const { probe, book } = rig.gateway.health();
    return probe.verdict === "pass" && book.fresh > 400;
  }, 10_000);
});
afterAll(async () => {
  await Promise.all([rig.close(), bare.close()]);
});

const look = () => scrape(rig.gateway.port);

async function become(what: string, holds: (seen: Scraped) => boolean): Promise<Scraped> {
  for (let n = 0; n < 100; n++) {
    const seen = await look();
    if (holds(seen)) return seen;
    await sleep(50);
  }
  throw new Error(`${what}: never within 5 s`);
}

it("answers in the text format, and no cache may keep it", async () => {
  const { response } = await look();
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
});

it("names its metrics as Prometheus has it: a prefix, base units, help, _total for counters alone", async () => {
  const { families, text } = await look();
  expect(families.size).toBeGreaterThan(40);
  for (const [name, { type, help, samples }] of families) {
    expect(name).toMatch(/^(price_stream|nodejs|process)_[a-z0-9_]+$/);
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mib|percent)\b/);
    expect(help, name).toMatch(/^.{15,}\.$/);
    expect(["counter", "gauge", "histogram"]).toContain(type);
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    if (/_(age|duration|lag|time)_/.test(name)) expect(name).toMatch(/_seconds(_total)?$/);
    if (/memory|heap|bytes/.test(name)) expect(name).toMatch(/_bytes(_total)?$/);
    for (const { value } of samples) expect(Number.isFinite(value), name).toBe(true);
  }
  expect(promtool(["check", "metrics"], text)).toBe("");
});

it("counts clients by what they speak, and the frames and bytes that they are sent", async () => {
  const before = await look();
  const { port } = rig.gateway;
  const [plain, v1, sse] = await Promise.all([
    connect(port),
    connect(port, "/ws/prices", [V1]),
    readEvents(`http://127.0.0.1:${port}/sse/prices?interval=100`),
  ]);
  await plain.next(ofType("price_update"));
  await sse.next("price_update");
  const after = await look();
  const clients = (contract: string) => after.value("price_stream_clients", { contract });
  expect([clients("plain"), clients("v1"), clients("sse")]).toEqual([1, 1, 1]);
  const more = (name: string) => (after.value(name) ?? 0) - (before.value(name) ?? 0);
  const sent = plain.messages.filter(ofType("price_update")).length + sse.events.length - 1;
  expect(more("price_stream_hub_sent_frames_total")).toBeGreaterThanOrEqual(sent);
  expect(more("price_stream_hub_sent_bytes_total")).toBeGreaterThan(10_000);
  expect(more("price_stream_hub_broadcast_duration_seconds_count")).toBeGreaterThan(0);
  expect(after.value("price_stream_hub_loops")).toBeGreaterThanOrEqual(2);
  const age = (contract: string) =>
    after.value("price_stream_hub_last_frame_age_seconds", { contract });
  for (const contract of ["plain", "v1", "sse"]) expect(age(contract), contract).toBeLessThan(5);
  plain.close();
  v1.close();
  sse.close();
  const left = await become("the clients left", ({ families }) =>
    (families.get("price_stream_clients")?.samples ?? []).every(({ value }) => value === 0),
  );
  expect(left.value("price_stream_clients_limit")).toBe(20_000);
  expect(left.value("price_stream_hub_last_frame_age_seconds", { contract: "v1" })).toBe(0);
});

it("counts who was turned away, by code", async () => {
  const code = "no_such_path";
  const before = await look();
  const lost = await connect(rig.gateway.port, "/ws/nowhere");
  await lost.closed;
  const after = await look();
  expect(before.value("price_stream_refusals_total", { code })).toBe(0);
  expect(after.value("price_stream_refusals_total", { code })).toBe(1);
  expect(after.value("price_stream_refusals_total", { code: "too_many_clients" })).toBe(0);
});

it("tells what the gateway saw as its own client, and that it is well", async () => {
  const seen = await look();
  expect(seen.states("price_stream_probe_verdict", "verdict")).toEqual(["pass"]);
  expect(seen.states("price_stream_health_status", "status")).toEqual(["ok"]);
  expect(seen.states("price_stream_mode", "mode")).toEqual(["demo"]);
  expect(seen.value("price_stream_ready")).toBe(1);
  expect(seen.value("price_stream_probe_messages")).toBeGreaterThan(0);
  expect(seen.value("price_stream_probe_first_price_seconds")).toBeLessThan(3);
  expect(seen.value("price_stream_probe_age_seconds")).toBeLessThan(16);
});

it("tells of the book how many prices there are, who speaks, and how old they are", async () => {
  const seen = await look();
  const { assets, seq } = rig.gateway.health().book;
  const fresh = seen.value("price_stream_book_fresh_assets") ?? 0;
  const stale = seen.value("price_stream_book_stale_assets") ?? 0;
  expect(fresh).toBeGreaterThan(400);
  expect(Math.abs(fresh + stale - assets)).toBeLessThan(20);
  const speaking = seen.families.get("price_stream_book_assets")?.samples ?? [];
  expect(speaking.reduce((sum, { value }) => sum + value, 0)).toBe(fresh + stale);
  expect(seen.value("price_stream_book_changes_total")).toBeLessThanOrEqual(seq);
  await become("the sources that speak are those of /health", ({ families }) => {
    const told = families.get("price_stream_book_assets")?.samples ?? [];
    const sources = new Set(told.map(({ labels }) => labels.source));
    return (
      new Set(Object.keys(rig.gateway.health().book.bySource)).symmetricDifference(sources).size ===
      0
    );
  });
  const half = seen.value("price_stream_book_price_age_p50_seconds") ?? Number.NaN;
  const most = seen.value("price_stream_book_price_age_p95_seconds") ?? Number.NaN;
  expect(half).toBeLessThan(most);
  expect(half).toBeGreaterThanOrEqual(
    seen.value("price_stream_book_newest_price_age_seconds") ?? Number.NaN,
  );
});

it("tells how late the event loop was, and of an idle one that it was not", async () => {
  await sleep(1000);
  const over = performance.now() + 150;
  while (performance.now() < over);
  await sleep(20);
  const seen = await look();
  expect(seen.value("nodejs_eventloop_lag_max_seconds")).toBeGreaterThan(0.1);
  expect(seen.value("nodejs_eventloop_lag_p50_seconds")).toBeLessThan(0.008);
  const again = await look();
  expect(again.value("nodejs_eventloop_lag_max_seconds")).toBeGreaterThan(0.1);
});

it("tells of a source that is cut: its state, how old its data are, failovers and reconnects", async () => {
  const source = { source: "coincap" };
  const before = await look();
  expect(before.states("price_stream_source_state", "state", source)).toEqual(["live"]);
  expect(before.value("price_stream_source_data_age_seconds", source)).toBeLessThan(2);
  expect(before.value("price_stream_source_failovers_total", source)).toBe(0);
  rig.emulator.break("coincap", "refuse");
  const cut = await become(
    "the source lost its assets",
    (seen) => seen.value("price_stream_source_standing", { ...source, standing: "lost" }) === 1,
  );
  expect(cut.states("price_stream_source_state", "state", source)).not.toContain("live");
  expect(cut.value("price_stream_source_data_age_seconds", source)).toBeGreaterThanOrEqual(2);
  expect(cut.value("price_stream_source_failovers_total", source)).toBe(1);
  expect(cut.value("price_stream_source_reconnects_total", source)).toBeGreaterThan(0);
  expect(cut.states("price_stream_health_status", "status")).toEqual(["degraded"]);
  expect(cut.value("price_stream_source_failovers_total", { source: "binance" })).toBe(0);
  rig.emulator.mend("coincap");
});

it("keeps two gateways in one process apart, and makes up no value that is not known", async () => {
  const [full, empty] = await Promise.all([look(), scrape(bare.port)]);
  expect(full.value("price_stream_ready")).toBe(1);
  expect(empty.value("price_stream_ready")).toBe(0);
  expect(empty.states("price_stream_health_status", "status")).toEqual(["down"]);
  expect(empty.value("price_stream_book_fresh_assets")).toBe(0);
  for (const name of [
    "price_stream_book_newest_price_age_seconds",
    "price_stream_book_price_age_p50_seconds",
    "price_stream_probe_first_price_seconds",
  ]) {
    expect(full.value(name), name).toBeGreaterThanOrEqual(0);
    expect(empty.value(name), name).toBeUndefined();
  }
});

it("counts every collection of garbage, and none once it is closed", async () => {
  const health = rig.gateway.health();
  const metrics = createMetrics(() => ({
    version: "0",
    node: "0",
    health,
    ready: true,
    clientsLimit: 1,
    certificateLeftMs: null,
    priceAgesMs: [],
  }));
  const collections = async () => {
    await sleep(20);
    const families = readExposition((await metrics.scrape()).text);
    return (families.get("nodejs_gc_duration_seconds")?.samples ?? [])
      .filter(({ name, labels }) => name.endsWith("_count") && labels.kind === "major")
      .reduce((sum, { value }) => sum + value, 0);
  };
  const before = await collections();
  for (let n = 0; n < 5; n++) heapUsed();
  const after = await collections();
  expect(after - before).toBeGreaterThanOrEqual(5);
  metrics.close();
  heapUsed();
  expect(await collections()).toBe(after);
});

it("is listed in docs/metrics.md, metric by metric", async () => {
  const { families } = await look();
  const rows = [...families].map(([name, { type, help, samples }]) => {
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
    labels.delete("le");
    return `| \`${name}\` | ${type} | ${[...labels].map((label) => `\`${label}\``).join(" ")} | ${help} |`;
  });
  const text = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const documented = text
    .split("\n")
    .filter((line) => /^\| `(price_stream|nodejs|process)_/.test(line));
  expect(documented.sort().join("\n")).toBe(rows.sort().join("\n"));
});
