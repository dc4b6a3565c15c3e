import type { Asset, Endpoint, Figures, Instrument, SourceEvent } from "../types.ts";

/**
 * The port of an exchange: a plain object without sockets, timers or state. Adding an exchange is
 * adding one file that exports one of these, and its row in `index.ts`.
 */
export type Source = {
  /** Its name on the wire, in flags and in logs: `binance`. */
  readonly name: string;
  readonly facts: SourceFacts;
  /** Asked for before each connection, where a REST call hands out the socket's address. */
  readonly ticket?: TicketOffice;
  /** Where the socket goes and what is sent there first. */
  connect(options: ConnectOptions): Connection;
  /** What one text frame says. Never throws. */
  read(frame: string): SourceEvent;
  readonly listing: Listing;
};

/** What is known of an exchange before connecting. */
export type SourceFacts = {
  /** Its public addresses. */
  readonly endpoint: Endpoint;
  /** Host names whose recorded traffic this source reads; old names too. */
  readonly hosts: readonly string[];
  /** `id`: its symbols are CoinCap ids. `symbol`: they are ticker symbols, which are not unique. */
  readonly naming: "id" | "symbol";
  /** Another door to the market of the source of this name: the two are no witnesses of each other. */
  readonly marketOf?: string;
  /** Environment variable of its API key, where it does not speak without one. */
  readonly keyVariable?: string;
  /** A socket that brings no price for so long is dead, whatever else it brings. In ms. */
  readonly silenceMs: number;
  /** The exchange cuts a connection at this age: it is replaced before. In ms. */
  readonly lifetimeMs?: number;
  /** Unless assets are chosen, it sends all there is on one connection, whatever `symbols` says. */
  readonly firehose?: boolean;
  /** What the exchange allows to one address and to one connection. */
  readonly limits?: SourceLimits;
  /** What to do where the exchange refuses the region (HTTP 451). */
  readonly regionHint?: string;
};

/** Each with the documentation that names it, in the source's file. */
export type SourceLimits = {
  /** Connection attempts in so many ms. */
  readonly connects?: Allowance;
  /** Messages that one connection may send in so many ms. */
  readonly messages?: Allowance;
  /** Subscriptions that one connection may hold; more are spread over several. */
  readonly symbolsPerConnection?: number;
};

/** At most `count` in `perMs`. */
export type Allowance = { readonly count: number; readonly perMs: number };

export type ConnectOptions = {
  endpoint: Endpoint;
  key: string | undefined;
  /** Symbols to subscribe to; sources that send everything pay no heed. */
  symbols: readonly string[];
  /** True where an operator chose assets: `symbols` is not everything there is. */
  selected: boolean;
  /** What the exchange handed out, where the source has a `ticket`. */
  ticket: Ticket | undefined;
};

export type Connection = {
  url: string;
  /** Frames to send, in this order. */
  send: string[];
  /** When to send them: once the socket is open (default), or at the exchange's `ready` frame. */
  sendOn?: "open" | "ready";
  /** A text frame that keeps the socket open, sent every so many ms. */
  keepAlive?: { everyMs: number; frame: string };
};

/** A REST call whose answer tells where the socket is. */
export type TicketOffice = {
  readonly method: "GET" | "POST";
  url(endpoint: Endpoint): string;
  /** Throws an Error that says what is wrong with the body. */
  read(body: unknown): Ticket;
};

export type Ticket = {
  /** The address with the token in it. */
  url: string;
  /** How often the exchange wants to hear from us, ms. */
  pingEveryMs: number;
};

/** The exchange's own list of what it trades. */
export type Listing = {
  url(endpoint: Endpoint, key: string | undefined): string;
  /** Reads the list's body. Throws an Error that says what is wrong with it. */
  read(body: unknown): Listed;
  /** Splits a symbol that the list does not have; undefined where the format tells nothing. */
  split(symbol: string): Instrument | undefined;
  /** What to subscribe to while the list cannot be reached. */
  readonly bundled: readonly string[];
  /** The list is one of assets with figures that grow old, and no subscription needs it. */
  readonly figures?: true;
};

export type Listed = {
  instruments: Instrument[];
  /** Names and ranks, where the list is of assets rather than of pairs. */
  assets?: Asset[];
  /** What such a list tells of each asset, by id. */
  figures?: ReadonlyMap<string, Figures>;
};

/** Gives a source its type. What somebody wrote outside of this folder is checked by `outside.ts`. */
export const defineSource = (source: Source): Source => source;
