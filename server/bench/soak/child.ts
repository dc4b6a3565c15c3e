import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Emulator } from "../../src/emulator/emulator.ts";

/** Where the gateway finds its exchanges. */
export type Exchanges = Pick<Emulator, "url" | "endpoints" | "coingecko">;

export type Request = "holdings" | "close";

const addresses = z.object({ port: z.number(), adminUrl: z.string() });
const holdings = z.object({
  heap: z.number(),
  buffers: z.number(),
  handles: z.number(),
  clients: z.number(),
});

/** What the gateway's process holds, after a collection of garbage. */
export type Holdings = z.infer<typeof holdings>;

/** As in production: see README. */
const FLAGS = ["--max-semi-space-size=4"];
/** A gateway that is closed has left nothing open, and so its process ends within this time, ms. */
const END_MS = 5000;

export type GatewayProcess = Awaited<ReturnType<typeof startGatewayProcess>>;

/** Starts the gateway in a process of its own. */
export async function startGatewayProcess({ url, endpoints, coingecko }: Exchanges) {
  const file = fileURLToPath(new URL("./gateway.ts", import.meta.url));
  const argument = JSON.stringify({ url, endpoints, coingecko });
  const child = fork(file, [argument], { execArgv: FLAGS });
  const gone = once(child, "exit");
  const told = async () => {
    const message = once(child, "message").then(([value]) => value);
    return Promise.race([
      message,
      gone.then(([code, signal]) => {
        throw new Error(`The gateway's process has ended: ${code ?? signal}`);
      }),
    ]);
  };
  const ask = (request: Request): Promise<unknown> => {
    const answer = told();
    child.send(request);
    return answer;
  };

  return {
    ...addresses.parse(await told()),
    holdings: async (): Promise<Holdings> => holdings.parse(await ask("holdings")),

    /** @returns whether the process ended by itself: it holds nothing open */
    async close(): Promise<boolean> {
      child.send("close" satisfies Request);
      const late = new AbortController();
      const inTime = await Promise.race([
        gone.then(() => true),
        sleep(END_MS, false, { signal: late.signal }).catch(() => false),
      ]);
      late.abort();
      if (!inTime) child.kill("SIGKILL");
      return inTime;
    },
  };
}
