import { PRICES_PATH } from "@cryptovault/price-stream/protocol";

/** Where the gateway is, read from what a person typed. */
export type Target = {
  /** Whether TLS is spoken: `https` or `wss`. */
  secure: boolean;
  /** Name or address, an IPv6 address without its brackets. */
  host: string;
  port: number;
  /** The gateway's HTTP address, without a slash at its end: `https://prices.example`. */
  http: string;
  /** The stream of all assets: `wss://prices.example/ws/prices`. */
  stream: string;
  /** The asset that the address named: `/ws/prices/BTC`. */
  asset: string | undefined;
};

const STREAM = new RegExp(`^(.*?)${PRICES_PATH}(?:/([^/]+))?$`);

/** Whether an address has what would be dropped: a user, a query, a fragment. */
export const hasMore = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` !== "";
};

/** Reads `http(s)://` or `ws(s)://`, with or without `/ws/prices`. Undefined for what is neither. */
export function readTarget(text: string): Target | undefined {
  if (!/^(http|ws)s?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, host, port, pathname } = new URL(text);
  const secure = protocol === "https:" || protocol === "wss:";
  const path = pathname.replace(/\/+$/, "");
  const [, prefix = path, asset] = STREAM.exec(path) ?? [];
  const http = `${secure ? "https" : "http"}://${host}${prefix}`;
  return {
    secure,
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    http,
    stream: streamAt(http),
    asset,
  };
}

/** The stream of the gateway that has this HTTP address, without a slash at its end. */
export const streamAt = (http: string): string => `${http.replace("http", "ws")}${PRICES_PATH}`;

/** The same port, asked in plain HTTP. */
export function plainUrl({ http, port }: Target): string {
  const url = new URL(http);
  url.protocol = "http:";
  // Named, where it is the usual one of https.
  url.port = String(port);
  return url.href;
}

/** Whether a redirect from one to the other leads to the same page: to https, to www. or from it, or on the same host. */
export function isSameSite(one: string, other: string): boolean {
  const [from, to] = [new URL(one), new URL(other)];
  const isSame = from.hostname.replace(/^www\./, "") === to.hostname.replace(/^www\./, "");
  return (
    isSame && (from.protocol === to.protocol ? from.port === to.port : to.protocol === "https:")
  );
}

/** Whether a host can only be this machine: browsers trust it without TLS. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d+){3}|::1)$/.test(host);
