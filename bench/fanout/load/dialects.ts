import { decodeServerMessage, encode, V1 } from "../../../client/src/protocol/v1.ts";
import { PRICES_PATH } from "../../../client/src/protocol.ts";
import type { Scene, ServerName } from "../scene.ts";

/** What a message means to a client. */
export type Meaning = {
  /** Whether it brings prices: only such are counted. */
  isUpdate?: boolean;
  /** What the client has to answer. */
  answer?: string;
  /** When it was encoded, ms since 1970. */
  encodedAt?: number;
  /** When the exchanges named its prices, ms since 1970. */
  pricedAt?: readonly number[];
};

/** How clients of a server talk. */
export type Dialect = {
  /** What opens the connection; nothing, where bytes are all there is. */
  request?(port: number, scene: Scene): string;
  read(text: string, scene: Scene): Meaning;
};

const upgrade = (path: string, port: number, headers: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "\r\n",
  ].join("\r\n");

/** Where the time stands in the text of the servers that send no prices. */
const timeAt = (text: string, start: number): Meaning => ({
  isUpdate: true,
  encodedAt: Number(text.slice(start, start + 13)),
});

const net: Dialect = { read: (text) => timeAt(text, 0) };

const ws: Dialect = {
  request: (port) => upgrade("/", port),
  read: (text) => timeAt(text, 0),
};

/** @see https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/ */
const socketio: Dialect = {
  request: (port) => upgrade("/socket.io/?EIO=4&transport=websocket", port),
  read(text) {
    if (text.startsWith("42")) return timeAt(text, '42["p","'.length);
    if (text.startsWith("0")) return { answer: "40" };
    return text === "2" ? { answer: "3" } : {};
  },
};

const gateway: Dialect = {
  request(port, { compressed }) {
    const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    const protocol = `Sec-WebSocket-Protocol: ${V1}`;
    return upgrade(PRICES_PATH, port, compressed ? [protocol, offer] : [protocol]);
  },
  read(text, { intervalMs }) {
    const message = decodeServerMessage(text);
    switch (message?.type) {
      case "hello":
        return { answer: encode({ type: "subscribe", assets: "*", interval: intervalMs }) };
      case "price_update": {
        const { seq, timestamp, ages = [], echo } = message;
        const encodedAt = Date.parse(timestamp);
        return {
          isUpdate: true,
          encodedAt,
          pricedAt: ages.map((age) => encodedAt - (age ?? Number.NaN)),
          ...(echo ? { answer: encode({ type: "echo", seq }) } : {}),
        };
      }
      default:
        throw new Error(`not expected from the gateway: ${text}`);
    }
  },
};

export const dialects: Record<ServerName, Dialect> = { gateway, net, ws, socketio };
