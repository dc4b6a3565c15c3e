import type { Connection } from "../../sources/source.ts";
import type { LinkState, SourceEvent } from "../../types.ts";
import { type Runner, type RunnerOptions, startRunner } from "./runner.ts";

export type LinksOptions = Omit<RunnerOptions, "connection" | "frame" | "changed"> & {
  /** What each connection is to subscribe to, in an array of its own. Asked before each attempt. */
  shares(): Promise<string[][]>;
  connection(symbols: readonly string[]): Promise<Connection>;
  /** @param link index of the connection */
  frame(text: string, link: number): { event: SourceEvent; prices: number };
  /** One of the connections has changed. */
  changed(state: LinkState, reason: string): void;
};

export type Links = ReturnType<typeof startLinks>;

const WORST_FIRST: readonly LinkState[] = ["fatal", "down", "connecting", "open", "live"];

/** The connections of one source: as many as its symbols need, each kept alive by a runner. */
export function startLinks(options: LinksOptions) {
  const runners: Runner[] = [];
  let stopped = false;

  const start = (link: number): Runner =>
    startRunner({
      ...options,
      async connection() {
        const shares = await options.shares();
        while (!stopped && runners.length < shares.length) runners.push(start(runners.length));
        return options.connection(shares[link] ?? []);
      },
      frame: (text) => options.frame(text, link),
    });
  runners.push(start(0));

  return {
    /** State and reason are those of the connection that fares worst; the numbers are sums. */
    stats() {
      const all = runners.map((runner) => runner.stats());
      const worst = WORST_FIRST.find((state) => all.some((link) => link.state === state)) ?? "live";
      const at = all.findIndex(({ state }) => state === worst);
      const reason = all[at]?.reason ?? "";
      return {
        state: worst,
        reason: all.length > 1 ? `connection ${at + 1} of ${all.length}: ${reason}` : reason,
        connections: all.length,
        live: all.filter(({ state }) => state === "live").length,
        reconnects: all.reduce((sum, { reconnects }) => sum + reconnects, 0),
        rollovers: all.reduce((sum, { rollovers }) => sum + rollovers, 0),
      };
    },

    stop() {
      stopped = true;
      for (const runner of runners) runner.stop();
    },
  };
}
