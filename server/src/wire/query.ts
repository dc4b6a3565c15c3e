import {
  DEFAULT_INTERVAL_MS,
  INTERVAL_MS,
  LONGEST_NAME,
  type Position,
} from "@cryptovault/price-stream/protocol/v1";
import type { FastifyReply } from "fastify";
import type { Book } from "../book/book.ts";
import { type QueryErrorCode, queryErrors } from "../errors.ts";

/** The assets of `?assets=bitcoin,ETH`, all where left out; undefined for no list of names. */
export function readNames(value: unknown): "*" | string[] | undefined {
  if (value === undefined || value === "*") return "*";
  const names = String(value).split(",");
  return names.every(({ length }) => length > 0 && length <= LONGEST_NAME) ? names : undefined;
}

/** The interval of `?interval=1000`, ms; undefined for one that can't be had. */
export function readInterval(value: unknown): number | undefined {
  if (value === undefined) return DEFAULT_INTERVAL_MS;
  const interval = /^\d{1,5}$/.test(String(value)) ? Number(value) : -1;
  const { least, most } = INTERVAL_MS;
  return interval === 0 || (interval >= least && interval <= most) ? interval : undefined;
}

/** A position written as `<epoch>:<seq>`; undefined for anything else. */
export function readPosition(value: unknown): Position | undefined {
  const [, epoch, digits] = /^([^:]+):(\d+)$/.exec(String(value)) ?? [];
  const seq = Number(digits);
  return epoch !== undefined && Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}

/** Up to which seq of `book` a client that has been at `since` holds it: 0 for nothing that counts. */
export const heldSeq = (book: Book, since: Position | undefined): number =>
  since?.epoch === book.epoch && since.seq <= book.seq() ? since.seq : 0;

/** Says what is wrong with a query, and what to send. */
export const refuseQuery = (reply: FastifyReply, code: QueryErrorCode): FastifyReply =>
  reply.code(400).send({ error: { code, ...queryErrors[code] } });
