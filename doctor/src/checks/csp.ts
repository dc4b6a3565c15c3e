import type { Answer } from "../seen.ts";

/** A policy that forbids something, and what it allows instead. */
export type Refusal = { by: "header" | "meta"; sources: readonly string[] };

/**
 * The policy that keeps a page from connecting to an address; undefined where none does. Where browsers
 * differ, the one that allows more is followed.
 * @see https://www.w3.org/TR/CSP3/#match-url-to-source-list
 */
export function forbids(document: Answer, page: URL, address: URL): Refusal | undefined {
  const policies = [
    ...split(document.headers["content-security-policy"] ?? "", "header"),
    ...metas(document.body).flatMap((content) => split(content, "meta")),
  ];
  return policies.find(({ sources }) => !sources.some((source) => allows(source, page, address)));
}

/** Those that say where the page may connect to. */
const split = (policies: string, by: Refusal["by"]): Refusal[] =>
  policies.split(",").flatMap((policy) => {
    const directives = policy.split(";").map((directive) => directive.trim().split(/\s+/));
    const named = (name: string) => directives.find(([first]) => first?.toLowerCase() === name);
    const [name, ...sources] = named("connect-src") ?? named("default-src") ?? [];
    return name === undefined ? [] : [{ by, sources }];
  });

const metas = (html: string): string[] =>
  [...html.matchAll(/<meta\b[^>]*>/gi)]
    .map(([tag]) => tag)
    .filter((tag) => /http-equiv\s*=\s*["']?content-security-policy["'\s>/]/i.test(tag))
    .map((tag) => {
      const [, double, single] = /\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag) ?? [];
      return (double ?? single ?? "")
        .replace(/&#0?39;|&#x27;|&apos;/gi, "'")
        .replace(/&amp;/g, "&");
    });

const HOST_SOURCE =
  /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*|(?:\*\.)?[\w.-]+|\[[^\]]+\])(?::(\d+|\*))?(\/.*)?$/i;

function allows(source: string, page: URL, address: URL): boolean {
  const lower = source.toLowerCase();
  if (lower === "*") return true;
  if (lower === "'self'")
    return page.hostname === address.hostname && portOf(page) === portOf(address);
  if (/^[a-z][a-z\d+.-]*:$/.test(lower)) return fits(lower, address.protocol);
  const [, scheme, host = "", port, path = "/"] = HOST_SOURCE.exec(source) ?? [];
  if (host === "" || lower.startsWith("'")) return false;
  const protocol = scheme === undefined ? page.protocol : `${scheme.toLowerCase()}:`;
  if (!fits(protocol, address.protocol)) return false;
  const isPort =
    port === "*" || (port === undefined ? address.port === "" : port === portOf(address));
  const { pathname } = address;
  const isPath = path.endsWith("/") ? pathname.startsWith(path) : pathname === path;
  return isPort && isPath && isHost(host.toLowerCase(), address.hostname);
}

const isHost = (host: string, name: string): boolean =>
  host === "*" || (host.startsWith("*.") ? name.endsWith(host.slice(1)) : host === name);

/** What is safer than it was allowed is allowed. */
const fits = (allowed: string, protocol: string): boolean =>
  allowed === protocol || `${allowed.slice(0, -1)}s:` === protocol;

const portOf = ({ port, protocol }: URL): string =>
  port === "" ? (/^(https|wss):$/.test(protocol) ? "443" : "80") : port;
