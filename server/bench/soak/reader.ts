import { createMirror } from "@cryptovault/price-stream/mirror";
import {
  type ClientMessage,
  decodeServerMessage,
  encode,
  type Position,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import WebSocket from "ws";

/** A client of `cryptovault.v1.json` that holds what it is told. */
export type Reader = {
  socket: WebSocket;
  /** Resolves with the first price. */
  priced: Promise<void>;
  /** What a later connection can resume from. */
  position(): Position | undefined;
};

/** @param since what the client says that it holds from an earlier connection */
export function openReader(
  host: string,
  assets: "*" | string[],
  interval: number,
  since?: Position,
): Reader {
  const socket = new WebSocket(`ws://${host}/ws/prices`, [V1]);
  socket.on("error", () => {});
  const mirror = createMirror();
  const { promise: priced, resolve } = Promise.withResolvers<void>();
  const send = (message: ClientMessage) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(encode(message));
  };
  socket.on("message", (data) => {
    const message = decodeServerMessage(data.toString());
    if (message?.type === "hello") {
      mirror.hello(message);
      send({ type: "subscribe", assets, interval, ...(since ? { since } : {}) });
    }
    if (message?.type === "price_update" && mirror.update(message).length > 0) resolve();
    if (message?.type === "heartbeat") mirror.heartbeat(message);
    if ((message?.type === "price_update" || message?.type === "heartbeat") && message.echo) {
      send({ type: "echo", seq: message.seq });
    }
  });
  return { socket, priced, position: mirror.position };
}
