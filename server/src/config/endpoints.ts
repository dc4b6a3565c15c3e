import type { Source } from "../sources/source.ts";

const SCHEMES = { ws: ["ws:", "wss:"], rest: ["http:", "https:"] };

type Part = keyof typeof SCHEMES;

type Addresses = { [part in Part]?: string };

/**
 * Gives sources other addresses than their public ones. An entry is `name=wss://…`, or
 * `name.rest=https://…` for the REST API.
 * @returns all of `known`, in their order, and of each bad entry what is wrong with it
 */
export function withEndpoints(
  known: readonly Source[],
  entries: readonly string[],
): { sources: Source[]; problems: string[] } {
  const given = new Map<string, Addresses>();
  const problems: string[] = [];
  for (const entry of entries) {
    const { name, part, address } = split(entry);
    const before = given.get(name) ?? {};
    const problem = before[part]
      ? `is the second address for ${name}`
      : problemOf(known, name, part, address);
    if (problem) problems.push(`${entry} ${problem}`);
    else given.set(name, { ...before, [part]: address.replace(/\/+$/, "") });
  }
  const sources = known.map((source) => {
    const addresses = given.get(source.name);
    return addresses ? relocated(source, addresses) : source;
  });
  return { sources, problems };
}

function split(entry: string): { name: string; part: Part; address: string } {
  const at = entry.indexOf("=");
  const name = entry.slice(0, Math.max(0, at));
  const rest = name.endsWith(".rest");
  return {
    name: rest ? name.slice(0, -".rest".length) : name,
    part: rest ? "rest" : "ws",
    address: entry.slice(at + 1),
  };
}

function problemOf(known: readonly Source[], name: string, part: Part, address: string) {
  if (name === "") return "names no source: write it like binance=wss://host";
  const names = known.map((source) => source.name);
  if (!names.includes(name))
    return `names no source with ${name}: known sources: ${names.join(", ")}`;
  const schemes = SCHEMES[part];
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !schemes.includes(url.protocol)) {
    return `must begin with ${schemes.map((scheme) => `${scheme}//`).join(" or ")} after the =`;
  }
  return url.search || url.hash ? "must end before ? and #" : undefined;
}

function relocated(source: Source, addresses: Addresses): Source {
  const { facts } = source;
  return { ...source, facts: { ...facts, endpoint: { ...facts.endpoint, ...addresses } } };
}
