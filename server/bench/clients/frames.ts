import { randomBytes } from "node:crypto";
import { constants, inflateRawSync } from "node:zlib";

export const OPCODES = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** What a sender of permessage-deflate leaves out of each message. */
const DEFLATE_TAIL = Buffer.from([0, 0, 0xff, 0xff]);

export type Frame = { opcode: number; isDeflated: boolean; payload: Buffer };

/**
 * Cuts what a server sends into frames, which are never masked and here never fragmented.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export function createFrameReader(onFrame: (frame: Frame) => void) {
  let rest: Buffer = Buffer.alloc(0);

  /** @returns the first frame and its length, undefined until all of it is there */
  const first = (): { frame: Frame; length: number } | undefined => {
    const [byte = 0, short = 0] = rest;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < header) return undefined;
    const long = () => (header === 4 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2)));
    const length = header + (header === 2 ? short : long());
    if (rest.length < length) return undefined;
    const payload = rest.subarray(header, length);
    return { frame: { opcode: byte & 0xf, isDeflated: (byte & 0x40) !== 0, payload }, length };
  };

  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let next = first(); next; next = first()) {
      rest = rest.subarray(next.length);
      onFrame(next.frame);
    }
  };
}

export const textOf = ({ isDeflated, payload }: Frame): string =>
  (isDeflated
    ? inflateRawSync(Buffer.concat([payload, DEFLATE_TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
      })
    : payload
  ).toString();

/** A frame as a client sends it. Its payload is shorter than 64 KiB. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  const masked = payload.map((byte, place) => byte ^ (mask[place % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, mask, masked]);
}
