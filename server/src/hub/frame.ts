import { constants, deflateRawSync } from "node:zlib";

/** How messages become bytes that can be written to any number of clients of one transport. */
export type Encoding = {
  /** Tells groups apart: clients of different encodings share no bytes. */
  name: string;
  /** @param seq the position of a client that has read these messages */
  encode(messages: readonly string[], seq: number): Buffer;
};

/** WebSocket frames as they are. */
export const plainFrames: Encoding = {
  name: "ws",
  encode: (messages) => joined(messages.map(textFrame)),
};

/** WebSocket frames, deflated where that is worth it: for clients with permessage-deflate. */
export const deflatedFrames: Encoding = {
  name: "ws-deflate",
  encode: (messages) =>
    joined(
      messages.map((text) =>
        text.length < WORTH_DEFLATING ? textFrame(text) : deflatedFrame(text),
      ),
    ),
};

/**
 * Server-sent events, each with the position that a client resumes from.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const serverSentEvents = (epoch: string): Encoding => ({
  name: "sse",
  encode: (messages, seq) =>
    Buffer.from(messages.map((text) => `id: ${epoch}:${seq}\ndata: ${text}\n\n`).join("")),
});

/** Shorter messages stay as they are: deflating them costs more than it saves, in characters. */
const WORTH_DEFLATING = 512;

const FINAL_TEXT = 0x81;
/** Set on the first byte of a frame that is deflated. */
const RSV1 = 0x40;
/** A sync flush ends with an empty block, which RFC 7692 has the sender leave out, bytes. */
const SYNC_TAIL = 4;

/**
 * One unfragmented text frame as a server sends it.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerLength(length);
  const frame = Buffer.allocUnsafe(header + length);
  writeHeader(frame, FINAL_TEXT, length);
  frame.write(text, header);
  return frame;
}

/**
 * The same with permessage-deflate, without context of earlier frames, so that any client with the
 * extension can read it.
 * @see https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1
 */
function deflatedFrame(text: string): Buffer {
  const deflated = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  const length = deflated.length - SYNC_TAIL;
  const header = headerLength(length);
  const frame = Buffer.allocUnsafe(header + length);
  writeHeader(frame, FINAL_TEXT | RSV1, length);
  deflated.copy(frame, header, 0, length);
  return frame;
}

const headerLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

function writeHeader(frame: Buffer, firstByte: number, length: number) {
  const header = headerLength(length);
  frame[0] = firstByte;
  if (header === 2) frame[1] = length;
  if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  }
  if (header === 10) {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}

const joined = ([first, ...others]: Buffer[]): Buffer => {
  if (!first) return Buffer.alloc(0);
  return others.length === 0 ? first : Buffer.concat([first, ...others]);
};
