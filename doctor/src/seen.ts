/** What was seen, as plain facts: the observers write it, the checks judge it. */
import type { Target } from "./target.ts";
import type { Timing } from "./timing.ts";

/** Something was tried, and did not come to be. `TIMEOUT`: it was not there in time. */
export type Failure = { ok: false; ms: number; code: string; message: string };
/** Something was tried: how long it took, and what came of it. */
export type Attempt<Result> = ({ ok: true; ms: number } & Result) | Failure;

export type DnsSeen = Attempt<{ addresses: string[] }>;

export type TcpSeen = Attempt<{ address: string }>;

export type Certificate = {
  /** Names that it is for, as it writes them: `DNS:prices.example, DNS:*.prices.example`. */
  names: string;
  issuer: string;
  /** ms since 1970. */
  validFrom: number;
  validTo: number;
  /** How long before or after `validTo` it was seen, ms. */
  leftMs: number;
};

export type TlsSeen = Attempt<{
  certificate: Certificate;
  /** Why it is not to be trusted, in OpenSSL's words; undefined where it is. */
  distrust: string | undefined;
}>;

/** An HTTP answer; of a long body only its beginning. */
export type Answer = {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
};

export type HttpSeen = Attempt<Answer>;

/** How a handshake fails where the gateway knows none of the subprotocols that it was asked for. */
export const NO_SUBPROTOCOL = "NO_SUBPROTOCOL";

/** What came of asking for a WebSocket. */
export type Handshake =
  | { kind: "open"; ms: number; subprotocol: string }
  /** Answered by something other than 101. */
  | ({ kind: "answered"; ms: number } & Answer)
  | ({ kind: "failed" } & Omit<Failure, "ok">);

/** One WebSocket, from the handshake on. Times are ms since it opened. */
export type LineSeen = {
  handshake: Handshake;
  /** How long it was watched. */
  watchedMs: number;
  messages: number;
  /** Messages that mean nothing to who knows the contract. */
  unread: number;
  firstMs: number | null;
  lastMs: number | null;
  /** What the gateway complained of. */
  complaint: { code: string; message: string; hint: string } | null;
  /** Ended by the other side, or by the network: 1006. `isGarbled`: what came was no WebSocket any more. */
  end: { ms: number; code: number; reason: string; isGarbled: boolean } | null;
};

/** How updates of prices came. */
export type UpdatesSeen = {
  updates: number;
  firstMs: number | null;
  lastMs: number | null;
  /** The longest time between two of them. */
  gapMs: number;
};

/** One asset, as the updates told of it. */
export type AssetSeen = {
  price: string;
  /** Said to be old in the last update. */
  stale: boolean;
  /** How often its price was another than before. */
  changes: number;
  /** When that was for the last time, and for the last time but one, ms since the connection opened. */
  changedMs: number | null;
  changedBeforeMs: number | null;
};

export type PriceSeen = Pick<AssetSeen, "price" | "stale">;

/** How long after the times within, by the doctor's clock, updates came. Of a recording nobody can tell. */
export type LagSeen = {
  /** The promptest. */
  leastMs: number;
  /** How much later than that one the latest came. */
  heldMs: number;
};

/** Whether the prices are the market's. */
export type Label = "live" | "demo" | "replay";

export type StatusSeen = {
  /** When it came, since the connection opened. */
  ms: number;
  state: string;
  isRunning: boolean;
  assets: number;
  /** How long ago the newest price was received; null where it is not told. */
  ageMs: number | null;
};

export type PlainSeen = LineSeen & {
  label: Label;
  /** Subprotocols that the gateway says it knows besides. */
  protocols: readonly string[];
  prices: UpdatesSeen;
  /** The exchange that speaks for most assets. */
  source: string;
  status: StatusSeen | null;
  assets: ReadonlyMap<string, AssetSeen>;
  /** What is wrong with an update that can't be read. */
  unreadable: string | null;
  /** Asset → the first of its prices that was none, in an update that could be read. */
  none: ReadonlyMap<string, string>;
  /** In how many updates there were such. */
  noneUpdates: number;
  lag: LagSeen | null;
  /** The latest time in an update, ms since 1970 by the gateway's clock; null as above. */
  latest: number | null;
  /** The lag of the promptest `status`, which answers a question: its time can't be older than that. */
  statusLagMs: number | null;
};

export type V1Seen = LineSeen & {
  hello: { epoch: string; heartbeatMs: number } | null;
  /** The answer to the subscription. */
  snapshot: { ms: number; assets: number } | null;
  /** Updates that can't be read. */
  unreadable: number;
  /** Updates after that which changed a price. */
  prices: UpdatesSeen;
  /** As they were at the end. */
  assets: ReadonlyMap<string, PriceSeen>;
  /** How many of them have changed. */
  moved: number;
  lag: LagSeen | null;
};

export type IdleSeen = LineSeen & { heartbeatMs: number; heartbeats: number };

export type OriginSeen = LineSeen & { origin: string; isGreeted: boolean };

/** The line of the asset that the address names. */
export type SingleSeen = LineSeen & { asset: string; prices: number };

export type SseSeen = Attempt<Answer> & {
  /** ms since the answer, as the others. */
  firstMs: number | null;
  lastMs: number | null;
  watchedMs: number;
  events: number;
  /** Between two events at most so long; null where no hello told. */
  heartbeatMs: number | null;
  /** Whether what was asked for was answered. */
  isSubscribed: boolean;
  /** Those that have come, as they were at the end. */
  assets: ReadonlyMap<string, PriceSeen>;
  /** How much later than the promptest one the latest came, by the times within. */
  heldMs: number;
  endedMs: number | null;
};

/** What `GET /api/prices/{asset}` told, before and after the streams were watched. */
export type QuoteSeen = {
  asset: string;
  before: HttpSeen | undefined;
  after: HttpSeen | undefined;
};

/** The page, from the address that it was found at in the end. */
export type DocumentSeen = Attempt<Answer & { url: string }>;

/** An answer to a page of another origin; its body is left out. */
export type CorsSeen = { path: string; answer: HttpSeen };

/** All that the doctor looked at. What it had no reason to look at any more is undefined. */
export type Seen = {
  target: Target;
  /** URL of the page that shows the prices. */
  page: string | undefined;
  /** Assets that the operator cares for. */
  wanted: readonly string[];
  timing: Timing;
  /** The doctor's own, which is that of the SDK it was made with. */
  version: string;
  dns?: DnsSeen;
  tcp?: TcpSeen;
  tls?: TlsSeen;
  /** Whether plain HTTP is spoken at a port that was asked for TLS. */
  speaksHttp?: boolean;
  document?: DocumentSeen | undefined;
  live?: HttpSeen;
  /** When that came, ms since 1970. */
  liveAt?: number;
  /** Whether TLS is spoken at a port that was asked in plain HTTP. */
  speaksTls?: boolean;
  ready?: HttpSeen;
  health?: HttpSeen;
  /** The same, after the streams were watched. */
  healthAfter?: HttpSeen;
  /** How long after the first that was, ms. */
  healthMs?: number;
  plain?: PlainSeen;
  v1?: V1Seen;
  idle?: IdleSeen | undefined;
  single?: SingleSeen | undefined;
  origin?: OriginSeen | undefined;
  cors?: readonly CorsSeen[];
  sse?: SseSeen;
  quotes?: readonly QuoteSeen[];
};
