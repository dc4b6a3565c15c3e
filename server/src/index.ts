/** What an author of a source needs, and who runs the gateway within a program. */
export { feedTiming } from "./config.ts";
export type { Pricing } from "./feed/price/quotes.ts";
export { type Gateway, type GatewayOptions, startGateway, type Upstream } from "./gateway.ts";
export { createLog } from "./log.ts";
export { sources } from "./sources/index.ts";
export {
  addTick,
  type Batch,
  bad,
  type Connection,
  type ConnectOptions,
  defineSource,
  excerpt,
  isRecord,
  type Listed,
  type Listing,
  parseJson,
  type Source,
  type SourceFacts,
  type SourceLimits,
  type Ticket,
  type TicketOffice,
} from "./sources/source.ts";
export type { Endpoint, Instrument, Quote, Rejection, SourceEvent, Tick } from "./types.ts";
