import { defineGroup } from "../setting.ts";
import { secret, text, whole } from "../values.ts";

/** What is for those who run the gateway. */
export const admin = defineGroup({
  title: "Health and metrics",
  settings: {
    adminPort: {
      value: whole(0, 65_535).optional(),
      flag: "--admin-port <number>",
      env: "PRICE_STREAM_ADMIN_PORT",
      meaning: "another port, for /metrics and health alone: keep it from the public",
    },
    adminHost: {
      value: text,
      flag: "--admin-host <address>",
      env: "PRICE_STREAM_ADMIN_HOST",
      fallback: "127.0.0.1",
      meaning: "address of that port",
    },
    adminToken: {
      value: secret.optional(),
      env: "PRICE_STREAM_ADMIN_TOKEN",
      keepsOut: true,
      secret: true,
      meaning: "lets in to /metrics on the public port: Authorization: Bearer TOKEN",
    },
  },
  conflicts: ({ textOf, howMany }) => [
    howMany("adminPort") < howMany("adminHost") && "--admin-host goes with --admin-port.",
    Number(textOf("adminPort")) === Number(textOf("port")) &&
      Number(textOf("port")) !== 0 &&
      "--admin-port and --port must differ.",
  ],
});
