import { connect } from "node:net";
import type { Clock } from "@cryptovault/price-stream";
import type { TcpSeen } from "../seen.ts";
import { attempt } from "./attempt.ts";

export const knock = (
  { host, port }: { host: string; port: number },
  { clock, answerMs }: { clock: Clock; answerMs: number },
): Promise<TcpSeen> =>
  attempt<{ address: string }>(clock, answerMs, (done, failed) => {
    const socket = connect({ host, port });
    socket.on("error", failed);
    socket.on("connect", () => done({ address: socket.remoteAddress ?? host }));
    return () => socket.destroy();
  });
