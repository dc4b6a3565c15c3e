import { createFrameReader, OPCODES } from "./frames.ts";

/** What a server says that takes an upgrade. */
const SWITCHED = "HTTP/1.1 101";

/** Listens on the raw socket to what a server sends: its head, then frames. */
export function createWiretap() {
  let head: Buffer | undefined = Buffer.alloc(0);
  let isClosed = false;
  let afterClose = 0;
  const read = createFrameReader(({ opcode }) => {
    if (isClosed) afterClose++;
    if (opcode === OPCODES.close) isClosed = true;
  });

  return {
    read(chunk: Buffer) {
      if (!head) return read(chunk);
      head = Buffer.concat([head, chunk]);
      // What comes with the head is put back into the socket by `ws`, and comes again.
      if (head.includes("\r\n\r\n") && head.toString("latin1").startsWith(SWITCHED)) {
        head = undefined;
      }
    },

    /** Frames that came after a close frame, when there must be none. */
    afterClose: () => afterClose,
  };
}
