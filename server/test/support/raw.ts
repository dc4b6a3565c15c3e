import { connect, type Socket } from "node:net";
import { constants, inflateRawSync } from "node:zlib";
import { until } from "./client.ts";

/** A request for the stream, with `headers` in place of the usual ones; undefined leaves one out. */
export function handshake(
  headers: Record<string, string | undefined> = {},
  line = "GET /ws/prices HTTP/1.1",
): string {
  const all = {
    Host: "gateway",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [line, ...lines, "", ""].join("\r\n");
}

export type FrameOptions = {
  final?: boolean;
  masked?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  reserved?: number;
  /** What the header says of the payload, where that is not its length. */
  claimed?: number;
};

/** A frame as a client sends it, right or wrong. */
export function frame(opcode: number, payload: string | Buffer = "", options: FrameOptions = {}) {
  const { final = true, masked = true, reserved = 0 } = options;
  const data = Buffer.from(payload);
  const length = options.claimed ?? data.length;
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  const header = Buffer.from([
    (final ? 0x80 : 0) | (reserved << 4) | opcode,
    (masked ? 0x80 : 0) | short,
  ]);
  const extended = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) extended.writeUInt16BE(length);
  if (short === 127) extended.writeBigUInt64BE(BigInt(length));
  const mask = Buffer.from(masked ? [0x12, 0x34, 0x56, 0x78] : []);
  const body = masked ? data.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : data;
  return Buffer.concat([header, extended, mask, body]);
}

/** What came back over one raw connection. */
export type Seen = {
  status: number | undefined;
  headers: Record<string, string>;
  /** Of an answer that is no upgrade. */
  body: string;
  messages: { type: string; code?: string }[];
  /** Pong frames; the message `pong` is another thing. */
  protocolPongs: number;
  /** Close code, 1005 for a close frame without one, and the reason with it. */
  code: number | undefined;
  reason: string;
};

export type Raw = {
  send(...parts: (string | Buffer)[]): void;
  seen(): Seen;
  /** When a close frame has come. The connection is destroyed then. */
  dismissed(): Promise<Seen>;
  /** When the gateway has ended the connection; rejects when it has not in time. */
  ended(timeoutMs?: number): Promise<Seen>;
  socket: Socket;
};

/** A TCP connection that keeps to no protocol but what the test writes; never closes by itself. */
export async function openRaw(port: number, ...parts: (string | Buffer)[]): Promise<Raw> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  let received = Buffer.alloc(0);
  socket.on("data", (data) => {
    received = Buffer.concat([received, data]);
  });
  socket.on("error", () => {});
  const over = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", resolve);
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const raw: Raw = {
    socket,
    send(...more) {
      socket.write(Buffer.concat(more.map((part) => Buffer.from(part))));
    },
    seen: () => read(received),
    async dismissed() {
      await until(() => read(received).code !== undefined);
      socket.destroy();
      return read(received);
    },
    async ended(timeoutMs = 3000) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        const problem = `the connection is still open after ${timeoutMs} ms`;
        timer = setTimeout(() => reject(new Error(problem)), timeoutMs);
      });
      await Promise.race([over, late]).finally(() => {
        clearTimeout(timer);
        socket.destroy();
      });
      return read(received);
    },
  };
  if (parts.length > 0) raw.send(...parts);
  return raw;
}

function read(received: Buffer): Seen {
  const end = received.indexOf("\r\n\r\n");
  const [line = "", ...lines] = received.subarray(0, Math.max(0, end)).toString().split("\r\n");
  const status = Number(line.split(" ")[1]) || undefined;
  const headers = Object.fromEntries(
    lines.map((text) => {
      const [name = "", ...value] = text.split(": ");
      return [name.toLowerCase(), value.join(": ")];
    }),
  );
  const rest = end < 0 ? Buffer.alloc(0) : received.subarray(end + 4);
  const seen: Seen = {
    status,
    headers,
    body: status === 101 ? "" : rest.toString(),
    messages: [],
    protocolPongs: 0,
    code: undefined,
    reason: "",
  };
  if (status === 101) readFrames(rest, seen);
  return seen;
}

/** Frames of a server, which are neither masked nor in parts. */
function readFrames(bytes: Buffer, seen: Seen) {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const short = bytes[at + 1] ?? 0;
    const header = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (at + header > bytes.length) return;
    const length =
      header === 4
        ? bytes.readUInt16BE(at + 2)
        : header === 10
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short;
    const payload = bytes.subarray(at + header, at + header + length);
    if (payload.length < length) return;
    if (opcode === 1) seen.messages.push(JSON.parse(textOf(payload, (bytes[at] ?? 0) & 0x40)));
    if (opcode === 10) seen.protocolPongs++;
    if (opcode === 8) {
      seen.code = length < 2 ? 1005 : payload.readUInt16BE(0);
      seen.reason = payload.subarray(2).toString();
    }
    at += header + length;
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2 */
const textOf = (payload: Buffer, deflated: number): string =>
  deflated
    ? inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]), {
        finishFlush: constants.Z_SYNC_FLUSH,
      }).toString()
    : payload.toString();
