import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { type Message, until } from "./client.ts";

/** A frame of the server as it came. */
export type RawFrame = {
  opcode: number;
  /** Whether the frame says that it is deflated. */
  deflated: boolean;
  payload: Buffer;
  /** Inflated by itself, without anything that came before. */
  text: string;
};

/**
 * A client that speaks WebSocket by hand, and reads all there is. It answers when asked for an echo, but no
 * ping and no close.
 */
export type RawClient = {
  socket: Socket;
  /** Status line and headers of the answer to the handshake. */
  answer: string;
  frames: RawFrame[];
  /** Resolves when the server has ended the connection. */
  ended: Promise<void>;
  /** The next text message that fits, looked for from the first on. */
  message(fits: (message: Message) => boolean): Promise<Message>;
  send(text: string, options?: { deflate?: boolean }): void;
};

const RSV1 = 0x40;
const SYNC_TAIL = Buffer.from([0, 0, 0xff, 0xff]);

export async function connectRaw(
  port: number,
  { path = "/ws/prices", extensions = "", protocol = "" } = {},
): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const ended = once(socket, "close").then(() => {});
  const request = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ...(extensions ? [`Sec-WebSocket-Extensions: ${extensions}`] : []),
    ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
  ];
  socket.write(`${request.join("\r\n")}\r\n\r\n`);
  const frames: RawFrame[] = [];
  let answer: string | undefined;
  let rest = Buffer.alloc(0);
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    const end = answer === undefined ? rest.indexOf("\r\n\r\n") : -1;
    if (end >= 0) {
      answer = rest.toString("latin1", 0, end);
      rest = rest.subarray(end + 4);
    }
    if (answer === undefined) return;
    for (let read = readFrame(rest); read; read = readFrame(rest)) {
      frames.push(read.frame);
      const { text } = read.frame;
      const { seq, echo } = text.startsWith("{") ? JSON.parse(text) : {};
      if (echo) socket.write(clientFrame(JSON.stringify({ type: "echo", seq })));
      rest = rest.subarray(read.length);
    }
  });
  await until(() => answer !== undefined);
  return {
    socket,
    answer: answer ?? "",
    frames,
    ended,
    async message(fits) {
      const messages = () =>
        frames.filter(({ opcode }) => opcode === 1).map(({ text }) => JSON.parse(text));
      await until(() => messages().some(fits));
      return messages().find(fits);
    },
    send: (text, options) => socket.write(clientFrame(text, options)),
  };
}

/** A masked text frame, as a client has to send it. */
export function clientFrame(text: string, { deflate = false } = {}): Buffer {
  const payload = deflate
    ? deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -SYNC_TAIL.length)
    : Buffer.from(text);
  const mask = randomBytes(4);
  const header =
    payload.length < 126
      ? Buffer.from([0, 0x80 | payload.length])
      : Buffer.from([0, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  header[0] = 0x81 | (deflate ? RSV1 : 0);
  return Buffer.concat([header, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

/** @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
function readFrame(bytes: Buffer): { frame: RawFrame; length: number } | undefined {
  const [first, code] = bytes;
  if (first === undefined || code === undefined) return undefined;
  const start = code < 126 ? 2 : code === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const size =
    code < 126 ? code : code === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + size) return undefined;
  const payload = bytes.subarray(start, start + size);
  const deflated = (first & RSV1) !== 0;
  const text = deflated
    ? inflateRawSync(Buffer.concat([payload, SYNC_TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
      }).toString()
    : payload.toString();
  return { frame: { opcode: first & 0x0f, deflated, payload, text }, length: start + size };
}
