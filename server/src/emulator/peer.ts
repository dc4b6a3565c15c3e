import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import { type Fault, faultFacts } from "./faults.ts";
import { garbled, type Outgoing } from "./garbage.ts";
import type { FrameKind, Peer, Session } from "./venue.ts";

/** A peer as the line sees it: it can be made worse than any exchange would make it. */
export type LinePeer = Peer & {
  /** Hands what the client sends to the exchange. */
  listen(session: Session): void;
  /** Whether to keep back all that the exchange sends of itself; it still answers and closes. */
  hush(isQuiet: boolean): void;
  /** From now on nothing is read, answered or sent; the connection stays. */
  silence(): void;
  /** Ends the connection without a word, silent or not. */
  destroy(): void;
};

/** A client that does not answer a close frame for so long is cut, ms. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Wraps one socket. `fault` tells what is wrong with the exchange at the moment. */
export function createPeer(
  socket: WebSocket,
  connection: Duplex,
  clock: Clock,
  fault: () => Fault | undefined,
): LinePeer {
  let silent = false;
  let quiet = false;
  let dataFrames = 0;
  const isOpen = () => !silent && socket.readyState === socket.OPEN;
  const destroy = () => {
    connection.destroy();
  };

  return {
    send(kind, frame) {
      if (!isOpen() || (quiet && kind !== "answer")) return;
      const { data, binary } =
        kind === "data"
          ? disturbed(frame, fault(), dataFrames++)
          : { data: withheld(kind, fault()) ? undefined : frame, binary: false };
      if (data) socket.send(data, { binary });
    },
    ping(payload) {
      const goesOut = isOpen() && !withheld("heartbeat", fault());
      if (goesOut) socket.ping(payload);
      return goesOut;
    },
    close(code, reason) {
      if (!isOpen()) return;
      socket.close(code, reason);
      socket.once("close", clock.after(CLOSE_TIMEOUT_MS, destroy));
    },
    cut() {
      if (!silent) destroy();
    },
    listen(session) {
      socket.on("message", (data, isBinary) => {
        if (!isBinary) session.message(String(data));
      });
      socket.on("ping", () => session.ping?.());
      socket.on("pong", (payload) => session.pong?.(String(payload)));
    },
    hush(isQuiet) {
      quiet = isQuiet;
    },
    silence() {
      silent = true;
      // Read and forgotten below the WebSocket, so that not even a close frame is answered.
      connection.removeAllListeners("data");
      connection.resume();
    },
    destroy,
  };
}

const withheld = (kind: FrameKind, fault: Fault | undefined): boolean =>
  fault !== undefined && (faultFacts(fault.name).withholds ?? []).includes(kind);

function disturbed(
  frame: Buffer,
  fault: Fault | undefined,
  n: number,
): Outgoing | { data: undefined; binary: false } {
  if (withheld("data", fault)) return { data: undefined, binary: false };
  return fault?.name === "garbage" ? garbled(frame, n) : { data: frame, binary: false };
}
