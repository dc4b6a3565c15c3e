/** Called with every frame: `chunk` holds it from `start` to `end`, until the call returns. */
export type OnFrame = (chunk: Buffer, start: number, end: number) => void;

/**
 * Finds the frames in the bytes of one socket by their headers alone. Copies nothing but the
 * beginning of a frame whose end has not come yet.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export function createScanner(onFrame: OnFrame): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (received) => {
    const chunk = rest ? Buffer.concat([rest, received]) : received;
    let start = 0;
    for (let end = endOf(chunk, start); end <= chunk.length; end = endOf(chunk, start)) {
      onFrame(chunk, start, end);
      start = end;
    }
    rest = start < chunk.length ? Buffer.from(chunk.subarray(start)) : undefined;
  };
}

/** The payload of a server's frame, which has no mask. */
export const payloadStart = (frame: Buffer): number => {
  const length = frame[1] ?? 0;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
};

/** Where the frame at `start` ends; beyond the chunk, if that is not known yet. */
function endOf(chunk: Buffer, start: number): number {
  if (start + 2 > chunk.length) return Number.POSITIVE_INFINITY;
  const short = chunk[start + 1] ?? 0;
  if (short < 126) return start + 2 + short;
  const header = short === 126 ? 4 : 10;
  if (start + header > chunk.length) return Number.POSITIVE_INFINITY;
  const length =
    short === 126 ? chunk.readUInt16BE(start + 2) : Number(chunk.readBigUInt64BE(start + 2));
  return start + header + length;
}
