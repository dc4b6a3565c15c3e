import { connect as netConnect, type Socket } from "node:net";
import { createMirror } from "@cryptovault/price-stream/mirror";
import { closeCodes } from "@cryptovault/price-stream/protocol";
import {
  type ClientMessage,
  decodeServerMessage,
  encode,
  type HeartbeatMessage,
  type HelloMessage,
  type ServerMessage,
  type UpdateMessage,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import WebSocket from "ws";
import { createJudge } from "./judge.ts";
import type { ClientStep, Names } from "./script.ts";
import { MOST_ASSETS, type Stage } from "./stage.ts";
import { createWiretap } from "./wiretap.ts";
import { type Assets, type ChangeMessage, createWishes, type Wishes } from "./wishes.ts";

/** A client is cut for not reading after 30 s; this much is clearly not its own fault, ms. */
const PATIENCE_MS = 20_000;

type Connect = Extract<ClientStep, { do: "connect" }>;

/** What clients went through. */
export const newCounts = () => ({
  /** Messages of the server. */
  frames: 0,
  /** Answers to changes of what they want, and those that answer several at once. */
  answers: 0,
  merged: 0,
  /** Connections that went on from an earlier one. */
  resumed: 0,
  heartbeats: 0,
  /** Times that one was cut, since it did not read. */
  cut: 0,
});

/** What lasts as long as a connection. */
type Line = {
  socket: WebSocket;
  raw: Socket;
  stage: Stage;
  wishes: Wishes;
  plan: Connect;
  greeted: boolean;
  seq: number;
  /** What is yet to come in answer to its messages. */
  errors: string[];
  pongs: number;
  /** Since when it does not read, or nothing reaches it, by the pace clock. */
  pausedAt: number | undefined;
  cloggedAt: number | undefined;
  longestHoldMs: number;
  /** When it was last heard, or began to read again. */
  heardAt: number;
  /** The server has been told to end. */
  isRestarting: boolean;
  /** It has asked for too much. */
  isRefused: boolean;
};

export type Client = ReturnType<typeof createClient>;

/** A real client that applies every frame and holds each against what the book was. */
export function createClient(options: {
  stage(): Stage;
  now(): number;
  violate(what: string): void;
}) {
  const { now, violate } = options;
  const counts = newCounts();
  const mirror = createMirror();
  const judge = createJudge(mirror);
  /** What `mirror` is complete in. Outlives connections, as it does. */
  let holding: Assets = new Set();
  let wants: Connect["wants"];
  let line: Line | undefined;

  const send = (message: ClientMessage) => line?.socket.send(encode(message));

  const change = (parts: ChangeMessage[]) => {
    if (!line) return;
    line.wishes.ask(parts);
    for (const [place, part] of parts.entries()) {
      send(place < parts.length - 1 ? { ...part, more: true } : part);
    }
  };

  /** The first change on a connection may say what is held from earlier ones. */
  const claims = (names: Names, { claims: share }: Connect): ChangeMessage[] => {
    const since = mirror.position();
    if (!since || share === "none") return [];
    if (share === "all" && names === "*" && holding === "*") {
      return [{ type: "subscribe", assets: "*", since }];
    }
    const held = [...mirror.all().keys()].filter((asset) => names === "*" || names.includes(asset));
    const kept = held.filter((_, place) => share === "all" || place % 2 === 0);
    return kept.length > 0 ? [{ type: "subscribe", assets: kept, since }] : [];
  };

  const subscribe = (names: Names, interval: number | undefined, parts: number) => {
    if (!line) return;
    const isFirst = line.wishes.answered() === undefined && line.wishes.pending() === 0;
    const first = isFirst ? claims(names, line.plan) : [];
    const claimed = new Set(first.flatMap(({ assets }) => (assets === "*" ? [] : assets)));
    const isAll = first.some(({ assets }) => assets === "*");
    const others = names === "*" ? names : names.filter((name) => !claimed.has(name));
    const messages: ChangeMessage[] = [
      ...first,
      ...(isAll
        ? []
        : split(others, parts).map((assets) => ({ type: "subscribe" as const, assets }))),
    ];
    if (interval !== undefined) messages.push({ type: "subscribe", interval });
    if (first.length > 0) counts.resumed++;
    change(messages);
  };

  const hello = (message: HelloMessage, on: Line) => {
    if (message.epoch !== on.stage.epoch) violate(`hello of ${message.epoch}`);
    if (message.seq > on.stage.seq()) violate("the hello is ahead of the book");
    if (!mirror.hello(message)) holding = new Set();
    if (on.plan.asks === "at hello") askFor(on);
  };

  const askFor = ({ plan }: Line) => {
    wants = plan.wants ?? wants;
    if (wants) subscribe(wants.names, wants.interval, plan.parts);
  };

  const update = (message: UpdateMessage, on: Line) => {
    const { subscription, seq } = message;
    const position = mirror.position()?.seq ?? 0;
    const before = on.wishes.answered();
    if (subscription) {
      const answered = on.wishes.answer(subscription, position);
      if (typeof answered === "string") return violate(answered);
      counts.answers++;
      if ((subscription.changes ?? 1) > 1) counts.merged++;
      judge.rows(message, on.stage.truth, answered).forEach(violate);
      // What is not held any more comes whole, or is priced no more and does not come at all.
      for (const asset of [...mirror.all().keys()]) {
        if (answered.from(asset) === 0) mirror.forget(asset);
      }
      mirror.update(message);
      holding = answered.target;
      return;
    }
    if (before === undefined) return violate("prices before anything was answered");
    if (seq <= on.seq) violate("an update without news");
    if (message.assets.length === 0 && !message.removed) violate("an update without rows");
    judge.rows(message, on.stage.truth, { target: before, from: () => position }).forEach(violate);
    mirror.update(message);
  };

  const heartbeat = (message: HeartbeatMessage) => {
    counts.heartbeats++;
    mirror.heartbeat(message);
  };

  const receive = (message: ServerMessage, on: Line) => {
    on.heardAt = now();
    if ((message.type === "hello") === on.greeted) violate(`${message.type} at the wrong time`);
    on.greeted = true;
    switch (message.type) {
      case "hello":
        hello(message, on);
        break;
      case "pong":
        if (--on.pongs < 0) violate("a pong that nobody asked for");
        return;
      case "error":
        if (on.errors.shift() !== message.code) violate(`an error: ${message.code}`);
        return;
      default:
        if (message.seq < on.seq) violate(`seq goes back from ${on.seq} to ${message.seq}`);
        if (message.seq > on.stage.seq()) violate("a frame is ahead of the book");
        if (message.type === "heartbeat") heartbeat(message);
        else update(message, on);
        on.seq = message.seq;
        if (message.echo) send({ type: "echo", seq: message.seq });
    }
    judge.holdings(on.stage.truth, holding).forEach(violate);
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

  const lost = (on: Line, code: number) => {
    release(on, "pausedAt");
    release(on, "cloggedAt");
    if (line === on) line = undefined;
    if (on.isRestarting && (code === 1012 || code === 1006)) return;
    if (on.isRefused && (code === closeCodes.tooManyAssets || code === 1006)) return;
    if (on.longestHoldMs > PATIENCE_MS && (code === closeCodes.slow || code === 1006)) counts.cut++;
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
      wishes: createWishes(stage.epoch),
      plan,
      greeted: false,
      seq: 0,
      errors: [],
      pongs: 0,
      pausedAt: undefined,
      cloggedAt: undefined,
      longestHoldMs: 0,
      heardAt: now(),
      isRestarting: false,
      isRefused: false,
    };
    line = on;
    socket.on("message", (data, isBinary) => {
      if (line !== on) return;
      counts.frames++;
      const message = isBinary ? undefined : decodeServerMessage(data.toString());
      if (message) receive(message, on);
      else violate(`a frame of no use: ${data}`);
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
    release(line, "pausedAt");
    release(line, "cloggedAt");
    line = undefined;
    socket[how]();
  };

  const onLine = (step: Exclude<ClientStep, Connect>, on: Line) => {
    switch (step.do) {
      case "subscribe":
        wants = { names: step.names, interval: step.interval ?? 1000 };
        return subscribe(step.names, step.interval, step.parts);
      case "unsubscribe":
        if (step.names !== "*" && on.wishes.wanted().target === "*") {
          on.errors.push("cannot_exclude");
          return send({ type: "unsubscribe", assets: [...step.names] });
        }
        return change(
          split(step.names, step.parts).map((assets) => ({ type: "unsubscribe", assets })),
        );
      case "interval":
        return change([{ type: "subscribe", interval: step.interval }]);
      case "blunder":
        on.errors.push("bad_subscription");
        send({ type: "subscribe", assets: ["asset-0"], more: true });
        return send({ type: "unsubscribe", assets: "*" });
      case "overreach":
        on.errors.push("too_many_assets");
        on.isRefused = true;
        return send({
          type: "subscribe",
          assets: Array.from({ length: MOST_ASSETS + 1 }, (_, n) => `nothing-${n}`),
        });
      case "ping":
        on.pongs++;
        return send({ type: "ping" });
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

  return {
    /** @returns what the script has to wait for */
    async step(step: ClientStep): Promise<void> {
      if (step.do === "connect") {
        if (line) return;
        const connected = connect(step);
        if (step.waits) await connected;
      } else if (line?.socket.readyState === WebSocket.OPEN) onLine(step, line);
    },

    /** Reads again all that is sent to it. */
    free() {
      if (!line) return;
      release(line, "pausedAt");
      release(line, "cloggedAt");
    },

    /** Waits until all that has been sent to it is read, if it reads. */
    async catchUp(): Promise<void> {
      const on = line;
      if (on?.socket.readyState !== WebSocket.OPEN) return;
      if (on.pausedAt !== undefined || on.cloggedAt !== undefined) return;
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
      if (line?.socket.readyState !== WebSocket.OPEN) return [];
      const { wishes, errors, pongs, stage, isRefused } = line;
      const position = mirror.position()?.seq;
      return [
        ...(isRefused ? ["it was to be closed"] : []),
        ...(wishes.pending() > 0 ? [`${wishes.pending()} changes were not answered`] : []),
        ...(errors.length > 0 ? [`not told of ${errors}`] : []),
        ...(pongs > 0 ? [`${pongs} pongs are owed`] : []),
        ...(!wishes.answered() || position === stage.seq()
          ? []
          : [`at ${position}, the book at ${stage.seq()}`]),
      ];
    },

    /** The server is about to end. */
    expectRestart() {
      if (line) line.isRestarting = true;
    },

    intervalMs: () => line?.wishes.wanted().interval ?? 0,

    /** How long it has heard nothing, ms. */
    silentMs: () =>
      line?.greeted && line.socket.readyState === WebSocket.OPEN ? now() - line.heardAt : 0,
    end,
    counts,
  };
}

/** In so many messages, as even as can be. */
function split(names: Names, parts: number): ("*" | string[])[] {
  if (names === "*") return [names];
  const size = Math.max(1, Math.ceil(names.length / parts));
  const lists = Array.from({ length: Math.ceil(names.length / size) }, (_, part) =>
    names.slice(part * size, (part + 1) * size),
  );
  return lists.length > 0 ? lists : [[]];
}
