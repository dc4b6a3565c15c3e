import type { Price } from "./mirror.ts";
import type { DataLabel } from "./protocol.ts";
import type { TransportName } from "./transport.ts";

/** What the prices are: the live market, the emulator's, or a recording's. */
export type DataKind = "none" | "demo" | "replay";

/** What a message tells of prices. */
export type News = {
  /** All that there are now, by asset. One left out is priced no more, or not asked for any more. */
  prices: ReadonlyMap<string, Price>;
  /** Whose price is another than was told last, or none any more; without it that may be any. */
  changed?: readonly string[] | undefined;
  /** Names that were asked for → ids. */
  names?: Readonly<Record<string, string>> | undefined;
  /**
   * It follows others on the same connection, so that a changed price is a new one; after a gap it may
   * have changed at any time.
   */
  continuous?: boolean;
  /**
   * How long before the message the server had received a price, as far as the message tells, ms.
   * @param isFollowed what it was before is known from the same source: its change was seen
   */
  ageMs(price: Price, isFollowed: boolean): number | null | undefined;
};

/** What a message means, whatever contract it came by. What it does not tell is left out. */
export type StreamEvent = {
  label: DataKind;
  /** The first message: from now on a connection that is silent for longer is dead, ms. */
  silenceMs?: number;
  /** The server could be spoken to in a better way. */
  better?: TransportName | undefined;
  /** Why there are no fresh prices. */
  idle?: string | undefined;
  /** When the next price is due: in 10 s; in 10 s, if none was due yet; or at no certain time. */
  due?: "anew" | "still" | "never" | undefined;
  news?: News | undefined;
  /** The source that speaks for most assets. */
  source?: string | null | undefined;
  /** Age of the server's newest price when the message was sent, ms. */
  newestAgeMs?: number | undefined;
  complaint?: string | undefined;
  /** What was asked for is answered, so that more may be asked for. */
  isSettled?: boolean;
  /** It is the answer to a question. */
  isAnswer?: boolean;
};

export const labelOf = ({ demo, replay }: DataLabel): DataKind =>
  demo ? "demo" : replay ? "replay" : "none";
