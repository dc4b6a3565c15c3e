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

export type SocketEvents = {
  opened(): void;
  /** `data` is whatever came: anyone may stand at the other end. */
  received(data: unknown): void;
  /** The connection ended, or never came to be. Nothing comes after it. */
  closed(code: number, reason: string): void;
};

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
 * @throws whatever the constructor throws, as for `ws:` on an `https:` page
 */
export function openSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  protocols: string[],
  events: SocketEvents,
): Socket {
  const socket = new WebSocket(url, protocols);
  let over = false;
  const closed = ({ code, reason }: { code: number; reason: string }) => {
    if (over) return;
    over = true;
    events.closed(code, reason);
  };
  socket.onopen = () => {
    if (over) return;
    if (socket.protocol === (protocols[0] ?? "")) return events.opened();
    closed({ code: 1006, reason: "" });
    socket.close();
  };
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (!over) events.received(data);
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

/** Length of what came; 0 for what is no text. */
export const lengthOf = (data: unknown): number => (typeof data === "string" ? data.length : 0);
