/** Opcode of a close frame. */
const CLOSE = 0x8;
/** What a server says that takes an upgrade. */
const SWITCHED = "HTTP/1.1 101";

/**
 * Reads what a server sends on the raw socket, without looking into it: its head, then frames.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export function createWiretap() {
  let rest: Buffer = Buffer.alloc(0);
  let isOpen = false;
  let isClosed = false;
  let afterClose = 0;

  const skipHead = () => {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return;
    isOpen = rest.toString("latin1", 0, SWITCHED.length) === SWITCHED;
    // `ws` puts what came with the head back into the socket: it comes again.
    rest = Buffer.alloc(0);
  };

  /** @returns the length of the frame at the start of `rest`; undefined until all of it is there */
  const frameLength = (): number | undefined => {
    const short = (rest[1] ?? 0) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < header) return undefined;
    const payload =
      header === 2 ? short : header === 4 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    return rest.length < header + payload ? undefined : header + payload;
  };

  return {
    read(chunk: Buffer) {
      rest = Buffer.concat([rest, chunk]);
      if (!isOpen) skipHead();
      if (!isOpen) return;
      for (let length = frameLength(); length !== undefined; length = frameLength()) {
        if (isClosed) afterClose++;
        if (((rest[0] ?? 0) & 0xf) === CLOSE) isClosed = true;
        rest = rest.subarray(length);
      }
    },

    /** Frames that came after a close frame, when there must be none. */
    afterClose: () => afterClose,
  };
}
