import { expect, it } from "vitest";
import { createBook } from "../../src/book/book.ts";
import { plainFrames } from "../../src/hub/frame.ts";
import { createPlain } from "../../src/hub/plain.ts";
import { quoteOf } from "../support/quote.ts";

const STALE_MS = 60_000;
const MINUTE = 60_000;

it("leaves out what has been stale for five minutes, and nothing that is fresh, however long its price stands", () => {
  let now = 0;
  const book = createBook({ epoch: "e1", staleAfterMs: STALE_MS });
  const plain = createPlain({
    book,
    now: () => now,
    staleAfterMs: STALE_MS,
    mode: "live",
    isRunning: () => true,
  });
  const due = plain.all(plainFrames).open();
  const update = () => JSON.parse(due()(0, false).messages[0] ?? "{}");

  book.put(quoteOf("bitcoin", "97000.5"), now);
  book.put(quoteOf("usd-coin", "1.0000"), now);
  for (now = 0; now <= 7 * MINUTE; now += MINUTE / 2) {
    book.put(quoteOf("usd-coin", "1.0000", { receivedAt: now }), now);
    book.sweep(now);
    expect(update().prices).toHaveProperty("usd-coin", "1.0000");
    expect("bitcoin" in update().prices).toBe(now <= 6 * MINUTE);
    expect(update().stale).toEqual(now > MINUTE && now <= 6 * MINUTE ? ["bitcoin"] : []);
  }
});
