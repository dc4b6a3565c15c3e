import { z } from "zod";
import type { SourceEvent } from "../types.ts";
import { addTick, type Batch, bad, excerpt, isRecord, type Source } from "./source.ts";

const aFunction = z.custom((value) => typeof value === "function", "must be a function");
const text = z.string("must be a text").min(1, "is empty");
const address = (scheme: RegExp) => text.regex(scheme, `must match ${scheme}`);
const ms = z.number("must be a number of ms").positive("must be above 0");
const count = z.int("must be a whole number").positive("must be above 0");
const allowance = z.object({ count, perMs: ms }, "must be {count, perMs}");

const shape = z.object(
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

/** Whether `value` has the shape of a source. */
const isSource = (value: unknown): value is Source => shape.safeParse(value).success;

/**
 * Takes a source that somebody wrote outside of this folder, which no compiler need have checked.
 * @returns the source, made safe, or everything that is wrong with it
 */
export function readSource(value: unknown): Source | { problems: string[] } {
  if (isSource(value)) return safe(value);
  const issues = shape.safeParse(value).error?.issues ?? [];
  return {
    problems: issues.map(({ path, message }) => [path.join("."), message].join(" ").trim()),
  };
}

/** The same source, whose mistakes end here: it does not throw, and no price is none. */
const safe = (source: Source): Source => ({
  ...source,
  read(frame) {
    try {
      return checked(source.read(frame));
    } catch (error) {
      return bad("wrong_type", `${source.name}.read threw ${error}`);
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

function checked(event: SourceEvent): SourceEvent {
  const said: unknown = event;
  if (!isRecord(said) || typeof said.kind !== "string") {
    return bad("wrong_type", `read returned no event, but ${excerpt(said)}`);
  }
  if (event.kind !== "ticks") return event;
  const batch: Batch = { ticks: [], rejected: [...event.rejected] };
  for (const { price, ...tick } of event.ticks) addTick(batch, tick, price);
  return { kind: "ticks", ...batch };
}
