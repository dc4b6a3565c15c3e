import { constants, inflateRawSync } from "node:zlib";
import type { Meaning } from "./dialects.ts";
import { payloadStart } from "./scanner.ts";

/** What to do about a frame: `reply` is a frame ready to be written. */
export type Read = Meaning & { reply: Buffer | undefined };

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const COMPRESSED = 0x40;

/** Cut off by the sender of a compressed message. @see https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2 */
const DEFLATE_TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** So many different frames are remembered. Clients of one group get the same bytes at about the same time. */
const REMEMBERED = 16;

/**
 * Reads the frames of all clients. Each is inflated and parsed once: who gets the same bytes is known
 * to have got the same message, for the price of a comparison.
 * @throws Error where the server says goodbye
 */
export function createReader(readText: (text: string) => Meaning) {
  const known: { frame: Buffer; read: Read }[] = [];
  let oldest = 0;
  return (chunk: Buffer, start: number, end: number): Read => {
    for (const { frame, read } of known) {
      if (frame.length === end - start && chunk.compare(frame, 0, frame.length, start, end) === 0) {
        return read;
      }
    }
    const frame = Buffer.from(chunk.subarray(start, end));
    const read = readFrame(readText, frame);
    known[oldest] = { frame, read };
    oldest = (oldest + 1) % REMEMBERED;
    return read;
  };
}

function readFrame(readText: (text: string) => Meaning, frame: Buffer): Read {
  const first = frame[0] ?? 0;
  const payload = frame.subarray(payloadStart(frame));
  const opcode = first & 0x0f;
  if (opcode === CLOSE) throw new Error(`closed: ${payload.readUInt16BE()} ${payload.subarray(2)}`);
  if (opcode === PING) return { reply: clientFrame(PONG, payload) };
  if (opcode !== TEXT) throw new Error(`a frame of opcode ${opcode}`);
  const inflated = first & COMPRESSED ? inflate(payload) : payload;
  const meaning = readText(inflated.toString());
  const { answer } = meaning;
  return { ...meaning, reply: answer === undefined ? undefined : clientFrame(TEXT, answer) };
}

const inflate = (payload: Buffer): Buffer =>
  inflateRawSync(Buffer.concat([payload, DEFLATE_TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });

/** A short frame as a client sends it: masked, with zeros, which leaves the payload as it is. */
function clientFrame(opcode: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  if (body.length > 125) throw new Error("too long for a short frame");
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | body.length, 0, 0, 0, 0]), body]);
}
