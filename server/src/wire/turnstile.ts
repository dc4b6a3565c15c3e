import type { IncomingMessage, RequestListener } from "node:http";
import type { Socket } from "node:net";

/**
 * One answer at a time on each connection: who sends requests ahead is cut. Each would be answered into memory,
 * a few bytes for a megabyte, and an upgrade would write into an answer that is under way. It stands before
 * everything else, since malformed requests see no hooks.
 */
export function createTurnstile(handler: RequestListener) {
  const busy = new WeakSet<Socket>();
  return {
    handle(...[request, response]: Parameters<RequestListener>) {
      const { socket } = request;
      if (busy.has(socket) || !socket.writable) return void socket.destroy();
      busy.add(socket);
      response.once("close", () => busy.delete(socket));
      handler(request, response);
    },

    /** Other offers than WebSocket, as of HTTP/2, are left unanswered: the request goes on as it is. */
    mayUpgrade: ({ socket, headers }: IncomingMessage): boolean =>
      !busy.has(socket) && headers.upgrade?.toLowerCase() === "websocket",
  };
}
