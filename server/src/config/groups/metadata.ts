import { z } from "zod";
import { defineGroup } from "../setting.ts";
import { secret } from "../values.ts";

/** What no exchange tells of assets. */
export const metadata = defineGroup({
  title: "Facts about assets",
  settings: {
    metadata: {
      value: z.enum(["auto", "off"], { error: "must be auto or off" }),
      flag: "--metadata <auto|off>",
      env: "PRICE_STREAM_METADATA",
      fallback: "auto",
      meaning: "whether to ask CoinGecko for market caps, volumes and ranks",
    },
    coingeckoKey: {
      value: secret.optional(),
      env: "COINGECKO_API_KEY",
      secret: true,
      meaning: "demo key for CoinGecko; without one its limit is that of your IP address",
    },
  },
});
