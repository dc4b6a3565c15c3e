import { get, type IncomingHttpHeaders } from "node:http";
import { decodeServerMessage, type ServerMessage } from "@cryptovault/price-stream/protocol/v1";

/** One server-sent event. */
export type StreamEvent = { id: string; message: ServerMessage };

export type EventReader = {
  status: number;
  headers: IncomingHttpHeaders;
  /** Everything received, as it came. */
  text(): string;
  events: StreamEvent[];
  /** The next event of this type, among those not looked at yet. */
  next<Type extends ServerMessage["type"]>(
    type: Type,
  ): Promise<StreamEvent & { message: Extract<ServerMessage, { type: Type }> }>;
  /** Resolves when the stream is over. */
  ended: Promise<void>;
  close(): void;
};

/** Reads a stream of events over a real socket. */
export function readEvents(
  url: string,
  headers: Record<string, string> = {},
): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      const events: StreamEvent[] = [];
      let text = "";
      let read = 0;
      let looked = 0;
      let wake = () => {};
      const take = () => {
        for (;;) {
          const end = text.indexOf("\n\n", read);
          if (end < 0) return;
          events.push(eventOf(text.slice(read, end)));
          read = end + 2;
        }
      };
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        take();
        wake();
      });
      response.on("error", () => {});
      const ended = new Promise<void>((done) => response.once("close", done));
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        events,
        async next(type) {
          const deadline = AbortSignal.timeout(5000);
          for (;;) {
            while (looked < events.length) {
              const event = events[looked++];
              if (event && isOf(event, type)) return event;
            }
            await new Promise<void>((go, fail) => {
              wake = go;
              deadline.onabort = () => fail(new Error(`no ${type} after:\n${text}`));
            });
          }
        },
        ended,
        close: () => request.destroy(),
      });
    });
    request.on("error", reject);
  });
}

function isOf<Type extends ServerMessage["type"]>(
  event: StreamEvent,
  type: Type,
): event is StreamEvent & { message: Extract<ServerMessage, { type: Type }> } {
  return event.message.type === type;
}

function eventOf(block: string): StreamEvent {
  const field = (name: string) =>
    block
      .split("\n")
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join("\n");
  const message = decodeServerMessage(field("data"));
  if (!message) throw new Error(`no message: ${block}`);
  return { id: field("id"), message };
}
