import type { DataLabel } from "@cryptovault/price-stream/protocol";
import type { DataMode } from "../types.ts";

/** What a mode that is not live puts on every message. */
export const labelOf = (mode: DataMode): DataLabel =>
  mode === "demo" ? { demo: true } : mode === "replay" ? { replay: true } : {};
