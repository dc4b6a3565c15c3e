import type { Source } from "../sources/source.ts";
import { maskedAddress } from "./secrets.ts";

const SCHEMES = { ws: ["ws:", "wss:"], rest: ["http:", "https:"] };

type Part = keyof typeof SCHEMES;

type Addresses = { [part in Part]?: string };

/**
 * Gives sources other addresses than their public ones. An entry is `name=wss://…`, or
 * `name.rest=https://…` for the REST API.
 * @returns all of `known`, in their order, and of each bad entry what is wrong with it. Nothing of what is
 * no name of a source is told: a comma or a = in a password makes parts of it look like names
 */
export function withEndpoints(
  known: readonly Source[],
  entries: readonly string[],
): { sources: Source[]; problems: string[] } {
  const names = known.map((source) => source.name);
  const given = new Map<string, Addresses>();
  const problems: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const { name, part, address } = split(entry);
    const before = given.get(name) ?? {};
    if (!names.includes(name)) {
      const hint = `write it like binance=wss://host; known sources: ${names.join(", ")}`;
      problems.push(`names no source in entry ${index + 1}: ${hint}`);
      continue;
    }
    const problem = before[part] ? "it has a second address" : problemOf(part, address);
    if (problem) problems.push(`${entry.slice(0, entry.indexOf("="))}: ${problem}`);
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

function problemOf(part: Part, address: string): string | undefined {
  const schemes = SCHEMES[part].map((scheme) => `${scheme}//`);
  if (!schemes.some((scheme) => address.toLowerCase().startsWith(scheme))) {
    return `the address must begin with ${schemes.join(" or ")}`;
  }
  if (!URL.canParse(address)) return "the address can't be read";
  const { search, hash } = new URL(address);
  return search || hash ? "the address must end before ? and #" : undefined;
}

/** An entry as it can be shown. */
export function maskedEndpoint(entry: string): string {
  const at = entry.indexOf("=") + 1;
  return `${entry.slice(0, at)}${maskedAddress(entry.slice(at))}`;
}

function relocated(source: Source, addresses: Addresses): Source {
  const { facts } = source;
  return { ...source, facts: { ...facts, endpoint: { ...facts.endpoint, ...addresses } } };
}
