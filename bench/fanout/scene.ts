/** Who serves: a file in `servers/`. */
export type ServerName = "gateway" | "net" | "ws" | "socketio";

/** What one server does for how many. */
export type Scene = {
  server: ServerName;
  clients: number;
  /** Every client gets a frame so often, ms. */
  intervalMs: number;
  /** What the gateway knows, and what its clients want. The others send text that means nothing. */
  market: Market;
  /** Whether clients offer compression, as browsers do. */
  compressed: boolean;
};

export type Market = {
  assets: number;
  /** Assets whose price moves each second, one after the other. */
  movesPerS: number;
};

/** A server as its process holds it. */
export type Server = {
  port: number;
  /** Frames of data written to any client since the start. */
  sent(): number;
};

/** Bytes in a frame of those that can choose it, without the frame's header. */
export const PAYLOAD_BYTES = 300;

/** Text that begins with the time of its making, of exactly `bytes` bytes. */
export const timedText = (bytes: number): string => String(Date.now()).padEnd(bytes, ".");

/** What a frame costs, beside others: frames of about the size of theirs. */
export const perFrame = (server: ServerName, clients: number): Scene => ({
  server,
  clients,
  intervalMs: 100,
  // In each interval all of them move once.
  market: { assets: 9, movesPerS: 90 },
  compressed: false,
});

/** What a crowd of browsers costs this gateway. */
export const crowd = (clients: number): Scene => ({
  server: "gateway",
  clients,
  intervalMs: 1000,
  market: { assets: 2000, movesPerS: 200 },
  compressed: true,
});
