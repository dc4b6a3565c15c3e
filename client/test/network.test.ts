import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createPriceStream, type PriceStream, type StreamOptions } from "../src/index.ts";
import { V1 } from "../src/protocol/v1.ts";
import { hello, update } from "./fakes.ts";

/**
 * A real server on loopback; the client uses the WebSocket of this Node. It refuses every contract but v1, of
 * which alone it has messages: whoever came to it by another would wait for one in vain.
 */
async function listen(port = 0) {
  const verifyClient = ({ req }: { req: IncomingMessage }) =>
    req.headers["sec-websocket-protocol"] === V1;
  const server = new WebSocketServer({ host: "127.0.0.1", port, verifyClient });
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

const undos: (() => void)[] = [];
afterEach(() => {
  for (const undo of undos.splice(0)) undo();
});

function open(port: number, options: Partial<StreamOptions> = {}): PriceStream {
  const url = `http://127.0.0.1:${port}/ws/prices`;
  const stream = createPriceStream({ url, reconnectDelay: 50, ...options });
  undos.push(stream.close);
  return stream;
}

function close(server: WebSocketServer) {
  for (const client of server.clients) client.terminate();
  server.close();
}

const greet = (client: WebSocket) => {
  client.send(JSON.stringify(hello()));
  client.send(JSON.stringify(update({ bitcoin: "97123.41" })));
};

it("is live on a real socket, subscribes, and tells it on the console", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  undos.push(() => log.mockRestore());
  const { server, port } = await listen();
  undos.push(() => close(server));
  const asked: string[] = [];
  server.on("connection", (client) => {
    client.on("message", (data) => asked.push(data.toString()));
    greet(client);
  });
  const stream = open(port, { verbose: true });
  await vi.waitFor(() => expect(stream.status.state).toBe("live"));
  await vi.waitFor(() =>
    expect(asked).toEqual(['{"type":"subscribe","assets":"*","interval":1000}']),
  );
  expect(stream.get("bitcoin")).toEqual({
    asset: "bitcoin",
    price: "97123.41",
    quote: "USD",
    derivedFrom: null,
    thin: false,
    change24h: null,
    exchangeTime: null,
    staleSince: null,
    source: "coincap",
    stale: false,
  });
  expect(log).toHaveBeenCalledWith("[PriceWebSocket] Connected to price stream");
});

it("comes back by itself after the server was gone", async () => {
  const first = await listen();
  first.server.on("connection", greet);
  // No wait is longer than 1.5 s, however many attempts a slow machine makes before the server is back.
  const stream = open(first.port, { maxReconnectAttempts: 100, random: () => 0.05 });
  await vi.waitFor(() => expect(stream.status.state).toBe("live"));
  close(first.server);
  await vi.waitFor(() => expect(stream.status.attempt).toBeGreaterThan(1));
  expect(stream.get("bitcoin")?.stale).toBe(true);
  const second = await listen(first.port);
  undos.push(() => close(second.server));
  second.server.on("connection", greet);
  await vi.waitFor(() => expect(stream.status.state).toBe("live"), 3000);
});

it("fails when nobody listens, attempt by attempt", async () => {
  const { server, port } = await listen();
  close(server);
  const stream = open(port, { maxReconnectAttempts: 2 });
  await vi.waitFor(() => expect(stream.status.state).toBe("failed"), 3000);
  expect(stream.status.reason).toBe("Failed to establish price stream connection");
});

it("takes a refusal by close code for final, with the reason given", async () => {
  const { server, port } = await listen();
  undos.push(() => close(server));
  let connections = 0;
  server.on("connection", (client) => {
    connections++;
    client.close(3500, "There is no stream at this path.");
  });
  const stream = open(port);
  await vi.waitFor(() => expect(stream.status.state).toBe("failed"));
  expect(stream.status.reason).toBe("There is no stream at this path.");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(connections).toBe(1);
});
