import { duration } from "../words.ts";
import { by, json, MEND_CERTIFICATE, readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { closed } from "./closed.ts";

/** Whether the gateway's process answers. */
export const http: Check = {
  name: "http",
  needs: ["tls"],
  diagnose({ live, speaksTls, target, plain, v1 }) {
    if (!live) return NOT_LOOKED;
    if (speaksTls) {
      return fail(
        `port ${target.port} speaks TLS, and was asked in plain`,
        `Use ${target.stream.replace(/^ws:/, "wss:")}: what listens at this port wants TLS.`,
      );
    }
    if (live.ok) {
      if (live.status === 200 && json(live.body) !== undefined) {
        return pass(`/livez answers 200${by(live)} (${duration(live.ms)})`);
      }
      const shut = closed(live, "/livez", { plain, v1 });
      if (shut) return shut;
      const { seen, mend } = readAnswer(live, "/livez", target);
      return fail(seen, mend);
    }
    if (live.code === "TIMEOUT") {
      return fail(
        `accepts the connection, but does not answer /livez within ${duration(live.ms)}`,
        "Try again in three minutes if the platform puts idle services to sleep; else restart the gateway: it hangs.",
      );
    }
    if (/CERTIFICATE_REQUIRED/.test(live.code)) {
      return fail(`wants a certificate of the client (${live.code})`, MEND_CERTIFICATE);
    }
    if (live.code.startsWith("HPE_")) {
      return fail(
        `what answers at port ${target.port} is not HTTP (${live.code})`,
        "Check the port: another service listens there.",
      );
    }
    return fail(
      `the connection ends without an answer to /livez (${live.code}: ${live.message})`,
      "Look at the log of what listens there, the gateway or a proxy: it takes connections and drops them.",
    );
  },
};
