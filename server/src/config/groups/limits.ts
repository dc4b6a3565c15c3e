import { defaultLimits } from "../../wire/limits.ts";
import { defineGroup } from "../setting.ts";
import { whole } from "../values.ts";

/** How much anybody may take. */
export const limits = defineGroup({
  title: "Limits",
  settings: {
    maxClients: {
      value: whole(1, 1_000_000),
      flag: "--max-clients <number>",
      env: "PRICE_STREAM_MAX_CLIENTS",
      fallback: String(defaultLimits.clients),
      meaning: "WebSocket connections and event streams in all",
    },
    maxClientsPerIp: {
      value: whole(1, 1_000_000),
      flag: "--max-clients-per-ip <number>",
      env: "PRICE_STREAM_MAX_CLIENTS_PER_IP",
      fallback: String(defaultLimits.clientsPerIp),
      meaning: "of these, from one address; of IPv6, from one /64",
    },
    maxHandshakes: {
      value: whole(1, 1_000_000),
      flag: "--max-handshakes <number>",
      env: "PRICE_STREAM_MAX_HANDSHAKES",
      fallback: String(defaultLimits.handshakesPerS),
      meaning: `new ones in a second; from one address at most ${defaultLimits.handshakesPerIpPerS}`,
    },
    maxRequestsPerIp: {
      value: whole(1, 1_000_000),
      flag: "--max-requests-per-ip <number>",
      env: "PRICE_STREAM_MAX_REQUESTS_PER_IP",
      fallback: String(defaultLimits.requestsPerIpPerS),
      meaning: "requests for prices or health in a second from one address",
    },
    maxAssets: {
      value: whole(1, 1_000_000),
      flag: "--max-assets <number>",
      env: "PRICE_STREAM_MAX_ASSETS",
      fallback: String(defaultLimits.assetsPerSubscription),
      meaning: "assets that one client may name in its subscription",
    },
    trustedProxies: {
      value: whole(0, 10),
      flag: "--trusted-proxies <hops>",
      env: "PRICE_STREAM_TRUSTED_PROXIES",
      fallback: String(defaultLimits.trustedProxies),
      meaning:
        "how many proxies stand in front: so many entries at the end of X-Forwarded-For are believed, else all clients behind a proxy count as one address",
    },
  },
});
