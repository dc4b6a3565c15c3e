import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeClientMessage, encode, V1 } from "../../src/protocol/v1.ts";
import { hello, pong, update } from "../fakes.ts";

export type V1Server = Awaited<ReturnType<typeof startV1Server>>;

const SYMBOLS: Readonly<Record<string, string>> = { BTC: "bitcoin" };

/**
 * A real server with prices that a test sets, and says so: `demo`. It knows what each of its clients has
 * asked for, by id.
 */
export async function startV1Server(port = 0) {
  const prices = new Map<string, string>();
  const clients = new Map<WebSocket, Set<string>>();
  const epoch = randomUUID();
  let opened = 0;
  const server = new WebSocketServer({ host: "127.0.0.1", port, handleProtocols: () => V1 });
  await once(server, "listening");

  const send = (client: WebSocket, assets: Iterable<string>, more: object) => {
    const rows = [...assets].flatMap((asset) => {
      const price = prices.get(asset);
      return price === undefined ? [] : [[asset, price] as const];
    });
    client.send(encode(update(Object.fromEntries(rows), {}, { demo: true, ...more })));
  };

  server.on("connection", (client) => {
    const asked = new Set<string>();
    clients.set(client, asked);
    opened++;
    client.on("close", () => clients.delete(client));
    client.send(encode({ ...hello(epoch), demo: true }));
    client.on("message", (data) => {
      const message = decodeClientMessage(data.toString());
      if (!("type" in message)) throw new Error(`The client sent ${data}`);
      if (message.type === "ping") return client.send(JSON.stringify(pong));
      if (message.type === "echo") return;
      const told = message.assets ?? [];
      const assets = told === "*" ? told : told.map((name) => SYMBOLS[name] ?? name);
      if (message.type === "unsubscribe") {
        for (const asset of assets) asked.delete(asset);
        return send(client, [], { subscription: { assets: asked.size, interval: 1000 } });
      }
      // All there are takes the place of some.
      if (assets === "*") asked.clear();
      if (!asked.has("*")) for (const asset of assets) asked.add(asset);
      const size = asked.has("*") ? "*" : asked.size;
      const names = Object.entries(SYMBOLS).filter(([symbol]) => told.includes(symbol));
      const subscription = { assets: size, interval: 1000, names: Object.fromEntries(names) };
      send(client, assets === "*" ? prices.keys() : assets, { subscription });
    });
  });

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/prices`,
    /** Connections so far. */
    opened: () => opened,
    /** Of each client that is connected: what it has asked for. */
    asked: () => [...clients.values()].map((assets) => [...assets].sort()),
    /** New prices, for all who asked for them. */
    set(news: Record<string, string>) {
      for (const [asset, price] of Object.entries(news)) prices.set(asset, price);
      for (const [client, asked] of clients) {
        const wanted = Object.keys(news).filter((asset) => asked.has("*") || asked.has(asset));
        if (wanted.length > 0) send(client, wanted, { subscription: undefined });
      }
    },
    cut() {
      for (const client of clients.keys()) client.terminate();
    },
    async close() {
      for (const client of clients.keys()) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
