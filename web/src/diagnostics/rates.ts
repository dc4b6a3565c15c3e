import type { Diagnostics } from "@cryptovault/price-stream";

/** Counters of a stream, and when they were read: ms of any clock that never goes back. */
export type Reading = Pick<Diagnostics, "messages" | "bytes"> & { readonly at: number };

export type Rates = { readonly messagesPerS: number; readonly bytesPerS: number };

/** Rates are of so long: with prices once a second, a shorter time would show now 0 and now 2. */
const WINDOW_MS = 5000;

/** The readings that rates are made of, once `next` has come. */
export const withReading = (readings: readonly Reading[], next: Reading): readonly Reading[] => [
  ...readings.filter(({ at }) => next.at - at <= WINDOW_MS),
  next,
];

/** Between the first and the last reading; undefined while there is only one. */
export function ratesOf(readings: readonly Reading[]): Rates | undefined {
  const [first, last] = [readings.at(0), readings.at(-1)];
  if (!first || !last || last.at <= first.at) return undefined;
  const seconds = (last.at - first.at) / 1000;
  return {
    messagesPerS: (last.messages - first.messages) / seconds,
    bytesPerS: (last.bytes - first.bytes) / seconds,
  };
}
