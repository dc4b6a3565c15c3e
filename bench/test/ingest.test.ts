import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const INGEST = fileURLToPath(new URL("../ingest.ts", import.meta.url));

it("brings every price of its frames to the book, and prints the ratios as one object", () => {
  const printed = execFileSync(
    process.execPath,
    [INGEST, "--json", "--no-peers", "--rounds", "1"],
    { encoding: "utf8" },
  );
  expect(JSON.parse(printed)).toEqual({ ratios: { jsonParse: expect.any(Number) } });
});
