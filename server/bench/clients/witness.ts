import { createMirror } from "@cryptovault/price-stream/mirror";
import type {
  HelloMessage,
  ServerMessage,
  UpdateMessage,
} from "@cryptovault/price-stream/protocol/v1";
import { createJudge } from "./judge.ts";
import type { WatchedStage } from "./stage.ts";
import type { Assets, Wishes } from "./wishes.ts";

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

/** What of one connection decides which messages may come. */
export type Expectation = {
  stage: WatchedStage;
  wishes: Wishes;
  greeted: boolean;
  seq: number;
  /** What is yet to come in answer to its messages. */
  errors: string[];
  pongs: number;
};

/** Applies every message of one client, and holds each against what the book was. */
export function createWitness(
  counts: ReturnType<typeof newCounts>,
  violate: (what: string) => void,
) {
  const mirror = createMirror();
  const judge = createJudge(mirror);
  /** What `mirror` is complete in. Outlives connections, as it does. */
  let holding: Assets = new Set();

  const hello = (message: HelloMessage, { stage }: Expectation) => {
    if (message.epoch !== stage.book.epoch) violate(`hello of ${message.epoch}`);
    if (message.seq > stage.book.seq()) violate("the hello is ahead of the book");
    if (!mirror.hello(message)) holding = new Set();
  };

  const update = (message: UpdateMessage, { stage, wishes, seq }: Expectation) => {
    const position = mirror.position()?.seq ?? 0;
    const before = wishes.answered();
    if (message.subscription) {
      const answered = wishes.answer(message.subscription, position);
      if (typeof answered === "string") return violate(answered);
      counts.answers++;
      if ((message.subscription.changes ?? 1) > 1) counts.merged++;
      judge.rows(message, stage.truth, answered).forEach(violate);
      // What is not held any more comes whole, or is priced no more and does not come at all.
      for (const asset of [...mirror.all().keys()]) {
        if (answered.from(asset) === 0) mirror.forget(asset);
      }
      mirror.update(message);
      holding = answered.target;
      return;
    }
    if (before === undefined) return violate("prices before anything was answered");
    if (message.seq <= seq) violate("an update without news");
    if (message.assets.length === 0 && !message.removed) violate("an update without rows");
    judge.rows(message, stage.truth, { target: before, from: () => position }).forEach(violate);
    mirror.update(message);
  };

  const receive = (message: ServerMessage, on: Expectation) => {
    if ((message.type === "hello") === on.greeted) violate(`${message.type} at the wrong time`);
    on.greeted = true;
    switch (message.type) {
      case "hello":
        return hello(message, on);
      case "pong":
        if (--on.pongs < 0) violate("a pong that nobody asked for");
        return;
      case "error":
        if (on.errors.shift() !== message.code) violate(`an error: ${message.code}`);
        return;
      default:
        if (message.seq < on.seq) violate(`seq goes back from ${on.seq} to ${message.seq}`);
        if (message.seq > on.stage.book.seq()) violate("a frame is ahead of the book");
        if (message.type === "price_update") update(message, on);
        else mirror.heartbeat(message);
        if (message.type === "heartbeat") counts.heartbeats++;
        on.seq = message.seq;
    }
  };

  return {
    receive(message: ServerMessage, on: Expectation) {
      receive(message, on);
      judge.holdings(on.stage.truth, holding).forEach(violate);
    },

    /** What is amiss when all is quiet. */
    atRest({ stage, wishes, errors, pongs }: Expectation): string[] {
      const position = mirror.position()?.seq;
      const isBehind = wishes.answered() !== undefined && position !== stage.book.seq();
      return [
        ...(wishes.pending() > 0 ? [`${wishes.pending()} changes were not answered`] : []),
        ...(errors.length > 0 ? [`not told of ${errors}`] : []),
        ...(pongs > 0 ? [`${pongs} pongs are owed`] : []),
        ...(isBehind ? [`at ${position}, the book at ${stage.book.seq()}`] : []),
      ];
    },

    mirror,
    holding: () => holding,
  };
}
