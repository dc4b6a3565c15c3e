import { connect } from "node:net";
import type { Read } from "./reader.ts";
import { createScanner } from "./scanner.ts";

/** All sockets read into it, one after the other. */
const shared = Buffer.allocUnsafe(64 * 1024);

const END_OF_HEAD = "\r\n\r\n";

export type ClientOptions = {
  port: number;
  /** Opens the connection; undefined where bytes are all there is. */
  request: string | undefined;
  read(chunk: Buffer, start: number, end: number): Read;
  /** Called with every frame, and its bytes on the wire. */
  onFrame(read: Read, bytes: number): void;
  /** Called if the connection ends. */
  onEnd(error: Error): void;
};

/** One client on a bare socket. Resolves with its first prices; from then on it stays. */
export function openClient({ port, request, read, onFrame, onEnd }: ClientOptions): Promise<void> {
  let isOpen = request === undefined;
  return new Promise((resolve) => {
    const scan = createScanner((chunk, start, end) => {
      const frame = read(chunk, start, end);
      if (frame.reply) socket.write(frame.reply);
      if (frame.isUpdate) resolve();
      onFrame(frame, end - start);
    });
    const take = (chunk: Buffer) => {
      if (isOpen) return scan(chunk);
      const head = chunk.indexOf(END_OF_HEAD);
      if (!chunk.toString("latin1", 0, head).startsWith("HTTP/1.1 101")) {
        throw new Error(`refused: ${chunk}`);
      }
      isOpen = true;
      scan(chunk.subarray(head + END_OF_HEAD.length));
    };
    const socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: shared,
        callback(bytes) {
          take(shared.subarray(0, bytes));
          return true;
        },
      },
    });
    socket.on("error", onEnd);
    socket.on("close", () => onEnd(new Error("the server has ended a connection")));
    if (request) socket.write(request);
  });
}
