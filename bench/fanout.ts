/**
 * What it costs to bring prices to many clients, beside others. What is measured, and how to read it:
 * docs/performance.md.
 */
import { parseArgs } from "node:util";
import { installPeers } from "./common/install.ts";
import { tooFewFiles } from "./fanout/files.ts";
import { play, type Run, type Setup } from "./fanout/measure.ts";
import {
  crowdTable,
  head,
  perFrameTable,
  profileTable,
  type Rounds,
  toJson,
} from "./fanout/report.ts";
import { crowd, perFrame, type ServerName } from "./fanout/scene.ts";
import { twoCores } from "./fanout/talk.ts";

const { values: options } = parseArgs({
  options: {
    /** One JSON object instead of the tables. */
    json: { type: "boolean", default: false },
    /** Without Socket.IO, which is not installed then. */
    "no-peers": { type: "boolean", default: false },
    /** Also shows where the gateway's time goes. */
    profile: { type: "boolean", default: false },
    runs: { type: "string", default: "5" },
    /** How many get frames from each of the servers, and how many then from the gateway. */
    clients: { type: "string", default: "2000" },
    crowd: { type: "string", default: "10000" },
    /** How long to measure in each run. */
    seconds: { type: "string", default: "10" },
  },
});
const clients = Number(options.clients);
const everybody = crowd(Number(options.crowd));
const cores = twoCores();
const setup: Setup = { cores, windowMs: Number(options.seconds) * 1000, profiled: false };
const servers: ServerName[] = ["gateway", "net", "ws"];
if (!options["no-peers"]) servers.push("socketio");

const complaint = tooFewFiles(Math.max(clients, everybody.clients));
if (complaint) {
  console.error(complaint);
  process.exit(1);
}
if (!options["no-peers"]) installPeers();
const rounds: Rounds = Object.fromEntries(servers.map((server) => [server, []]));
const crowds: Run[] = [];
for (let round = 0; round < Number(options.runs); round++) {
  console.error(`Run ${round + 1} of ${options.runs}`);
  const first = round % servers.length;
  for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
    rounds[server]?.push(await play(perFrame(server, clients), setup));
  }
  crowds.push(await play(everybody, setup));
}

/** Standard output is for the object, where one is asked for. */
const say = options.json ? console.error : console.log;
say(head(cores, !options["no-peers"]));
say(perFrameTable(perFrame("gateway", clients), rounds));
say(crowdTable(everybody, crowds));
if (options.json) console.log(JSON.stringify(toJson(rounds, crowds)));
if (options.profile) {
  for (const scene of [perFrame("gateway", clients), everybody]) {
    const { selfTimes } = await play(scene, { ...setup, profiled: true });
    say(profileTable(scene, selfTimes));
  }
}
