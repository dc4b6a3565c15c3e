import { z } from "zod";

/**
 * The contract with clients (`client/src/protocol.ts`) as checks: fields may be added to it, none may
 * be missing or of another type.
 */
const time = z.iso.datetime();
const price = z.string().regex(/^(?=.*[1-9])\d+(\.\d+)?$/, "is no price");
const ids = z.array(z.string());
const labelled = { timestamp: time, demo: z.literal(true) };
const derived = z.object({ price, quote: z.string(), rate: price });

const message = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("connection"),
    status: z.literal("connected"),
    message: z.string(),
    ...labelled,
  }),
  z.object({
    type: z.literal("price_update"),
    prices: z.record(z.string(), price),
    source: z.string(),
    stale: ids,
    quoted: z.record(z.string(), ids).optional(),
    derived: z.record(z.string(), ids).optional(),
    ...labelled,
  }),
  z.object({
    type: z.literal("status"),
    state: z.enum(["connecting", "connected", "stale"]),
    source: z.string().nullable(),
    prices_cached: z.number().int().nonnegative(),
    is_running: z.boolean(),
    last_update: time.nullable(),
    ...labelled,
  }),
  z.object({
    type: z.literal("price"),
    symbol: z.string(),
    price,
    quote: z.string(),
    source: z.string(),
    stale: z.boolean(),
    last_update: time,
    exchange_time: time.optional(),
    derived: derived.optional(),
    ...labelled,
  }),
  z.object({ type: z.literal("keep_alive"), ...labelled }),
  z.object({ type: z.literal("pong"), ...labelled }),
  z.object({
    type: z.literal("error"),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    ...labelled,
  }),
]);

/** A message of the gateway that keeps to the contract. */
export type Checked = z.infer<typeof message>;

const list = z.object({
  epoch: z.string(),
  seq: z.number().int(),
  assets: z.array(
    z.object({
      id: z.string(),
      price: price.nullable(),
      quote: z.string().nullable(),
      source: z.string().nullable(),
      stale: z.boolean(),
      exchangeTime: time.nullable(),
      receivedAt: time.nullable(),
      derived: derived.nullish(),
    }),
  ),
  ...labelled,
});

/** The body of `GET /api/prices`. */
export type CheckedList = z.infer<typeof list>;

/** @throws Error that says what is out of contract */
export const checkMessage = (text: string): Checked => message.parse(JSON.parse(text));

/** @throws Error that says what is out of contract */
export const checkList = (text: string): CheckedList => list.parse(JSON.parse(text));
