import { createServer } from "node:http";
import { PAYLOAD_BYTES, type Scene, type Server, timedText } from "../scene.ts";
import { listen } from "./listen.ts";

/** Name in a variable: the project is type-checked without the libraries to measure against. */
const SOCKET_IO: string = "socket.io";

/** What is used of Socket.IO. */
type SocketIo = {
  Server: new (
    server: object,
    options: object,
  ) => {
    emit(event: string, text: string): void;
    sockets: { sockets: ReadonlyMap<string, unknown> };
  };
};

/** What Socket.IO puts around a text: `42["p","…"]`. */
const ENVELOPE_BYTES = 9;

/** Socket.IO with all that makes it slow switched off: no polling, no compression. */
export async function open({ intervalMs }: Scene): Promise<Server> {
  const { Server }: SocketIo = await import(SOCKET_IO);
  const server = createServer();
  const io = new Server(server, {
    transports: ["websocket"],
    perMessageDeflate: false,
    serveClient: false,
  });
  let sent = 0;
  setInterval(() => {
    io.emit("p", timedText(PAYLOAD_BYTES - ENVELOPE_BYTES));
    sent += io.sockets.sockets.size;
  }, intervalMs);
  return { port: await listen(server), sent: () => sent };
}
