import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { until } from "./support/client.ts";
import { type Exposed, scrape } from "./support/exposition.ts";
import { startRig } from "./support/gateway.ts";
import { type Asked, readPromql } from "./support/promql.ts";
import { promtool } from "./support/promtool.ts";

const path = (name: string) => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), "utf8");

const alert = z.strictObject({
  alert: z.string().regex(/^PriceStream[A-Z]\w+$/),
  expr: z.string(),
  for: z.string().regex(/^\d+[sm]$/),
  labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
  annotations: z.strictObject({
    summary: z.string().regex(/\.$/),
    description: z.string().regex(/: docs\/operations\.md#[a-z-]+$/),
  }),
});
const alerts = z
  .object({ groups: z.array(z.object({ name: z.string(), rules: z.array(alert) })) })
  .parse(parse(read("prometheus/alerts.yml")))
  .groups.flatMap(({ rules }) => rules);

const target = z.object({
  expr: z.string(),
  legendFormat: z.string(),
  instant: z.boolean().default(false),
  range: z.boolean().default(true),
});
const grid = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const dashboard = z
  .object({
    uid: z.string(),
    panels: z.array(
      z.object({
        id: z.number(),
        type: z.enum(["row", "stat", "table", "timeseries", "state-timeline"]),
        title: z.string(),
        gridPos: grid,
        datasource: z.object({ uid: z.literal("$" + "{datasource}") }).optional(),
        targets: z.array(target).default([]),
      }),
    ),
    templating: z.object({
      list: z.array(z.looseObject({ name: z.string(), query: z.unknown() })),
    }),
    annotations: z.object({ list: z.array(z.object({ expr: z.string() })) }),
  })
  .parse(JSON.parse(read("grafana/price-stream.json")));

/** Values of each label of each metric that a gateway has; undefined where they can be any. */
type Known = Map<string, Map<string, Set<string> | undefined>>;
const known: Known = new Map();
/** What Prometheus knows by itself. */
const ADDED = ["job", "instance"];

function learn(families: ReadonlyMap<string, Exposed>) {
  for (const [family, { samples }] of families) {
    // What is not known here is absent, as until when no certificate is good.
    if (samples.length === 0) known.set(family, new Map(ADDED.map((label) => [label, undefined])));
    for (const { name, labels } of samples) {
      const values = known.get(name) ?? new Map(ADDED.map((label) => [label, undefined]));
      known.set(name, values);
      for (const [label, value] of Object.entries(labels)) {
        values.set(label, (values.get(label) ?? new Set()).add(value));
      }
    }
  }
}

beforeAll(async () => {
  const rig = await startRig();
  await until(() => rig.gateway.health().probe.verdict === "pass");
  learn((await scrape(rig.gateway.port)).families);
  await rig.close();
  known.set("up", new Map(ADDED.map((label) => [label, undefined])));
  known.set("ALERTS", new Map([...ADDED, "alertname", "alertstate"].map((l) => [l, undefined])));
});

/** What of this no gateway has. */
function strangers({ selectors, groupings }: Asked): string[] {
  const unknown = selectors.flatMap(({ metric, matchers }) => {
    const labels = known.get(metric);
    if (!labels) return [metric];
    return matchers.flatMap(({ label, values }) => {
      if (!labels.has(label)) return [`${metric}{${label}}`];
      const all = labels.get(label);
      return values
        .filter((value) => all && !all.has(value))
        .map((value) => `${metric}{${label}="${value}"}`);
    });
  });
  return [...unknown, ...groupings.filter((label) => !labelsOf(selectors).has(label))];
}

const labelsOf = (selectors: Asked["selectors"]): Set<string> =>
  new Set(selectors.flatMap(({ metric }) => [...(known.get(metric)?.keys() ?? [])]));

it.each(alerts)("$alert asks only of what a gateway has", ({ expr, annotations }) => {
  const asked = readPromql(expr);
  expect(strangers(asked)).toEqual([]);
  const texts = `${annotations.summary} ${annotations.description}`;
  for (const [, label = ""] of texts.matchAll(/\$labels\.(\w+)/g)) {
    expect([...labelsOf(asked.selectors)]).toContain(label);
  }
});

it("shows only what a gateway has on the dashboard", () => {
  const targets = dashboard.panels.flatMap(({ targets }) => targets);
  expect(targets.length).toBeGreaterThan(30);
  for (const { expr, legendFormat } of targets) {
    const asked = readPromql(expr);
    expect(strangers(asked), expr).toEqual([]);
    for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      expect([...labelsOf(asked.selectors)], expr).toContain(label);
    }
  }
  for (const { expr } of dashboard.annotations.list) {
    expect(strangers(readPromql(expr))).toEqual([]);
  }
  for (const { query } of dashboard.templating.list.slice(1)) {
    const [, selector = "", label = ""] =
      /^label_values\((.+), (\w+)\)$/.exec(z.object({ query: z.string() }).parse(query).query) ??
      [];
    expect(strangers(readPromql(selector))).toEqual([]);
    expect(ADDED).toContain(label);
  }
});

