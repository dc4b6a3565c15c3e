import { type Family, single } from "./family.ts";

/** What clients are sent. */
export const hubFamilies: readonly Family[] = [
  {
    name: "price_stream_clients",
    type: "gauge",
    help: "Clients connected, by what they speak: plain or v1 (cryptovault.v1.json) over WebSocket, or sse. The gateway's own probe is not among them.",
    labels: ["contract"],
    samples: ({ health }) =>
      Object.entries(health.hub.contracts).map(([contract, value]) => ({
        value,
        labels: { contract },
      })),
  },
  {
    name: "price_stream_clients_limit",
    type: "gauge",
    help: "Clients that may be connected at the same time: --max-clients.",
    samples: ({ clientsLimit }) => single(clientsLimit),
  },
  {
    name: "price_stream_hub_groups",
    type: "gauge",
    help: "Groups of clients that share their frames.",
    samples: ({ health }) => single(health.hub.groups),
  },
  {
    name: "price_stream_hub_loops",
    type: "gauge",
    help: "Broadcast loops that run: one for each interval that clients asked for.",
    samples: ({ health }) => single(health.hub.loops),
  },
  {
    name: "price_stream_hub_last_frame_age_seconds",
    type: "gauge",
    help: "Time since the clients of a contract were last sent something, or since the first of them came. 0 where there are none.",
    labels: ["contract"],
    samples: ({ health }) =>
      Object.entries(health.hub.lastFrameAgeMs).map(([contract, ageMs]) => ({
        value: (ageMs ?? 0) / 1000,
        labels: { contract },
      })),
  },
  {
    name: "price_stream_hub_broadcasts_total",
    type: "counter",
    help: "Times that a group was sent something.",
    samples: ({ health }) => single(health.hub.broadcasts),
  },
  {
    name: "price_stream_hub_sent_frames_total",
    type: "counter",
    help: "Frames written to clients, the gateway's own probe included.",
    samples: ({ health }) => single(health.hub.frames),
  },
  {
    name: "price_stream_hub_sent_bytes_total",
    type: "counter",
    help: "Bytes of these frames, as written: after compression, before TLS.",
    samples: ({ health }) => single(health.hub.bytes),
  },
  {
    name: "price_stream_hub_conflations_total",
    type: "counter",
    help: "Times that a client was not sent what was due, since it had not read: it gets the newest prices later.",
    samples: ({ health }) => single(health.hub.skipped),
  },
  {
    name: "price_stream_hub_evictions_total",
    type: "counter",
    help: "Clients that were cut since they did not read for 30 s.",
    samples: ({ health }) => single(health.hub.evicted),
  },
];
