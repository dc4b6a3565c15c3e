import { randomBytes } from "node:crypto";
import { PRICES_PATH } from "@cryptovault/price-stream/protocol";
import { createDoor } from "./door.ts";
import { createHttp, type HttpOptions } from "./http.ts";
import { ADMIN, expectOneStream, listen, PUBLIC } from "./listen.ts";
import { type SseOptions, serveSse } from "./sse.ts";
import { createAdmin } from "./status.ts";
import { renew, type Tls } from "./tls.ts";
import { serveWebSocket, type WebSocketOptions } from "./ws.ts";

export type Address = { host: string; port: number };

export type EdgeOptions = HttpOptions &
  Omit<WebSocketOptions & SseOptions, "admit"> & {
    /** Where everybody reaches the gateway, and where who runs it does, if that is to be another place. */
    at: Address;
    adminAt: Address | undefined;
  };

/**
 * Everything that listens.
 * @throws OperatorError where a port can't be had, or the certificate can't be used
 */
export async function openEdge(options: EdgeOptions) {
  const { at, adminAt, tls } = options;
  const secret = randomBytes(16).toString("hex");
  const http = await createHttp(options);
  const admit = createDoor({ ...options, probeSecret: secret });
  const sockets = serveWebSocket(http.server, { ...options, admit });
  const streams = serveSse(http, { ...options, admit });
  const admin = adminAt && createAdmin(options);
  const close = async () => {
    await Promise.all([sockets.close(), streams.close()]);
    await Promise.all([http.close(), admin?.close()]);
  };
  try {
    expectOneStream(http);
    const isSecure = tls !== undefined;
    const here = await listen(http, { ...at, isSecure, settings: PUBLIC });
    const there = adminAt && admin && (await listen(admin, { ...adminAt, settings: ADMIN }));
    return {
      ...here,
      adminUrl: there?.url,
      /** The stream, as the gateway's own probe reaches it, and what lets the probe in. */
      probe: { url: `${here.url.replace("http", "ws")}${PRICES_PATH}`, secret },
      renew: (next: Tls) => renew(http.server, next),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
