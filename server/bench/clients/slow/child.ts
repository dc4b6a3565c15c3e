import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Hub } from "../../../src/hub/hub.ts";

export type MarketOptions = {
  assets: number;
  /** So many of them get a new price, one after the other, every so often, ms. */
  moving: number;
  everyMs: number;
  /** How many times as fast as the wall clock the hub's clock is. */
  haste: number;
};

export type Report = ReturnType<Hub["stats"]> & {
  port: number;
  /** Bytes of memory of the server's process. */
  rss: number;
  prices: [asset: string, price: string][];
};

/** Else the heap of a market alone grows once more after 20 s, from 125 to 150 MiB, MiB. */
const STEADY_HEAP = "--max-semi-space-size=4";

/** Starts the server, whose memory is its own. */
export async function startServer(options: MarketOptions) {
  const file = fileURLToPath(new URL("./server.ts", import.meta.url));
  const child = fork(file, [JSON.stringify(options)], { execArgv: [STEADY_HEAP] });
  const told = async (): Promise<Report> => (await once(child, "message"))[0];
  const { port } = await told();

  const ask = (request: "report" | "freeze"): Promise<Report> => {
    const report = told();
    child.send(request);
    return report;
  };

  return {
    port,
    report: () => ask("report"),
    /** Ends the market, and tells its last prices. */
    freeze: () => ask("freeze"),
    async close() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}
