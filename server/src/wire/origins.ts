/** Tells whether pages of `origin` may use the gateway. */
export type Origins = (origin: string | undefined) => boolean;

/**
 * The allow-list of origins: `https://a.example` is one, `https://*.a.example` all subdomains. Without a
 * list every origin is welcome. A request without an origin comes from no page, and always is.
 */
export function createOrigins(list: readonly string[] | undefined): Origins {
  if (!list) return () => true;
  const exact = new Set(list);
  const wild = list.filter((entry) => entry.includes("://*.")).map((entry) => entry.split("*"));
  return (origin) => {
    if (origin === undefined) return true;
    const asked = origin.toLowerCase();
    return (
      exact.has(asked) ||
      wild.some(
        ([scheme = "", domain = ""]) =>
          asked.length > scheme.length + domain.length &&
          asked.startsWith(scheme) &&
          asked.endsWith(domain),
      )
    );
  };
}

/** What a page of another host may read besides the body. */
const EXPOSED = { "access-control-expose-headers": "retry-after, etag" };

/** The page may live on another host: its origin may read what the stream would tell it. */
export function createCors(list: readonly string[] | undefined) {
  const allows = createOrigins(list);
  return (origin: string | undefined): Record<string, string> => {
    if (!list) return { "access-control-allow-origin": "*", ...EXPOSED };
    const allowed = origin !== undefined && allows(origin);
    return {
      vary: "origin",
      ...(allowed ? { "access-control-allow-origin": origin, ...EXPOSED } : {}),
    };
  };
}

/**
 * An entry of the list in the form in which browsers send an origin: in lower case, without a path and
 * without the usual port of the scheme. Undefined for what is no origin.
 */
export function originEntry(text: string): string | undefined {
  const entry = text.toLowerCase().replace(/\/$/, "");
  if (!/^[a-z][a-z\d+.-]*:\/\/(\*\.)?[^\s/*?#@]+$/.test(entry)) return undefined;
  const [, scheme, wild = "", rest] = /^(.*?:\/\/)(\*\.)?(.*)$/.exec(entry) ?? [];
  if (!URL.canParse(`${scheme}${rest}`)) return undefined;
  // As URL writes it: ü.example is xn--tda.example, and the usual port is left out.
  return `${scheme}${wild}${new URL(`${scheme}${rest}`).host}`;
}

/** Whether an entry lets in whoever has a domain under a top-level one: `https://*.com`. */
export const isTooWide = (entry: string): boolean =>
  /:\/\/\*\.(?!localhost(:|$))[^.:]+\.?(:\d+)?$/.test(entry);
