import { coincap as source } from "../../../src/sources/coincap.ts";
import type { SourceCase } from "../case.ts";

/** No frame was ever captured. */
export const coincap: SourceCase = {
  source,
  exchange: "coincap",
  documented: [
    { kind: "ticks", frame: '{"bitcoin":"6929.82","ethereum":"404.97"}' },
    { kind: "error", frame: "Unauthorized: missing API key" },
  ],
  captures: [],
};
