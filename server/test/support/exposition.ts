import { ADMIN_TOKEN } from "./gateway.ts";

/** One metric of a scrape, as text format 0.0.4 has it. */
export type Exposed = {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
};

/**
 * Reads what a scrape answers, and throws on a line that is none of the format.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
 */
export function readExposition(text: string): Map<string, Exposed> {
  const families = new Map<string, Exposed>();
  let current: Exposed | undefined;
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const [, what, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (what === "HELP") {
      current = { type: "", help: rest, samples: [] };
      if (families.has(name)) throw new Error(`${name} is there twice`);
      families.set(name, current);
      continue;
    }
    if (!current) throw new Error(`without HELP: ${line}`);
    if (what === "TYPE") {
      current.type = rest;
      continue;
    }
    const sample = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!sample) throw new Error(`no sample: ${line}`);
    const [, full = "", inner = "", value = ""] = sample;
    const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    current.samples.push({
      name: full,
      labels: Object.fromEntries(labels.map(([, key = "", text = ""]) => [key, text])),
      value: Number(value.replace("Inf", "Infinity")),
    });
  }
  return families;
}

/** A gateway's metrics at this moment. */
export async function scrape(port: number) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
  const text = await response.text();
  const families = readExposition(text);
  return {
    response,
    text,
    families,

    /** The one sample of this name with these labels; undefined where there is none. */
    value(name: string, labels: Record<string, string> = {}): number | undefined {
      const fitting = [...families.values()]
        .flatMap(({ samples }) => samples)
        .filter((sample) => sample.name === name)
        .filter((sample) => Object.entries(labels).every(([k, v]) => sample.labels[k] === v));
      if (fitting.length > 1) throw new Error(`${name} has ${fitting.length} such samples`);
      return fitting[0]?.value;
    },

    /** Of a state set, the states that hold. */
    states(name: string, label: string, labels: Record<string, string> = {}): string[] {
      return (families.get(name)?.samples ?? [])
        .filter((sample) => Object.entries(labels).every(([k, v]) => sample.labels[k] === v))
        .filter(({ value }) => value === 1)
        .map((sample) => sample.labels[label] ?? "");
    },
  };
}

export type Scraped = Awaited<ReturnType<typeof scrape>>;
