import type { Price } from "../mirror.ts";
import { PLAIN } from "../protocol.ts";
import { openSocket, type WebSocketConstructor } from "../socket.ts";
import type { Transport, Wish } from "../transport.ts";
import { createPlainReader } from "./events.ts";
import { parseMessage } from "./messages.ts";

const GET_STATUS = JSON.stringify({ type: "get_status" });
/** A status also comes unasked, a pong only as an answer. */
const PING = JSON.stringify({ type: "ping" });

/**
 * The plain contract on a WebSocket, which every CryptoVault gateway has ever spoken.
 * @param shown all prices so far
 */
export const overPlain =
  (
    WebSocket: WebSocketConstructor,
    wish: () => Wish,
    shown: () => ReadonlyMap<string, Price>,
  ): Transport =>
  ({ url, token }, on) => {
    const read = createPlainReader(wish, shown);
    const ask = () => {
      socket.send(PING);
      return true;
    };
    // A browser that names subprotocols wants one of them answered.
    const protocols = token === undefined ? [] : [PLAIN, `bearer.${token}`];
    const socket = openSocket(WebSocket, url, protocols, on, (text) => {
      const { message, ignored } = parseMessage(text);
      if (ignored > 0) on.ignored(ignored);
      if (!message) return;
      on.event(read(message));
      if (message.type === "connection") socket.send(GET_STATUS);
    });
    // Everything comes anyway.
    return { wish() {}, ask, close: socket.close };
  };
