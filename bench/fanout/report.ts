import { createRequire } from "node:module";
import { aligned, machine, median } from "../common/table.ts";
import type { Run } from "./measure.ts";
import type { SelfTime } from "./profile.ts";
import type { Scene, ServerName } from "./scene.ts";

/** The same runs of each server, in turns: `rounds[n]` of one belongs to that of the others. */
export type Rounds = Partial<Record<ServerName, Run[]>>;

const PEERS = [
  { server: "net", key: "netLoop", name: "net, one Buffer to all", aim: 1.1 },
  { server: "ws", key: "ws", name: "ws, send to each", aim: 0.85 },
  { server: "socketio", key: "socketio", name: "Socket.IO, emit", aim: 0.7 },
] as const;

/** Our CPU time per frame divided by theirs, of each round; the median of all. */
function ratio(rounds: Rounds, peer: ServerName): number {
  const theirs = rounds[peer] ?? [];
  const ours = rounds.gateway ?? [];
  return median(ours.map((run, n) => run.cpuUsPerFrame / (theirs[n]?.cpuUsPerFrame ?? Number.NaN)));
}

const of = (runs: readonly Run[], figure: (run: Run) => number): number => median(runs.map(figure));

/** The one object of `--json`. */
export function toJson(rounds: Rounds, crowd: readonly Run[]): object {
  const peers = PEERS.filter(({ server }) => rounds[server]);
  const ratios = peers.map(({ server, key }) => [key, places(3, ratio(rounds, server))]);
  const figure = (digits: number, read: (run: Run) => number) => places(digits, of(crowd, read));
  return {
    ratios: Object.fromEntries(ratios),
    tenThousand: {
      cpuPercent: figure(2, ({ cpuPercent }) => cpuPercent),
      p50Ms: figure(1, ({ delays }) => delays.p50),
      p99Ms: figure(1, ({ delays }) => delays.p99),
      rssPerClientKiB: figure(2, ({ rssPerClientKiB }) => rssPerClientKiB),
      bytesPerClientPerS: figure(0, ({ bytesPerClientPerS }) => bytesPerClientPerS),
      loopP99Ms: figure(1, ({ loopP99Ms }) => loopP99Ms),
    },
    connectsPerS: figure(0, ({ connectsPerS }) => connectsPerS),
  };
}

/** What the figures were measured with, and how. */
export function head(cores: readonly [string, string] | undefined, peers: boolean): string {
  const versions = ["ws", ...(peers ? ["socket.io"] : [])].map(
    (name) => `${name} ${versionOf(name)}`,
  );
  return [
    [machine, ...versions].join(", "),
    cores
      ? `The server is kept on core ${cores[0]}, its clients on core ${cores[1]}.`
      : "Not kept on cores of their own: that takes taskset and two cores.",
    "The gateway's limits on connections and handshakes are lifted: all clients have one address.",
  ].join("\n");
}

const versionOf = (name: string): string =>
  createRequire(import.meta.url)(`${name}/package.json`).version;

export function perFrameTable(scene: Scene, rounds: Rounds): string {
  const row = (server: ServerName, name: string, aim: number | undefined) => {
    const runs = rounds[server];
    if (!runs) return [];
    return [
      [
        name,
        of(runs, ({ cpuUsPerFrame }) => cpuUsPerFrame).toFixed(2),
        of(runs, ({ bytesPerFrame }) => bytesPerFrame).toFixed(0),
        whole(of(runs, ({ framesPerS }) => framesPerS)),
        of(runs, ({ delays }) => delays.p99).toFixed(0),
        of(runs, ({ loadPercent }) => loadPercent).toFixed(0),
        ...(aim === undefined ? [] : against(ratio(rounds, server), 2, "≤", aim)),
      ],
    ];
  };
  return [
    `\n${whole(scene.clients)} clients, a frame each every ${scene.intervalMs} ms, not compressed`,
    ...aligned([
      ["", "CPU µs/frame", "bytes", "frames/s", "p99 ms", "clients' CPU %", "ours ÷ theirs", "aim"],
      ...row("gateway", "this gateway", undefined),
      ...PEERS.flatMap(({ server, name, aim }) => row(server, name, aim)),
    ]),
  ].join("\n");
}

export function crowdTable({ clients, intervalMs, market }: Scene, runs: readonly Run[]): string {
  const figure = (name: string, digits: number, read: (run: Run) => number) => [
    name,
    of(runs, read).toFixed(digits),
  ];
  const worst = (name: string, read: (run: Run) => number) => [
    name,
    String(Math.max(...runs.map(read))),
  ];
  const aimed = (name: string, digits: number, read: (run: Run) => number, ...aim: Aim) => [
    name,
    ...against(of(runs, read), digits, ...aim),
  ];
  const { assets, movesPerS } = market;
  return [
    `\n${whole(clients)} clients, a frame each every ${intervalMs} ms: ${whole(assets)} assets, ` +
      `${movesPerS} of which move each second, compressed`,
    ...aligned([
      ["", "measured", "aim"],
      aimed("server's CPU, % of a core", 1, ({ cpuPercent }) => cpuPercent, "≤", 15),
      figure("from encoding to receipt, ms: p50", 0, ({ delays }) => delays.p50),
      aimed("  p99", 0, ({ delays }) => delays.p99, "≤", 100),
      worst("  max of all runs", ({ delays }) => delays.max),
      figure("age of prices at receipt, ms: p50", 0, ({ ages }) => ages.p50),
      aimed("  p99", 0, ({ ages }) => ages.p99, "≤", intervalMs + 100),
      worst("  max of all runs", ({ ages }) => ages.max),
      figure("bytes per client and second", 0, ({ bytesPerClientPerS }) => bytesPerClientPerS),
      aimed("memory per client, KiB", 1, ({ rssPerClientKiB }) => rssPerClientKiB, "≤", 8),
      aimed("delay of the event loop, ms: p99", 1, ({ loopP99Ms }) => loopP99Ms, "≤", 20),
      aimed("connects per second", 0, ({ connectsPerS }) => connectsPerS, "≥", 2000),
      figure("clients' CPU, % of a core", 1, ({ loadPercent }) => loadPercent),
    ]),
  ].join("\n");
}

/** Where the server's time went: what is worth a line. */
export function profileTable({ clients }: Scene, selfTimes: readonly SelfTime[]): string {
  const rows = selfTimes.filter(({ percent }) => percent >= 1);
  return [
    `\nWhere the gateway's time goes with ${whole(clients)} clients, %`,
    ...aligned(rows.map(({ name, percent }) => [name, percent.toFixed(1)])),
  ].join("\n");
}

type Aim = [sign: "≤" | "≥", value: number];

/** Two cells: the figure, and what it should be. */
function against(value: number, digits: number, ...[sign, aim]: Aim): string[] {
  const isMet = sign === "≤" ? value <= aim : value >= aim;
  return [value.toFixed(digits), `${sign} ${aim}${isMet ? "" : ", missed"}`];
}

const places = (digits: number, value: number): number => Number(value.toFixed(digits));

const whole = (value: number): string => Math.round(value).toLocaleString("en");
