import WebSocket from "ws";

/** What happens on a socket. After `closed` or `refused` nothing more comes. */
export type SocketEvents = {
  opened(): void;
  text(frame: string): void;
  /** The exchange answered the upgrade with an HTTP status instead of 101. */
  refused(status: number, retryAfterMs: number | undefined): void;
  /** The connection ended, or never came to be. */
  closed(reason: string): void;
};

export type Socket = {
  send(text: string): void;
  /** Cuts the connection at once. */
  destroy(): void;
};

/** Opens a socket. The port between the runner and the network. */
export type Dial = (url: string, events: SocketEvents) => Socket;

/** Longest frame an exchange may send, bytes. Binance's array of all tickers has about 500 kB. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** A real WebSocket. Answers the exchange's protocol pings by itself. */
export const dial: Dial = (url, events) => {
  const socket = new WebSocket(url, { maxPayload: MAX_FRAME_BYTES });
  let over = false;
  const end = (tell: () => void) => {
    if (over) return;
    over = true;
    tell();
  };
  socket.on("open", () => events.opened());
  socket.on("message", (data) => {
    if (!over) events.text(data.toString());
  });
  socket.on("unexpected-response", (request, response) => {
    const retryAfter = Number(response.headers["retry-after"]);
    const retryAfterMs = retryAfter > 0 ? retryAfter * 1000 : undefined;
    request.destroy();
    end(() => events.refused(response.statusCode ?? 0, retryAfterMs));
  });
  socket.on("close", (code, reason) => {
    end(() => events.closed(`closed with ${code}${reason.length > 0 ? ` ${reason}` : ""}`));
  });
  socket.on("error", (error) => end(() => events.closed(describe(error))));
  return {
    send: (text) => socket.send(text),
    destroy() {
      over = true;
      socket.terminate();
    },
  };
};

function describe(error: Error & { code?: string }): string {
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
    return `host name not found (${error.code}): is there an internet connection?`;
  }
  if (error.code === "ECONNREFUSED") return "connection refused";
  return error.message || error.code || "connection failed";
}
