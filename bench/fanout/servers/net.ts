import { createServer, type Socket } from "node:net";
import { textFrame } from "../../../server/src/hub/frame.ts";
import { PAYLOAD_BYTES, type Scene, type Server, timedText } from "../scene.ts";
import { listen } from "./listen.ts";

/** The floor: one Buffer, written to every socket. No handshake, nothing is read. */
export async function open({ intervalMs }: Scene): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  let sent = 0;
  setInterval(() => {
    const frame = textFrame(timedText(PAYLOAD_BYTES));
    for (const socket of sockets) socket.write(frame);
    sent += sockets.size;
  }, intervalMs);
  return { port: await listen(server), sent: () => sent };
}
