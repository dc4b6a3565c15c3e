import { z } from "zod";
import type { SourceEvent, Tick } from "../types.ts";
import { addTick, type Batch, bad, excerpt } from "./reading.ts";
import type { Source } from "./source.ts";

const aFunction = z.custom((value) => typeof value === "function", "must be a function");
const text = z.string("must be a text").min(1, "is empty");
const address = (scheme: RegExp) => text.regex(scheme, `must match ${scheme}`);
const ms = z.number("must be a number of ms").positive("must be above 0");
const count = z.int("must be a whole number").positive("must be above 0");
const allowance = z.object({ count, perMs: ms }, "must be {count, perMs}");

const sourceShape = z.object(
  {
    name: text.regex(/^[a-z][a-z0-9-]*$/, "must be of lower-case letters, digits and dashes"),
    facts: z.object(
      {
        endpoint: z.object(
          { ws: address(/^wss?:\/\//), rest: address(/^https?:\/\//) },
          "must be {ws, rest}",
        ),
        hosts: z.array(text, "must be a list of host names"),
        naming: z.enum(["id", "symbol"], 'must be "id" or "symbol"'),
        silenceMs: ms,
        keyVariable: text.optional(),
        lifetimeMs: ms.optional(),
        marketOf: text.optional(),
        firehose: z.boolean("must be true or false").optional(),
        limits: z
          .object({
            connects: allowance.optional(),
            messages: allowance.optional(),
            symbolsPerConnection: count.optional(),
          })
          .optional(),
        regionHint: text.optional(),
      },
      "must be an object",
    ),
    ticket: z
      .object({
        method: z.enum(["GET", "POST"], 'must be "GET" or "POST"'),
        url: aFunction,
        read: aFunction,
      })
      .optional(),
    connect: aFunction,
    read: aFunction,
    listing: z.object(
      {
        url: aFunction,
        read: aFunction,
        split: aFunction,
        bundled: z.array(text, "must be a list of symbols"),
      },
      "must be an object",
    ),
  },
  "must be what defineSource returns",
);

const rejection = z.object({ reason: z.string(), detail: z.string() });
const what = z.string();

const eventShape = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("ticks"),
    ticks: z.array(z.unknown()),
    rejected: z.array(rejection),
  }),
  z.object({ kind: z.enum(["ack", "ready", "heartbeat"]) }),
  z.object({ kind: z.enum(["ignored", "unknown"]), what }),
  z.object({ kind: z.literal("reconnect"), reason: what }),
  z.object({
    kind: z.literal("error"),
    message: what,
    fatal: z.boolean(),
    symbols: z.array(text).optional(),
    retryAfterMs: ms.optional(),
  }),
  z.object({ kind: z.literal("bad"), rejection }),
]);

/** The last moment that a Date can hold, ms since 1970. */
const END_OF_TIME = 8.64e15;

const tickShape = z.object({
  symbol: text,
  open24h: z.string().optional(),
  change24h: z.number().optional(),
  baseVolume24h: z.string().optional(),
  quoteVolume24h: z.string().optional(),
  time: z.number().min(0).max(END_OF_TIME).optional(),
  sequence: z.number().optional(),
});

const isSource = (value: unknown): value is Source => sourceShape.safeParse(value).success;
const isEvent = (value: unknown): value is SourceEvent => eventShape.safeParse(value).success;
const isTick = (value: unknown): value is Tick => tickShape.safeParse(value).success;

const problemsOf = (expected: z.ZodType, value: unknown): string[] =>
  (expected.safeParse(value).error?.issues ?? []).map(({ path, message }) =>
    [path.join("."), message].join(" ").trim(),
  );

/**
 * Takes a source that somebody wrote outside of this folder, which no compiler need have checked.
 * @returns the source, made safe, or everything that is wrong with it
 */
export const readSource = (value: unknown): Source | { problems: string[] } =>
  isSource(value) ? safe(value) : { problems: problemsOf(sourceShape, value) };

/** The same source, whose mistakes end here: it does not throw, and no price is none. */
const safe = (source: Source): Source => ({
  ...source,
  read(frame) {
    try {
      return checked(source.read(frame));
    } catch (error) {
      const reason = error instanceof Error ? error.message : excerpt(error);
      return bad("wrong_type", `read threw ${reason}`);
    }
  },
  listing: {
    ...source.listing,
    split(symbol) {
      try {
        return source.listing.split(symbol);
      } catch {
        return undefined;
      }
    },
  },
});

function checked(said: unknown): SourceEvent {
  if (!isEvent(said)) return bad("wrong_type", `read: ${problemsOf(eventShape, said).join(", ")}`);
  if (said.kind !== "ticks") return said;
  const batch: Batch = { ticks: [], rejected: [...said.rejected] };
  for (const tick of said.ticks) {
    if (isTick(tick)) addTick(batch, tick, tick.price);
    else {
      const detail = `read: tick ${problemsOf(tickShape, tick).join(", ")}`;
      batch.rejected.push({ reason: "wrong_type", detail });
    }
  }
  return { kind: "ticks", ...batch };
}
