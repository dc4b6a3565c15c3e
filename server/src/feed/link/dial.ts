import type { LookupFunction } from "node:net";
import WebSocket from "ws";
import { describeFailure } from "./failure.ts";
import { readRetryAfter } from "./refusal.ts";

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
  /** Sends a text frame, if the connection is there. */
  send(text: string): void;
  /** Cuts the connection at once. */
  destroy(): void;
};

/** Opens a socket. The port between the runner and the network. Throws where the URL is none. */
export type Dial = (url: string, events: SocketEvents) => Socket;

export type DialOptions = {
  /** Resolves host names in place of the system. */
  lookup?: LookupFunction;
  /** The authorities to be trusted in place of the well-known ones: their certificates, PEM. */
  ca?: string;
};

/** Longest frame an exchange may send, bytes. Binance's array of all tickers has about 500 kB. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Real WebSockets. They answer the exchange's protocol pings by themselves. */
export const createDial =
  (options: DialOptions = {}): Dial =>
  (url, events) => {
    const socket = new WebSocket(url, { ...options, maxPayload: MAX_FRAME_BYTES });
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
      const retryAfterMs = readRetryAfter(response.headers["retry-after"], Date.now());
      request.destroy();
      end(() => events.refused(response.statusCode ?? 0, retryAfterMs));
    });
    socket.on("close", (code, reason) => {
      end(() => events.closed(`closed with ${code}${reason.length > 0 ? ` ${reason}` : ""}`));
    });
    socket.on("error", (error) => end(() => events.closed(describeFailure(error))));
    return {
      send(text) {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      destroy() {
        over = true;
        socket.terminate();
      },
    };
  };

/** Dials as the system resolves names and trusts authorities. */
export const dial = createDial();
