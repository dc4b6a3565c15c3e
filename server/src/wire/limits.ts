/** How much of the gateway anybody may take. */
export type Limits = {
  /** Streams in all, over WebSocket or server-sent events. */
  clients: number;
  /** Streams of one address; one IPv6 /64 counts as one. */
  clientsPerIp: number;
  /** Streams begun within one second, in all. */
  handshakesPerS: number;
  /** Streams begun within one second from one address. */
  handshakesPerIpPerS: number;
  /** Requests for prices or health within one second from one address. */
  requestsPerIpPerS: number;
  /** How many proxies stand in front and write X-Forwarded-For; with 0 the header is ignored. */
  trustedProxies: number;
  /** Whose pages may connect: `https://a.example`, `https://*.a.example`. All pages without it. */
  origins: readonly string[] | undefined;
  /** Frames, pings included, that a client may send within one second. */
  messagesPerS: number;
  /** Time to send the headers of a request, ms. */
  headersMs: number;
  assetsPerSubscription: number;
};

export const defaultLimits: Limits = {
  clients: 20_000,
  clientsPerIp: 500,
  handshakesPerS: 2500,
  handshakesPerIpPerS: 100,
  requestsPerIpPerS: 100,
  trustedProxies: 0,
  origins: undefined,
  messagesPerS: 20,
  headersMs: 10_000,
  assetsPerSubscription: 1000,
};

/** Whether a second that began at `start` is over at `now`. A clock that was set back begins anew. */
export const secondIsOver = (start: number, now: number): boolean =>
  now < start || now - start >= 1000;
