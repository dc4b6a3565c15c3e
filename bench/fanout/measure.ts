import { setTimeout as sleep } from "node:timers/promises";
import type { LoadAnswers } from "./load/main.ts";
import type { Durations } from "./load/tally.ts";
import type { SelfTime } from "./profile.ts";
import type { Scene } from "./scene.ts";
import type { ServerAnswers } from "./server.ts";
import { start } from "./talk.ts";

const SERVER = new URL("server.ts", import.meta.url);
const LOAD = new URL("load/main.ts", import.meta.url);

/** Clients that come and go before anything is measured, so that all code has run before. */
const VISITORS = 100;
/** Things settle for so long whenever clients have come or gone, as a share of the window. */
const SETTLE = 0.2;

/** What one run of a scene has shown. Everything but memory and connects is of the window. */
export type Run = {
  framesPerS: number;
  /** On the wire, header included. */
  bytesPerFrame: number;
  bytesPerClientPerS: number;
  cpuUsPerFrame: number;
  /** Of one core. */
  cpuPercent: number;
  /** Of one core, for the process with the clients. */
  loadPercent: number;
  /** From a frame's encoding to its receipt. */
  delays: Durations;
  /** Ages of the prices at receipt. */
  ages: Durations;
  loopP99Ms: number;
  rssPerClientKiB: number;
  /** Up to the first prices of each. */
  connectsPerS: number;
  /** Where the server's time went, if that was asked for. */
  selfTimes: SelfTime[];
};

export type Setup = {
  /** Of the server and of the load, where they can be had. */
  cores: [string, string] | undefined;
  windowMs: number;
  /** Watches where the time goes, which costs some itself. */
  profiled: boolean;
};

/**
 * Plays one scene, server and load in processes of their own.
 * @throws Error where the clients did not get what the server has sent: its time would mean nothing
 */
export async function play(scene: Scene, { cores, windowMs, profiled }: Setup): Promise<Run> {
  await using server = start<ServerAnswers>(SERVER, scene, cores?.[0]);
  const port = await server.ask("port");
  const settle = () => sleep(SETTLE * windowMs);
  const come = (clients: number) =>
    start<LoadAnswers>(LOAD, { scene: { ...scene, clients }, port }, cores?.[1]);
  await using load = come(scene.clients);
  {
    await using visitors = come(Math.min(VISITORS, scene.clients));
    await visitors.ask("connectsPerS");
    await settle();
  }
  await settle();
  const empty = await server.ask("reading");

  const connectsPerS = await load.ask("connectsPerS");
  await settle();
  if (profiled) await server.ask("profile");
  const [before, loadBefore] = await Promise.all([server.ask("reading"), load.ask("reading")]);
  await sleep(windowMs);
  const [after, loadAfter] = await Promise.all([server.ask("reading"), load.ask("reading")]);
  const selfTimes = profiled ? await server.ask("profiled") : [];

  await settle();
  const { frames } = await load.ask("reading");
  const { sent } = await server.ask("reading");
  if (frames < after.sent - empty.sent || frames > sent - empty.sent) {
    throw new Error(`${scene.server} sent ${sent - empty.sent} frames, of which ${frames} arrived`);
  }

  const cpuUs = after.cpuUs - before.cpuUs;
  const framesSent = after.sent - before.sent;
  const ms = after.atMs - before.atMs;
  const bytes = loadAfter.bytes - loadBefore.bytes;
  const loadMs = loadAfter.atMs - loadBefore.atMs;
  return {
    framesPerS: framesSent / (ms / 1000),
    bytesPerFrame: bytes / (loadAfter.frames - loadBefore.frames),
    bytesPerClientPerS: bytes / (loadMs / 1000) / scene.clients,
    cpuUsPerFrame: cpuUs / framesSent,
    cpuPercent: cpuUs / ms / 10,
    loadPercent: (loadAfter.cpuUs - loadBefore.cpuUs) / loadMs / 10,
    delays: loadAfter.delays,
    ages: loadAfter.ages,
    loopP99Ms: after.loopP99Ms,
    rssPerClientKiB: (after.rssKiB - empty.rssKiB) / scene.clients,
    connectsPerS,
    selfTimes,
  };
}
