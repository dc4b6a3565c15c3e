import type { Exchange } from "../../src/emulator/emulator.ts";
import type { Source } from "../../src/sources/source.ts";
import type { SourceEvent } from "../../src/types.ts";

/**
 * One row of the conformance suite: a source, and the frames that it must read. Rows are the exports
 * of the files in `cases`.
 */
export type SourceCase = {
  source: Source;
  /** Who speaks its dialect in the emulator. */
  exchange: Exchange;
  /** Frames as the documentation writes them, each with the name that it must be given. */
  documented: readonly { kind: SourceEvent["kind"]; frame: string }[];
  /** Real traffic, read where it lies, if it is there. */
  captures: readonly CapturedCase[];
};

export type CapturedCase = {
  /** Path below `shared/captures`, without ending: `cryptofeed/OKX`. */
  file: string;
  /**
   * The prices that a raw frame tells, read here without the source's help; undefined where the frame
   * is no ticker and must give none.
   */
  prices(raw: string): { symbol: string; price: string; time?: number }[] | undefined;
};
