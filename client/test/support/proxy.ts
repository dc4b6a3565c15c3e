import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

export type TestProxy = Awaited<ReturnType<typeof startProxy>>;

/**
 * A proxy in front of a gateway, whose connections can be refused, cut and held up.
 * @param gateway the port of the gateway
 * @param port its own; 0 takes any free one
 */
export async function startProxy(gateway: number, port = 0) {
  let target = gateway;
  let refuses = false;
  let isDeaf = false;
  const handshakes: IncomingMessage[] = [];
  const sockets = new Set<Duplex>();

  const server = createServer(({ url, headers, method }, outgoing) => {
    const options = { host: "127.0.0.1", port: target, path: url, headers, method };
    const ahead = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    ahead.on("error", () => outgoing.destroy());
    outgoing.on("close", () => ahead.destroy());
    ahead.end();
  });

  server.on("upgrade", (incoming, socket) => {
    handshakes.push(incoming);
    if (refuses) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const ahead = connect(target, "127.0.0.1");
    for (const one of [socket, ahead]) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        socket.destroy();
        ahead.destroy();
      });
    }
    const pairs = incoming.rawHeaders.map((text, n) => `${text}${n % 2 ? "\r\n" : ": "}`);
    ahead.write(`GET ${incoming.url} HTTP/1.1\r\n${pairs.join("")}\r\n`);
    ahead.on("data", (data) => isDeaf || socket.write(data));
    socket.on("data", (data) => isDeaf || ahead.write(data));
  });

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    /** Requests for a WebSocket so far. */
    handshakes,
    cut,
    /** From now on every WebSocket is refused, or none. */
    refuse(all: boolean) {
      refuses = all;
    },
    /** From now on nothing gets through, though connections stand. */
    hold(all: boolean) {
      isDeaf = all;
    },
    /** New connections go there. */
    moveTo(port: number) {
      target = port;
    },
    async close() {
      cut();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
