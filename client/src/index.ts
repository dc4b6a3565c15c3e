export {
  createPriceStream,
  type PriceStream,
} from "./client.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { DataKind } from "./events.ts";
export type { Price } from "./mirror.ts";
export type { Provided, StreamOptions } from "./options.ts";
export type { WebSocketConstructor, WebSocketLike } from "./socket.ts";
export type { Diagnostics, LinkState, StreamStatus } from "./status.ts";
export type { TransportName } from "./transport.ts";
