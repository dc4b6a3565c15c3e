import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { respond } from "./answers.ts";
import type { Coingecko } from "./coingecko.ts";
import { type Controls, control } from "./control.ts";
import type { Line } from "./line.ts";
import type { Names } from "./names.ts";
import { EXCHANGES, type Exchange, isExchange } from "./venue.ts";

/** The listener: the first part of a path names an exchange, `coingecko` or `control`. */
export type Front = {
  port: number;
  /** Of a second listener, which speaks TLS; undefined where the exchanges have no names. */
  tlsPort: number | undefined;
  /** Ends the listeners and every connection. */
  close(): Promise<void>;
};

const NOWHERE = {
  error: "nothing here",
  hint: `paths begin with /control, /coingecko, ${EXCHANGES.map((name) => `/${name}`).join(", ")}`,
};

/** Listens on the loopback interface only; port 0 is any that is free. */
export async function openFront(
  port: number,
  lines: Record<Exchange, Line>,
  coingecko: Pick<Coingecko, "request">,
  controls: Controls,
  names: Names | undefined,
): Promise<Front> {
  const onRequest: RequestListener = (request, response) => {
    const { root, url } = placeOf(request);
    if (root === "control") {
      control(controls, `/control${url.pathname}`, request, response).catch(() =>
        response.destroy(),
      );
    } else if (isExchange(root)) lines[root].request(url, request, response);
    else if (root === "coingecko") coingecko.request(url, request, response);
    else respond(response, { status: 404, body: NOWHERE });
  };
  const onUpgrade = (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    const { root, url } = placeOf(request);
    if (isExchange(root)) lines[root].upgrade(url, request, connection, head);
    else connection.destroy();
  };
  const plain = await open(createServer(onRequest).on("upgrade", onUpgrade), port);
  if (!names) return { ...plain, tlsPort: undefined };

  const tlsServer = createTlsServer(
    { SNICallback: (host, done) => done(null, names.contextOf(host)) },
    onRequest,
  );
  const secure = await open(tlsServer.on("upgrade", onUpgrade), 0);
  return {
    port: plain.port,
    tlsPort: secure.port,
    async close() {
      await Promise.all([plain.close(), secure.close()]);
    },
  };
}

/** Listens on the loopback interface, and remembers who came. */
async function open(server: Server, port: number) {
  const connections = new Set<Socket>();
  server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const connection of connections) connection.destroy();
      }),
  };
}

/** The first part of the path, and the address as seen from there. */
function placeOf({ url: target = "/" }: IncomingMessage): { root: string; url: URL } {
  const base = "http://emulator";
  const url = URL.canParse(target, base) ? new URL(target, base) : new URL(base);
  const [, root = "", ...rest] = url.pathname.split("/");
  url.pathname = `/${rest.join("/")}`;
  return { root, url };
}
