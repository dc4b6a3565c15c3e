import { connect as netConnect, type Socket } from "node:net";
import { closeCodes } from "@cryptovault/price-stream/protocol";
import {
  type ClientMessage,
  decodeServerMessage,
  encode,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import WebSocket from "ws";
import { claimsOf, listed, subscription } from "./asks.ts";
import type { ClientStep, Names } from "./script.ts";
import { MOST_ASSETS, type WatchedStage } from "./stage.ts";
import { createWiretap } from "./wiretap.ts";
import { type ChangeMessage, createWishes } from "./wishes.ts";
import { createWitness, type Expectation, newCounts } from "./witness.ts";

/** A client is cut for not reading after 30 s; this much is clearly not its own fault, ms. */
const PATIENCE_MS = 20_000;
/** The socket's end came without a close frame. */
const NO_CLOSE_FRAME = 1006;
const RESTART = 1012;

type Connect = Extract<ClientStep, { do: "connect" }>;

/** What lasts as long as a connection. */
type Line = Expectation & {
  socket: WebSocket;
  raw: Socket;
  plan: Connect;
  /** Since when it does not read, or nothing reaches it, by the pace clock. */
  pausedAt: number | undefined;
  cloggedAt: number | undefined;
  longestHoldMs: number;
  /** When it was last heard, or began to read again. */
  heardAt: number;
  /** Codes by which the server may end the connection. */
  mayEndWith: number[];
};

export type Client = ReturnType<typeof createClient>;

/** A real client that does as the script says. */
export function createClient(options: {
  stage(): WatchedStage;
  now(): number;
  violate(what: string): void;
}) {
  const { now, violate } = options;
  const counts = newCounts();
  const witness = createWitness(counts, violate);
  let wants: Connect["wants"];
  let line: Line | undefined;

  const send = ({ socket }: Line, message: ClientMessage) => socket.send(encode(message));

  const change = (on: Line, parts: ChangeMessage[]) => {
    on.wishes.ask(parts);
    for (const [place, part] of parts.entries()) {
      send(on, place < parts.length - 1 ? { ...part, more: true } : part);
    }
  };

  const subscribe = (on: Line, names: Names, interval: number | undefined, parts: number) => {
    const { mirror, holding } = witness;
    const isFirst = on.wishes.answered() === undefined && on.wishes.pending() === 0;
    const claims = isFirst ? claimsOf(mirror, holding(), names, on.plan.claims) : [];
    if (claims.length > 0) counts.resumed++;
    change(on, subscription(names, interval, parts, claims));
  };

  const askFor = (on: Line) => {
    wants = on.plan.wants ?? wants;
    if (wants) subscribe(on, wants.names, wants.interval, on.plan.parts);
  };

  const receive = (text: string, on: Line) => {
    const message = decodeServerMessage(text);
    if (!message) return violate(`a message of no use: ${text}`);
    counts.frames++;
    on.heardAt = now();
    witness.receive(message, on);
    if (message.type === "hello" && on.plan.asks === "at hello") askFor(on);
    if ("echo" in message && message.echo) send(on, { type: "echo", seq: message.seq });
  };

  const release = (on: Line, what: "pausedAt" | "cloggedAt") => {
    const since = on[what];
    if (since === undefined) return;
    on.longestHoldMs = Math.max(on.longestHoldMs, now() - since);
    on.heardAt = now();
    on[what] = undefined;
    if (what === "pausedAt") on.socket.resume();
    else on.stage.connection(on.raw.localPort ?? 0)?.uncork();
  };

  const free = (on: Line) => {
    release(on, "pausedAt");
    release(on, "cloggedAt");
  };

  const lost = (on: Line, code: number) => {
    free(on);
    line = undefined;
    if (on.mayEndWith.includes(code)) return;
    const isSlow = on.longestHoldMs > PATIENCE_MS;
    if (isSlow && [closeCodes.slow, NO_CLOSE_FRAME].includes(code)) counts.cut++;
    else violate(`closed with ${code}`);
  };

  /** @returns once it is connected, or is not going to be */
  const connect = (plan: Connect): Promise<void> => {
    const stage = options.stage();
    const tap = createWiretap();
    const raw = netConnect(stage.port, "127.0.0.1").on("data", tap.read);
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/ws/prices`, [V1], {
      perMessageDeflate: plan.deflate,
      createConnection: () => raw,
    });
    const on: Line = {
      socket,
      raw,
      stage,
      wishes: createWishes(stage.book.epoch),
      plan,
      greeted: false,
      seq: 0,
      errors: [],
      pongs: 0,
      pausedAt: undefined,
      cloggedAt: undefined,
      longestHoldMs: 0,
      heardAt: now(),
      mayEndWith: [],
    };
    line = on;
    socket.on("message", (data, isBinary) => {
      if (line !== on) return;
      if (isBinary) violate("a binary message");
      else receive(data.toString(), on);
    });
    socket.on("error", () => {});
    socket.on("close", (code) => {
      if (tap.afterClose() > 0) violate("frames after a close frame");
      if (line === on) lost(on, code);
    });
    return new Promise((resolve) => {
      socket.on("close", () => resolve());
      socket.on("open", () => {
        if (plan.asks === "early") askFor(on);
        resolve();
      });
    });
  };

  /** Ends the connection from this side: what comes of it is of no interest. */
  const end = (how: "close" | "terminate") => {
    if (!line) return;
    const { socket } = line;
    free(line);
    line = undefined;
    socket[how]();
  };

  const onLine = (step: Exclude<ClientStep, Connect>, on: Line) => {
    switch (step.do) {
      case "subscribe":
        wants = { names: step.names, interval: step.interval ?? 1000 };
        return subscribe(on, step.names, step.interval, step.parts);
      case "unsubscribe":
        if (step.names !== "*" && on.wishes.wanted().target === "*") {
          on.errors.push("cannot_exclude");
          return send(on, { type: "unsubscribe", assets: [...step.names] });
        }
        return change(on, listed("unsubscribe", step.names, step.parts));
      case "interval":
        return change(on, [{ type: "subscribe", interval: step.interval }]);
      case "blunder":
        on.errors.push("bad_subscription");
        send(on, { type: "subscribe", assets: ["asset-0"], more: true });
        return send(on, { type: "unsubscribe", assets: "*" });
      case "overreach": {
        on.errors.push("too_many_assets");
        on.mayEndWith.push(closeCodes.tooManyAssets, NO_CLOSE_FRAME);
        const assets = Array.from({ length: MOST_ASSETS + 1 }, (_, n) => `nothing-${n}`);
        return send(on, { type: "subscribe", assets });
      }
      case "ping":
        on.pongs++;
        return send(on, { type: "ping" });
      case "pause":
        on.pausedAt ??= now();
        return on.socket.pause();
      case "clog":
        if (on.cloggedAt === undefined) on.stage.connection(on.raw.localPort ?? 0)?.cork();
        on.cloggedAt ??= now();
        return;
      case "resume":
        return release(on, "pausedAt");
      case "unclog":
        return release(on, "cloggedAt");
      case "drop":
        return end("terminate");
      case "leave":
        return end("close");
    }
  };

  const openLine = () => (line?.socket.readyState === WebSocket.OPEN ? line : undefined);

  return {
    /** @returns what the script has to wait for */
    async step(step: ClientStep): Promise<void> {
      const on = openLine();
      if (step.do !== "connect") return on && onLine(step, on);
      if (line) return;
      const connected = connect(step);
      if (step.waits) await connected;
    },

    /** Reads again all that is sent to it. */
    free: () => line && free(line),

    /** Waits until all that has been sent to it is read, if it reads. */
    async catchUp(): Promise<void> {
      const on = openLine();
      if (!on || on.pausedAt !== undefined || on.cloggedAt !== undefined) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          on.socket.off("pong", done);
          on.socket.off("close", done);
          resolve();
        };
        on.socket.on("pong", done);
        on.socket.on("close", done);
        on.socket.ping();
      });
    },

    /** What is amiss when all is quiet. */
    atRest(): string[] {
      const on = openLine();
      if (!on) return [];
      return on.mayEndWith.length > 0 ? ["it was to be closed"] : witness.atRest(on);
    },

    /** The server is about to end. */
    expectRestart() {
      line?.mayEndWith.push(RESTART, NO_CLOSE_FRAME);
    },

    intervalMs: () => line?.wishes.wanted().interval ?? 0,

    /** How long it has heard nothing, ms. */
    silentMs: () => (openLine()?.greeted ? now() - (line?.heardAt ?? 0) : 0),
    end,
    counts,
  };
}
