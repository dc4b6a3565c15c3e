import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import {
  decodeClientMessage,
  encode,
  type UpdateMessage,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import { type WebSocket, WebSocketServer } from "ws";

/** Updates on their way before the page has to say that it has taken them. */
const AHEAD = 50;

/**
 * A server that has no other clock than its client: it sends updates as fast as they are taken. They are as
 * those of a gateway in a second of a busy market, made up, and say so: `demo`. All but the stream comes
 * from the gateway.
 * @param gateway its port
 * @param assets ids; a tenth of them moves in each update
 */
export async function startFlood(gateway: number, assets: readonly string[]) {
  const front = createServer(({ url, method, headers }, response) => {
    const there = { host: "127.0.0.1", port: gateway, path: url, method, headers };
    request(there, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const server = new WebSocketServer({ server: front, handleProtocols: () => V1 });
  let client: WebSocket | undefined;
  let seq = 1;
  let echoed = (_seq: number) => {};

  server.on("connection", (socket) => {
    if (client)
      throw new Error("The page lost its connection: what it holds can't be told any more");
    client = socket;
    socket.send(encode({ ...HELLO, seq, timestamp: new Date().toISOString() }));
    socket.on("message", (data) => {
      const message = decodeClientMessage(data.toString());
      if (!("type" in message)) throw new Error(`The page sent ${data}`);
      if (message.type === "echo") echoed(message.seq);
      if (message.type === "subscribe") socket.send(encode(everything([...assets], ++seq)));
    });
  });

  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    /** Sends so many updates; done when the page has taken the last. */
    async send(updates: number) {
      for (let sent = 1; sent <= updates; sent++) {
        const update = some(assets.length, ++seq);
        if (sent % AHEAD !== 0 && sent !== updates) {
          client?.send(encode(update));
          continue;
        }
        const taken = new Promise<void>((resolve) => {
          echoed = (last) => last === update.seq && resolve();
        });
        client?.send(encode({ ...update, echo: true }));
        await taken;
      }
    },
    async close() {
      client?.terminate();
      front.closeAllConnections();
      front.close();
      await once(front, "close");
    },
  };
}

const HELLO = {
  type: "hello",
  demo: true,
  epoch: "flood",
  heartbeatMs: 25_000,
  limits: { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 },
} as const;

/** Another one with each `seq`. */
const priceOf = (ref: number, seq: number) =>
  `${1000 + ref}.${String(seq % 100_000).padStart(5, "0")}`;

function everything(names: string[], seq: number): UpdateMessage {
  const refs = [...names.keys()];
  const gaps = refs.map((ref) => (ref === 0 ? 0 : 1));
  return {
    type: "price_update",
    demo: true,
    seq,
    timestamp: new Date().toISOString(),
    assets: gaps,
    prices: refs.map((ref) => priceOf(ref, seq)),
    change24h: refs.map((ref) => (ref % 20) - 10),
    facts: [{ assets: gaps, names, source: "flood", quote: "USD" }],
    subscription: { assets: "*", interval: 1000 },
  };
}

/** A tenth of all, another tenth each time. */
function some(assets: number, seq: number): UpdateMessage {
  const refs = Array.from({ length: assets / 10 }, (_, n) => 10 * n + (seq % 10));
  return {
    type: "price_update",
    demo: true,
    seq,
    timestamp: new Date().toISOString(),
    assets: refs.map((ref, n) => (n === 0 ? ref : 10)),
    prices: refs.map((ref) => priceOf(ref, seq)),
    change24h: refs.map((ref) => ((ref + seq) % 2000) / 100 - 10),
    ages: refs.map((ref) => 100 + (ref % 900)),
  };
}
