/**
 * Counts, in what a client sends, the frames that leave a message unfinished. A WebSocket library tells
 * nothing of them before the message is whole, which it may never be. Reads headers and skips payloads.
 * @returns of each chunk, how many such frames begin in it
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export function createFragmentCounter() {
  /** Bytes to skip until the next header. */
  let skip = 0;
  /** How much of a header has been read, and what it said. */
  let at = 0;
  let lengthBytes = 0;
  let length = 0;

  return (chunk: Uint8Array): number => {
    let fragments = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (skip > 0) {
        const skipped = Math.min(skip, chunk.length - i);
        skip -= skipped;
        i += skipped - 1;
        continue;
      }
      const byte = chunk[i] ?? 0;
      if (at === 0) {
        if (byte < 0x80) fragments++;
        at = 1;
        continue;
      }
      if (at === 1) {
        const short = byte & 0x7f;
        lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
        length = lengthBytes > 0 ? 0 : short;
      } else {
        length = length * 256 + byte;
        lengthBytes--;
      }
      at = 2;
      if (lengthBytes > 0) continue;
      // Four bytes of mask, then the payload. A client that does not mask has been closed by then.
      skip = 4 + length;
      at = 0;
    }
    return fragments;
  };
}
