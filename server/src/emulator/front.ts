import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { respond } from "./answers.ts";
import type { Coingecko } from "./coingecko.ts";
import { type Controls, control } from "./control.ts";
import type { Line } from "./line.ts";
import { EXCHANGES, type Exchange, isExchange } from "./venue.ts";

/** The one listener: the first part of a path names an exchange, `coingecko` or `control`. */
export type Front = {
  port: number;
  /** Ends the listener and every connection. */
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
): Promise<Front> {
  const connections = new Set<Socket>();
  const server = createServer((request, response) => {
    const { root, url } = placeOf(request);
    if (root === "control") {
      control(controls, `/control${url.pathname}`, request, response).catch(() =>
        response.destroy(),
      );
    } else if (isExchange(root)) lines[root].request(url, request, response);
    else if (root === "coingecko") coingecko.request(url, request, response);
    else respond(response, { status: 404, body: NOWHERE });
  });
  server.on("upgrade", (request, connection, head) => {
    const { root, url } = placeOf(request);
    if (isExchange(root)) lines[root].upgrade(url, request, connection, head);
    else connection.destroy();
  });
  server.on("connection", (connection) => {
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
      new Promise((resolve) => {
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
