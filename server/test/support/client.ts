import WebSocket from "ws";

/** Any message of the gateway, loosely. */
export type Message = {
  type: string;
  receivedAt: number;
  [field: string]: unknown;
};

export type TestClient = {
  messages: Message[];
  send(text: string | Buffer): void;
  /** The next message that fits, among those not looked at yet. */
  next(fits: (message: Message) => boolean, timeoutMs?: number): Promise<Message>;
  /** Close code and reason, once closed. */
  closed: Promise<{ code: number; reason: string }>;
  socket: WebSocket;
  close(): void;
};

/** A real WebSocket client that keeps everything it receives. */
export async function connect(
  port: number,
  path = "/ws/prices",
  protocols: string[] = [],
): Promise<TestClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
  const messages: Message[] = [];
  let wake = () => {};
  socket.on("message", (data) => {
    messages.push({ ...JSON.parse(data.toString()), receivedAt: performance.now() });
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  socket.on("error", () => {});

  let looked = 0;
  return {
    messages,
    socket,
    closed,
    send: (text) => socket.send(text),
    async next(fits, timeoutMs = 5000) {
      const deadline = performance.now() + timeoutMs;
      looked = Math.min(looked, messages.length);
      for (;;) {
        for (; looked < messages.length; looked++) {
          const message = messages[looked];
          if (message && fits(message)) {
            looked++;
            return message;
          }
        }
        const left = deadline - performance.now();
        if (left <= 0)
          throw new Error(`no such message; the last: ${JSON.stringify(messages.at(-1))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    close: () => socket.terminate(),
  };
}

export const ofType = (type: string) => (message: Message) => message.type === type;

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits until `condition` holds. Throws after `timeoutMs`. */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await sleep(20);
  }
}
