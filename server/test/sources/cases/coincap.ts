import { coincapV2 as v2, coincap as v3 } from "../../../src/sources/coincap.ts";
import type { SourceCase } from "../case.ts";

const PRICES = '{"bitcoin":"6929.82","ethereum":"404.97"}';
const NOTICE =
  '{"data":{"message":"We are deprecating this version of the CoinCap API on March 31, 2025. Sign up for our new V3 API at https://pro.coincap.io/dashboard"},"timestamp":1744796832910}';

/** No frame was ever captured. */
export const coincap: SourceCase = {
  source: v3,
  exchange: "coincap",
  documented: [
    { kind: "ticks", frame: PRICES },
    { kind: "error", frame: "Unauthorized: missing API key" },
  ],
  captures: [],
};

export const coincapV2: SourceCase = {
  source: v2,
  exchange: "coincap-v2",
  documented: [
    { kind: "ticks", frame: PRICES },
    { kind: "error", frame: NOTICE },
  ],
  captures: [],
};
