import type { Duplex } from "node:stream";
import { closeCodes, MAX_CLIENT_MESSAGE_BYTES } from "@cryptovault/price-stream/protocol";
import { WebSocket } from "ws";
import { type ClientErrorCode, type FrameErrorCode, frameErrors } from "../errors.ts";
import { createFragmentCounter } from "./frames.ts";
import { secondIsOver } from "./limits.ts";

/** Options for `ws`: what one message may cost. */
export const inboundOptions = {
  maxPayload: MAX_CLIENT_MESSAGE_BYTES,
  maxFragments: 64,
  /** A message that arrives byte by byte takes a buffer for each. */
  maxBufferedChunks: 64,
  /** Time for the other side to take its leave, before its socket is destroyed, ms. */
  closeTimeout: 1000,
};

/** The most bytes that a frame of the longest message takes, with its header. */
const MAX_FRAME_BYTES = MAX_CLIENT_MESSAGE_BYTES + 14;

const COUNTED = new Set<string | symbol>(["message", "ping", "pong"]);

export type InboundSocket = InstanceType<ReturnType<typeof inboundSocket>>;

/**
 * The class of a client's socket. It counts every frame that comes in: messages, protocol pings and
 * pongs, parts of messages; and all bytes. Beyond the limit it reads nothing more. Before the socket is
 * closed for that, or by `ws` for a frame it can't read, it emits `offence` with close code and error
 * code, so that the client can be told.
 */
export function inboundSocket({ messagesPerS, now }: { messagesPerS: number; now(): number }) {
  const bytesPerS = messagesPerS * MAX_FRAME_BYTES;
  return class InboundSocket extends WebSocket {
    #secondStart = 0;
    #frames = 0;
    #bytes = 0;

    /** Sees the bytes of its connection before `ws` does. To be called once. */
    watch(connection: Duplex) {
      const fragmentsIn = createFragmentCounter();
      connection.prependListener("data", (chunk: Buffer) => {
        this.#take(fragmentsIn(chunk), chunk.length);
      });
    }

    /** The message that has come was asked for, and does not count. */
    forgive() {
      this.#frames--;
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (COUNTED.has(event) && !this.#take(1, 0)) return false;
      const isHeard = super.emit(event, ...args);
      if (event === "message") releaseInflater(this);
      return isHeard;
    }

    override close(code?: number, reason?: string | Buffer) {
      // Only `ws` itself closes without a reason.
      if (reason === undefined && isFrameError(code)) this.emit("offence", code, frameErrors[code]);
      super.close(code, reason);
    }

    #take(frames: number, bytes: number): boolean {
      if (secondIsOver(this.#secondStart, now())) {
        this.#secondStart = now();
        this.#frames = 0;
        this.#bytes = 0;
      }
      this.#frames += frames;
      this.#bytes += bytes;
      if (this.#frames <= messagesPerS && this.#bytes <= bytesPerS) return true;
      if (this.readyState === this.OPEN) {
        this.emit("offence", closeCodes.flood, "too_many_messages" satisfies ClientErrorCode);
      }
      this.pause();
      return false;
    }
  };
}

/**
 * Frees what has inflated a message, which `ws` would keep for the next one: ten kilobytes and more for
 * each client that deflates. It has no setting for it, but says that its extension may release all it has.
 */
function releaseInflater(client: WebSocket) {
  const extensions: unknown = Reflect.get(client, "_extensions");
  if (typeof extensions !== "object" || extensions === null) return;
  const deflate: unknown = Reflect.get(extensions, "permessage-deflate");
  if (typeof deflate !== "object" || deflate === null) return;
  const cleanup: unknown = Reflect.get(deflate, "cleanup");
  if (typeof cleanup === "function") cleanup.call(deflate);
}

const isFrameError = (code: number | undefined): code is FrameErrorCode =>
  code !== undefined && code in frameErrors;