it("names only metrics that there are in docs/operations.md", () => {
  const text = read("../docs/operations.md");
  const named = [...text.matchAll(/`((?:price_stream|nodejs|process)_[a-z0-9_]+)/g)];
  expect(named.length).toBeGreaterThan(10);
  const names = [...known.keys()];
  for (const [, name = ""] of named) {
    expect(
      names.some((own) => own === name || own === `${name}_bucket`),
      name,
    ).toBe(true);
  }
});

it("would notice a metric, a label or a state that no gateway has", () => {
  const of = (expression: string) => strangers(readPromql(expression));
  expect(of("rate(price_stream_frames_total[5m])")).toEqual(["price_stream_frames_total"]);
  expect(of('price_stream_clients{kind="sse"}')).toEqual(["price_stream_clients{kind}"]);
  expect(of('price_stream_probe_verdict{verdict=~"fail|dead"}')).toEqual([
    'price_stream_probe_verdict{verdict="dead"}',
  ]);
  expect(of("sum by (exchange) (price_stream_book_assets)")).toEqual(["exchange"]);
});

it("asks at the top of the dashboard whether clients get prices, how old they are, and who speaks", () => {
  const rows = dashboard.panels.filter(({ targets }) => targets.length === 0);
  expect(rows.slice(0, 3).map(({ title }) => title)).toEqual([
    "Are clients getting prices?",
    "How old are the prices?",
    "Which source speaks?",
  ]);
});

const stats = dashboard.panels.filter(({ type }) => type === "stat");

it("tells in single figures what is now, and not what last was", () => {
  expect(stats.length).toBeGreaterThan(10);
  for (const { title, targets } of stats) {
    expect(targets, title).toMatchObject([{ instant: true, range: false }]);
  }
});

it("tells of a gateway that is gone in each single figure, as soon as Prometheus knows", () => {
  const GONE = '{instance="gone", job="price-stream"}';
  const counters = ["price_stream_hub_sent_frames_total", "price_stream_book_changes_total"];
  const series = [
    { series: 'up{instance="gone", job="price-stream"}', values: "1x8 0x8" },
    // As Prometheus does when a scrape fails.
    ...counters.map((name) => ({ series: `${name}${GONE}`, values: "0+10x8 stale" })),
    { series: `price_stream_ready${GONE}`, values: "1x8 stale" },
  ];
  const figures = stats.map(({ title, targets }) => ({
    expr: (targets[0]?.expr ?? "")
      .replaceAll(/\$(job|instance)/g, ".+")
      .replaceAll("$__rate_interval", "1m"),
    eval_time: "135s",
    // "no answer" is what it is called, by the mapping of this value.
    exp_samples: [
      title === "Answers" ? { labels: `up${GONE}`, value: 0 } : { labels: GONE, value: -1 },
    ],
  }));
  const folder = mkdtempSync(join(tmpdir(), "figures-"));
  const file = join(folder, "figures.yml");
  const tests = [{ interval: "15s", input_series: series, promql_expr_test: figures }];
  writeFileSync(file, JSON.stringify({ evaluation_interval: "15s", tests }));
  expect(promtool(["test", "rules", file])).toBe("");
  rmSync(folder, { recursive: true });
});

it("calls what does not answer so, in red", () => {
  const mapping = z.object({ type: z.string(), options: z.record(z.string(), z.unknown()) });
  const panels = z
    .object({
      panels: z.array(
        z.object({
          title: z.string(),
          type: z.string(),
          fieldConfig: z
            .object({ defaults: z.object({ mappings: z.array(mapping).default([]) }) })
            .optional(),
        }),
      ),
    })
    .parse(JSON.parse(read("grafana/price-stream.json"))).panels;
  for (const { title, fieldConfig } of panels.filter(({ type }) => type === "stat")) {
    const [values, nothing] = fieldConfig?.defaults.mappings ?? [];
    const gone = values?.options[title === "Answers" ? "0" : "-1"];
    expect(gone, title).toMatchObject({ text: "no answer", color: "red" });
    // Where there is no series at all Grafana would else say it in the colour of all is well.
    expect(nothing, title).toMatchObject({ type: "special", options: { match: "null+nan" } });
  }
});

it("gives each panel of the dashboard a number of its own", () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("lays no two panels of the dashboard over each other", () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(cells.filter((cell) => Number(cell.split(",")[0]) >= 24)).toEqual([]);
});

it("has the dashboard ask the datasource that is provisioned with it", () => {
  const { datasources } = z
    .object({ datasources: z.array(z.object({ uid: z.string(), type: z.string() })) })
    .parse(parse(read("grafana/provisioning/datasources/prometheus.yml")));
  expect(datasources).toEqual([{ uid: "prometheus", type: "prometheus" }]);
  const [first] = dashboard.templating.list;
  expect(first).toMatchObject({ name: "datasource", current: { value: "prometheus" } });
});

it("satisfies promtool with configuration and rules", () => {
  expect(promtool(["check", "config", path("prometheus/prometheus.yml")])).toBe("");
});

it("has Alertmanager tell of every alert, of the critical ones elsewhere", () => {
  const { route, receivers } = z
    .object({
      route: z.object({
        receiver: z.string(),
        routes: z.array(z.object({ matchers: z.array(z.string()), receiver: z.string() })),
      }),
      receivers: z.array(z.strictObject({ name: z.string() })),
    })
    .parse(parse(read("prometheus/alertmanager.yml")));
  expect(route.routes).toEqual([
    expect.objectContaining({ matchers: ['severity="critical"'], receiver: "at-once" }),
  ]);
  expect(receivers.map(({ name }) => name)).toEqual(["at-once", route.receiver]);
});

it("fires each alert for the gateway that is ill, after a while, and for no other", () => {
  const cases = z
    .object({
      tests: z.array(
        z.object({
          name: z.string(),
          promql_expr_test: z.array(
            z.object({ exp_samples: z.array(z.object({ labels: z.string() })) }),
          ),
        }),
      ),
    })
    .parse(parse(read("prometheus/alerts.test.yml"))).tests;
  for (const { alert } of alerts) {
    const own = cases.find(({ name }) => name === alert)?.promql_expr_test ?? [];
    expect(own.map(({ exp_samples }) => exp_samples.map(({ labels }) => labels))).toEqual([
      [],
      [`{alertname="${alert}", instance="ill"}`],
    ]);
  }
  expect(promtool(["test", "rules", path("prometheus/alerts.test.yml")])).toBe("");
});
