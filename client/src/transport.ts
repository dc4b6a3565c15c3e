import type { StreamEvent } from "./events.ts";

/** What the application asks for: ids, symbols whose ids are not known yet, and `"*"` for all there are. */
export type Wish = ReadonlySet<string>;

export type Address = {
  /** `ws:` or `wss:`. */
  url: string;
  token: string | undefined;
};

export type ConnectionEvents = {
  /** The connection stands; from now on the other end is to be heard. */
  opened(): void;
  /** Something came, so many characters long. */
  received(length: number): void;
  /** It means this. */
  event(event: StreamEvent): void;
  /** So much of it was of no use. */
  ignored(count: number): void;
  /**
   * The connection ended, or never came to be. Nothing comes after it.
   * @param retryAfterMs the server does not want to be asked again before
   */
  closed(code: number, reason: string, retryAfterMs?: number): void;
};

export type Connection = {
  /** The wish has changed. */
  wish(): void;
  /** Asks for a sign of life. @returns whether this connection can ask */
  ask(): boolean;
  /** Ends the connection. No event comes any more, not even one already under way. */
  close(): void;
};

export type TransportName = "v1" | "plain" | "sse";

/**
 * One way to get prices.
 * @throws whatever the platform throws, as for `ws:` on an `https:` page
 */
export type Transport = (address: Address, on: ConnectionEvents) => Connection;
