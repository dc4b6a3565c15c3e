import { V1 } from "../protocol/v1.ts";
import { openSocket, type WebSocketConstructor } from "../socket.ts";
import type { Transport } from "../transport.ts";
import { withoutAsset } from "../url.ts";
import { createV1Session, type Held } from "./session.ts";

/** The contract `cryptovault.v1.json` on a WebSocket. */
export const overV1 =
  (WebSocket: WebSocketConstructor, held: Held): Transport =>
  ({ url, token }, on) => {
    const session = createV1Session(held, on, (text) => socket.send(text));
    // A browser can't set a header, and a URL would be logged on the way.
    const protocols = token === undefined ? [V1] : [V1, `bearer.${token}`];
    const socket = openSocket(WebSocket, withoutAsset(url), protocols, on, session.received);
    return { wish: session.sync, ask: session.ask, close: socket.close };
  };
