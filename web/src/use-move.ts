import { useState } from "react";

export type Move = {
  /** Against the price before; undefined for the first. */
  readonly direction: "up" | "down" | undefined;
  /** How many there have been: another number is another move. */
  readonly count: number;
};

/** How `price`, a decimal string, has moved last. */
export function useMove(price: string | undefined): Move {
  const [last, setLast] = useState<Move & { price: string | undefined }>({
    price,
    direction: undefined,
    count: 0,
  });
  if (last.price === price) return last;
  const known = last.price !== undefined && price !== undefined;
  const rose = Number(price) > Number(last.price);
  const direction = known ? (rose ? "up" : "down") : undefined;
  const next = { price, direction, count: last.count + 1 } as const;
  setLast(next);
  return next;
}
