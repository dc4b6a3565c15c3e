import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createMirror } from "@cryptovault/price-stream/mirror";
import {
  type ClientMessage,
  decodeServerMessage,
  encode,
} from "@cryptovault/price-stream/protocol/v1";
import { createFrameReader, maskedFrame, OPCODES, textOf } from "../frames.ts";
import { startServer } from "./child.ts";
import { afterHead, requestAll } from "./request.ts";

const MARKET = { assets: 2000, everyMs: 100, haste: 1 };
const INTERVAL_MS = 1000;
/** It reads so much, and then waits for so long: bytes, ms. */
const SIP = { bytes: 2048, everyMs: 1000 };
/** 32 KiB may be under way when the market ends, and then one last frame: read within this, ms. */
const CATCH_UP_MS = 24_000;

export type ThrottledReport = {
  frames: number;
  prices: number;
  bytes: number;
  /** The oldest price at the time when it was read, s. */
  worstAgeS: number;
  /** Whether the server has ended the connection. */
  closed: boolean;
  /** From the end of the market until it had every last price, s; NaN if it never had. */
  newestAfterS: number;
};

/**
 * A client that asks for everything each second, deflated, and reads 2 kB a second.
 * @param share how many of all assets move each second, one after the other
 */
export async function runThrottled(forMs: number, share: number): Promise<ThrottledReport> {
  const moving = (MARKET.assets * share * MARKET.everyMs) / 1000;
  const server = await startServer({ ...MARKET, moving });
  const mirror = createMirror();
  const report = { frames: 0, prices: 0, bytes: 0, worstAgeS: 0, closed: false };

  const receive = (text: string) => {
    const message = decodeServerMessage(text);
    if (!message) throw new Error(`no message: ${text}`);
    report.frames++;
    if (message.type === "hello") mirror.hello(message);
    if (message.type === "heartbeat") mirror.heartbeat(message);
    if (message.type === "price_update") {
      for (const asset of mirror.update(message)) {
        const age = Date.now() - (mirror.get(asset)?.exchangeTime ?? 0);
        report.worstAgeS = Math.max(report.worstAgeS, age / 1000);
        report.prices++;
      }
    }
    if ("echo" in message && message.echo) send({ type: "echo", seq: message.seq });
  };
  const read = afterHead(
    createFrameReader((frame) => {
      if (frame.opcode === OPCODES.text) receive(textOf(frame));
      if (frame.opcode === OPCODES.ping) socket.write(maskedFrame(OPCODES.pong, frame.payload));
      if (frame.opcode === OPCODES.close) report.closed = true;
    }),
  );
  const socket = connect({
    port: server.port,
    host: "127.0.0.1",
    onread: {
      buffer: Buffer.alloc(SIP.bytes),
      callback(count, buffer) {
        report.bytes += count;
        read(Buffer.from(buffer.subarray(0, count)));
        setTimeout(() => socket.resume(), SIP.everyMs);
        return false;
      },
    },
  });
  const send = (message: ClientMessage) =>
    socket.write(maskedFrame(OPCODES.text, Buffer.from(encode(message))));
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write(requestAll(INTERVAL_MS, true));

  await sleep(forMs);
  const { prices } = await server.freeze();
  const frozenAt = performance.now();
  const isNewest = () => prices.every(([asset, price]) => mirror.get(asset)?.price === price);
  while (!isNewest() && performance.now() - frozenAt < CATCH_UP_MS) await sleep(100);
  const newestAfterS = isNewest() ? (performance.now() - frozenAt) / 1000 : Number.NaN;
  const closed = report.closed || socket.destroyed;
  socket.destroy();
  await server.close();
  return { ...report, closed, newestAfterS };
}
