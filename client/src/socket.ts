import type { ConnectionEvents } from "./transport.ts";

/** What is used of a socket: browsers', Node's, React Native's and the `ws` package's all fit. */
export type WebSocketLike = {
  readonly readyState: number;
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  // Only ever assigned. The event types of the implementations differ; what is read of them is not.
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(text: string): void;
  close(): void;
};

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export type Socket = {
  /** Sends, if the connection is open. */
  send(text: string): void;
  /** Ends the connection. No event comes any more, not even one already under way. */
  close(): void;
};

const OPEN = 1;

/**
 * Opens a WebSocket.
 * @param protocols to offer; the server has to choose the first. Some platforms let one through that
 * chose none: then this counts as not opened
 * @param read called with what came; it is empty where that was no text
 * @throws whatever the constructor throws, as for `ws:` on an `https:` page
 */
export function openSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  protocols: string[],
  on: Pick<ConnectionEvents, "opened" | "received" | "closed">,
  read: (text: string) => void,
): Socket {
  const socket = new WebSocket(url, protocols);
  let over = false;
  const closed = ({ code, reason }: { code: number; reason: string }) => {
    if (over) return;
    over = true;
    on.closed(code, reason);
  };
  socket.onopen = () => {
    if (over) return;
    if (socket.protocol === (protocols[0] ?? "")) return on.opened();
    closed({ code: 1006, reason: "" });
    socket.close();
  };
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (over) return;
    const text = typeof data === "string" ? data : "";
    on.received(text.length);
    read(text);
  };
  socket.onclose = closed;
  // Tells nothing, and a close follows. The `ws` package throws where nobody listens.
  socket.onerror = () => {};
  return {
    send(text) {
      if (!over && socket.readyState === OPEN) socket.send(text);
    },
    close() {
      over = true;
      socket.close();
    },
  };
}
