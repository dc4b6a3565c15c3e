import { clientErrors, httpErrors } from "../errors.ts";
import type { DataMode } from "../types.ts";
import type { Health } from "../wire/health.ts";
import { type Family, meanings, seconds, single, stateSet } from "./family.ts";

const statuses: Record<Health["status"], string> = {
  ok: "all is well",
  degraded: "clients get prices, but something needs a look",
  down: "clients get no fresh prices",
};

const modes: Record<DataMode, string> = {
  live: "the market",
  demo: "prices made up by the emulator",
  replay: "a recording",
};

const verdicts: Record<Health["probe"]["verdict"], string> = {
  pending: "not run yet",
  pass: "a price came",
  quiet: "the stream answers, and there is no fresh price to send",
  fail: "what clients should get does not come",
};

/** Counted from 0 on, so that the first refusal of a kind is seen as an increase. */
const refusalCodes = [
  ...Object.keys(httpErrors),
  ...Object.keys(clientErrors),
  "too_many_connections",
  "ping_unanswered",
  "bad_tls",
];

/** What the gateway says of itself as a whole, and what it sees as its own client. */
export const serviceFamilies: readonly Family[] = [
  {
    name: "price_stream_build_info",
    type: "gauge",
    help: "Always 1: the version of the gateway and of the Node.js that it runs on.",
    labels: ["version", "node"],
    samples: ({ version, node }) => [{ value: 1, labels: { version, node } }],
  },
  {
    name: "price_stream_mode",
    type: "gauge",
    help: `1 for where prices come from, 0 for the others. ${meanings(modes)}.`,
    labels: ["mode"],
    samples: ({ health }) => stateSet("mode", modes, health.mode),
  },
  {
    name: "price_stream_health_status",
    type: "gauge",
    help: `1 for the status that /health tells, 0 for the others. ${meanings(statuses)}.`,
    labels: ["status"],
    samples: ({ health }) => stateSet("status", statuses, health.status),
  },
  {
    name: "price_stream_ready",
    type: "gauge",
    help: "Whether /readyz lets clients come: 1 from the first price on, 0 while draining or when the probe gets nothing at all.",
    samples: ({ ready }) => single(ready ? 1 : 0),
  },
  {
    name: "price_stream_probe_verdict",
    type: "gauge",
    help: `1 for what the gateway last saw as its own client, 0 for the others. ${meanings(verdicts)}.`,
    labels: ["verdict"],
    samples: ({ health }) => stateSet("verdict", verdicts, health.probe.verdict),
  },
  {
    name: "price_stream_probe_age_seconds",
    type: "gauge",
    help: "Time since the last probe was over. A probe begins every 15 s.",
    samples: ({ health }) => single(seconds(health.probe.ageMs)),
  },
  {
    name: "price_stream_probe_first_price_seconds",
    type: "gauge",
    help: "From the last probe's connecting to its first price; absent where none came.",
    samples: ({ health }) => single(seconds(health.probe.firstPriceMs)),
  },
  {
    name: "price_stream_probe_messages",
    type: "gauge",
    help: "Messages that the last probe received.",
    samples: ({ health }) => single(health.probe.frames),
  },
  {
    name: "price_stream_certificate_remaining_seconds",
    type: "gauge",
    help: "Until the certificate is over, below 0 afterwards; absent where a proxy has it.",
    samples: ({ certificateLeftMs }) => single(seconds(certificateLeftMs)),
  },
  {
    name: "price_stream_refusals_total",
    type: "counter",
    help: "Clients and requests that were turned away, by the code that they were told.",
    labels: ["code"],
    samples: ({ health }) =>
      Object.entries({
        ...Object.fromEntries(refusalCodes.map((code) => [code, 0])),
        ...health.refused,
      }).map(([code, value]) => ({ value, labels: { code } })),
  },
];
