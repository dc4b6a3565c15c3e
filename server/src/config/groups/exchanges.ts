import { z } from "zod";
import { defaultSources, sources } from "../../sources/index.ts";
import { maskedEndpoint } from "../endpoints.ts";
import { defineGroup } from "../setting.ts";
import { assetList, names } from "../values.ts";

const defaultNames = defaultSources.map(({ name }) => name);
const otherNames = sources.map(({ name }) => name).filter((name) => !defaultNames.includes(name));

/** Who is asked for prices, and of what. */
export const exchanges = defineGroup({
  title: "Exchanges and assets",
  settings: {
    sources: {
      value: names,
      flag: "--sources <names>",
      env: "PRICE_STREAM_SOURCES",
      fallback: defaultNames.join(","),
      meaning: `exchanges in order of preference; also ${otherNames.join(", ")}`,
    },
    assets: {
      value: assetList.optional(),
      flag: "--assets <names>",
      env: "PRICE_STREAM_ASSETS",
      meaning: "the only assets to take and to serve, by id or symbol: bitcoin,ETH",
    },
    sourceFile: {
      value: z.array(z.string()),
      flag: "--source-file <path>",
      env: "PRICE_STREAM_SOURCE_FILES",
      repeatable: true,
      meaning: "a module with an exchange of your own, the last in order unless --sources names it",
    },
    endpoint: {
      value: z.array(z.string()),
      flag: "--endpoint <name=url>",
      env: "PRICE_STREAM_ENDPOINTS",
      repeatable: true,
      masked: maskedEndpoint,
      meaning: "another address of an exchange: name=wss://…, or name.rest=https://…",
    },
  },
});
