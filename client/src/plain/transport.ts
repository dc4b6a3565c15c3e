import { lengthOf, openSocket, type WebSocketConstructor } from "../socket.ts";
import type { Transport, Wish } from "../transport.ts";
import { createPlainReader } from "./events.ts";
import { parseMessage } from "./messages.ts";

const GET_STATUS = JSON.stringify({ type: "get_status" });

/** The plain contract on a WebSocket, which every CryptoVault gateway has ever spoken. */
export const overPlain =
  (WebSocket: WebSocketConstructor, wish: () => Wish): Transport =>
  ({ url }, on) => {
    const read = createPlainReader(() => wish().assets);
    const socket = openSocket(WebSocket, url, [], {
      opened: on.opened,
      closed: on.closed,
      received(data) {
        on.received(lengthOf(data));
        const { message, ignored } = parseMessage(data);
        if (ignored > 0) on.ignored(ignored);
        if (!message) return;
        on.event(read(message));
        if (message.type === "connection") socket.send(GET_STATUS);
      },
    });
    return {
      // Everything comes anyway.
      wish() {},
      ask() {
        socket.send(GET_STATUS);
        return true;
      },
      close: socket.close,
    };
  };
