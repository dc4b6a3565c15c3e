export { createPriceStream, type PriceStream, type StreamStatus } from "./client.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { LinkState } from "./link.ts";
export type { StreamOptions } from "./options.ts";
export type { DataKind } from "./plain.ts";
export type { WebSocketConstructor, WebSocketLike } from "./socket.ts";
export type { Price } from "./store.ts";
