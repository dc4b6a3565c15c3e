import { defineGroup } from "../setting.ts";
import { text, whole } from "../values.ts";

/** Where the gateway listens. */
export const listen = defineGroup({
  title: "Address and TLS",
  settings: {
    port: {
      value: whole(0, 65_535),
      flag: "--port <number>",
      env: "PORT",
      fallback: "8000",
      meaning: "port to listen on",
    },
    host: {
      value: text,
      flag: "--host <address>",
      env: "HOST",
      fallback: "0.0.0.0",
      meaning: "address to listen on",
    },
    tlsCert: {
      value: text.optional(),
      flag: "--tls-cert <file>",
      env: "PRICE_STREAM_TLS_CERT",
      meaning:
        "certificate chain (PEM), to speak TLS without a proxy in front; SIGHUP reads it again",
    },
    tlsKey: {
      value: text.optional(),
      flag: "--tls-key <file>",
      env: "PRICE_STREAM_TLS_KEY",
      meaning: "private key of that certificate (PEM)",
    },
  },
  conflicts: ({ howMany }) => [
    howMany("tlsCert", "tlsKey") === 1 &&
      "--tls-cert and --tls-key go together: TLS wants a certificate and its key.",
  ],
});
