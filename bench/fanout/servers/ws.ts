import { createServer } from "node:http";
import { PAYLOAD_BYTES, type Scene, type Server, timedText } from "../scene.ts";
import { listen } from "./listen.ts";

/** Name in a variable: the project is type-checked without the libraries to measure against. */
const WS: string = "ws";

/** What is used of ws. */
type Ws = {
  WebSocketServer: new (options: object) => { clients: ReadonlySet<{ send(text: string): void }> };
};

/** `ws` as its README has it: one `send` for each client. */
export async function open({ intervalMs }: Scene): Promise<Server> {
  const { WebSocketServer }: Ws = await import(WS);
  const server = createServer();
  const { clients } = new WebSocketServer({ server, perMessageDeflate: false });
  let sent = 0;
  setInterval(() => {
    const text = timedText(PAYLOAD_BYTES);
    for (const client of clients) client.send(text);
    sent += clients.size;
  }, intervalMs);
  return { port: await listen(server), sent: () => sent };
}
