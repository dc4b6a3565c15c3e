import { encode, type SubscribeMessage, V1 } from "@cryptovault/price-stream/protocol/v1";
import { maskedFrame, OPCODES } from "../frames.ts";

/** What a client sends that asks for a stream and for all prices, without waiting for an answer. */
export const requestAll = (interval: number, deflate: boolean): Buffer => {
  const head = [
    "GET /ws/prices HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Sec-WebSocket-Protocol: ${V1}`,
    ...(deflate ? ["Sec-WebSocket-Extensions: permessage-deflate"] : []),
  ];
  const subscribe: SubscribeMessage = { type: "subscribe", assets: "*", interval };
  return Buffer.concat([
    Buffer.from(`${head.join("\r\n")}\r\n\r\n`),
    maskedFrame(OPCODES.text, Buffer.from(encode(subscribe))),
  ]);
};

/** Passes on what comes after the head of the answer. */
export function afterHead(read: (chunk: Buffer) => void): (chunk: Buffer) => void {
  let head: Buffer | undefined = Buffer.alloc(0);
  return (chunk) => {
    if (!head) return read(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const rest = head.subarray(end + 4);
    head = undefined;
    read(rest);
  };
}
