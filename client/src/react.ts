"use client";

export {
  type PriceWebSocketStatus,
  type UsePriceWebSocketOptions,
  usePriceWebSocket,
} from "./react/price-websocket.ts";
export { usePrice, usePrices, useStreamStatus } from "./react/prices.ts";
export {
  PriceStreamProvider,
  type PriceStreamProviderProps,
  usePriceStream,
} from "./react/provider.ts";
