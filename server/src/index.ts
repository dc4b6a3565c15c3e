/** What an author of a source needs, and who runs the gateway within a program. */
export { feedTiming } from "./config/config.ts";
export type { Pricing } from "./feed/price/quotes.ts";
export { type Gateway, type GatewayOptions, startGateway, type Upstream } from "./gateway.ts";
export { createLog } from "./log.ts";
export { sources } from "./sources/index.ts";
export { addTick, type Batch, bad, excerpt, isRecord, parseJson } from "./sources/reading.ts";
export {
  type Connection,
  type ConnectOptions,
  defineSource,
  type Listed,
  type Listing,
  type Source,
  type SourceFacts,
  type SourceLimits,
  type Ticket,
  type TicketOffice,
} from "./sources/source.ts";
export type { Endpoint, Instrument, Quote, Rejection, SourceEvent, Tick } from "./types.ts";
