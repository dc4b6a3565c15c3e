/** The process that serves, with its instruments. */
import { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { selfTimes } from "./profile.ts";
import type { Scene } from "./scene.ts";
import { answer, argument } from "./talk.ts";

/** How often the event loop is asked whether it is late, ms. */
const LOOP_RESOLUTION_MS = 10;

const servers = {
  gateway: () => import("./servers/gateway.ts"),
  net: () => import("./servers/net.ts"),
  ws: () => import("./servers/ws.ts"),
  socketio: () => import("./servers/socketio.ts"),
};

const scene: Scene = JSON.parse(argument());
const { open } = await servers[scene.server]();
const { port, sent } = await open(scene);
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
loop.enable();
const session = new Session();

const answers = {
  port: () => port,

  /** Sums since the start; the event loop's delay since the last reading. */
  reading() {
    const { user, system } = process.cpuUsage();
    // The histogram holds whole intervals.
    const loopP99Ms = Math.max(0, loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS);
    loop.reset();
    return {
      atMs: performance.now(),
      cpuUs: user + system,
      sent: sent(),
      rssKiB: process.memoryUsage.rss() / 1024,
      loopP99Ms,
    };
  },

  async profile() {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
  },

  /** Where the time went since `profile`. */
  async profiled() {
    const { profile } = await session.post("Profiler.stop");
    return selfTimes(profile);
  },
};
export type ServerAnswers = typeof answers;
answer(answers);
