import type { Diagnostics, StreamStatus } from "@cryptovault/price-stream";

export type Hint = {
  readonly title: string;
  /** What to do. */
  readonly advice: string;
};

export type Situation = {
  readonly status: Pick<StreamStatus, "state" | "reason">;
  readonly figures: Pick<Diagnostics, "url" | "transport" | "isOpen" | "handshakeMs" | "lastError">;
  /** What the log tells, oldest first. */
  readonly log: readonly string[];
  readonly page: {
    /** As in `location.origin`. */
    readonly origin: string;
    readonly isOnline: boolean;
  };
};

/** What may be wrong, and what to do about it; the surest first. Empty while all is well. Pure. */
export function hintsFor(situation: Situation): Hint[] {
  const trouble = troubleIn(situation);
  return RULES.filter(({ holds }) => holds(situation, trouble)).map(({ title, advice }) => ({
    title,
    advice: typeof advice === "string" ? advice : advice(situation),
  }));
}

type Rule = {
  title: string;
  advice: string | ((situation: Situation) => string);
  /** @param trouble all that went wrong since the connection was well */
  holds(situation: Situation, trouble: string): boolean;
};

const PASS_ON =
  "A proxy has to pass the handshake on: nginx needs proxy_http_version 1.1 and the headers Upgrade and Connection.";

const RULES: readonly Rule[] = [
  {
    title: "This device is offline",
    advice: "The page connects by itself as soon as there is a network again.",
    holds: ({ page, status }) => !page.isOnline && status.state !== "live",
  },
  {
    title: "A page over https can't use ws://",
    advice:
      "Browsers block it as mixed content. Put TLS in front of the gateway, and name a wss:// address.",
    holds: ({ page, figures, status }) =>
      page.origin.startsWith("https:") &&
      figures.url.startsWith("ws:") &&
      status.state !== "live" &&
      status.state !== "stale",
  },
  {
    title: "The gateway refuses pages of this origin (3502)",
    advice: ({ page }) =>
      `Whoever runs it can let them in: start the gateway with ${page.origin} among its --origins. Then retry.`,
    holds: (_, trouble) => /Pages of this origin|code 3502|HTTP 403/.test(trouble),
  },
  {
    title: "There is no stream at this address (3500, 3501)",
    advice:
      "Prices are at /ws/prices, those of one asset at /ws/prices/BTC. A proxy must not rewrite the path.",
    holds: (_, trouble) =>
      /no stream at this path|no such asset|code 350[01]|HTTP 404/.test(trouble),
  },
  {
    title: "Too many connections from this address (429)",
    advice:
      "Close other tabs of this page; the next attempt comes by itself. Behind a proxy all visitors count as one address unless the gateway knows of it: --trusted-proxies.",
    holds: (_, trouble) => /HTTP 429/.test(trouble),
  },
  {
    title: "The gateway has no room, or is not there (503)",
    advice:
      "The next attempt comes by itself. Whoever runs the gateway can make room with --max-clients; a proxy also answers 503 while the gateway behind it is down.",
    holds: (_, trouble) => /HTTP 50[234]/.test(trouble),
  },
  {
    title: "The gateway is restarting (1012)",
    advice: "Nothing to do: the page comes back by itself.",
    holds: (_, trouble) => /is restarting|code 1012/.test(trouble),
  },
  {
    title: "The connection was made, and then nothing came",
    advice:
      "Something on the way holds the messages back: a proxy that buffers, an antivirus program that inspects, or a network that was left. Another network, or wss:// instead of ws://, often helps.",
    holds: ({ figures }, trouble) =>
      figures.handshakeMs !== null && /Nothing was heard/.test(trouble),
  },
  {
    title: "Nobody answers at this address",
    advice:
      "Neither yes nor no came back: a firewall drops it, or the host is wrong or down. Open the gateway's /health in another tab.",
    holds: ({ figures }, trouble) =>
      figures.handshakeMs === null && /Nothing was heard/.test(trouble),
  },
  {
    title: "Connected, but no price comes",
    advice:
      "The gateway itself has none: its /health tells which exchanges it reaches, and why not.",
    holds: ({ status }, trouble) =>
      /sent no price/.test(trouble) ||
      (status.state === "stale" && !/no asset/.test(status.reason)),
  },
  {
    title: "The handshake fails",
    advice: `Open the gateway's /health in another tab. If it doesn't load, the gateway is down. If it does, something on the way blocks WebSockets. ${PASS_ON} The page also tries server-sent events by itself.`,
    holds: ({ page }, trouble) => page.isOnline && /could not be made/.test(trouble),
  },
  {
    title: "No WebSocket gets through here",
    advice: `Prices come as server-sent events instead; the page goes on trying. ${PASS_ON}`,
    holds: ({ figures }) => figures.isOpen && figures.transport === "sse",
  },
  {
    title: "The plain contract, where a leaner one exists",
    advice:
      "Either the gateway is an old one, or a proxy drops the header Sec-WebSocket-Protocol: let it through.",
    holds: ({ figures }) => figures.isOpen && figures.transport === "plain",
  },
];

/** A connection that is well has overcome whatever was wrong before. */
function troubleIn({ status, figures, log }: Situation): string {
  if (status.state === "live" || status.state === "stale" || status.state === "closed") return "";
  const since = log.lastIndexOf("Connected to price stream") + 1;
  return [...log.slice(since), figures.lastError ?? "", status.reason].join("\n");
}
