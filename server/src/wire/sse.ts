import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { SubscribeMessage } from "@cryptovault/price-stream/protocol/v1";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "pino";
import { at, type Clock } from "../clock.ts";
import { clientErrors } from "../errors.ts";
import { serverSentEvents } from "../hub/frame.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink } from "../hub/member.ts";
import { type Access, answerDenial } from "./access.ts";
import type { Door } from "./door.ts";
import type { Limits } from "./limits.ts";
import { heldSeq, readInterval, readNames, readPosition, refuseQuery } from "./query.ts";
import { answerError } from "./refusal.ts";
import type { Tally } from "./tally.ts";
import { beforeSubscribing, createV1Session, type V1SessionOptions } from "./v1.ts";

/** A browser comes back so long after the end of a stream, spread so that not all come at once, ms. */
const RETRY_MS = { least: 1000, most: 3000 };
/** Time for the end of a stream to reach a client that reads slowly, ms. */
const END_GRACE_MS = 1000;

/** Proxies must neither keep nor compress nor hold back what is to be read at once. */
const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  connection: "close",
};

export type SseOptions = Pick<V1SessionOptions, "v1" | "book" | "find"> & {
  hub: Hub;
  clock: Clock;
  log: Logger;
  limits: Limits;
  refused: Tally;
  admit: Door;
  access: Access;
  isDraining(): boolean;
  /** From 0 to below 1. */
  random(): number;
};

/**
 * Serves the messages of `cryptovault.v1.json` as server-sent events, for who can't use WebSocket. The
 * id of each event is the position that a client resumes from.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function serveSse(app: FastifyInstance, options: SseOptions) {
  const { v1, book, find, hub, clock, log, limits, refused, admit, access, isDraining, random } =
    options;
  const mostAssets = limits.assetsPerSubscription;
  const encoding = serverSentEvents(book.epoch);
  const settings = { v1, book, find, mostAssets, encoding, echoes: false };
  const streams = new Map<Socket, ServerResponse>();

  /** Ends the stream, and cuts a client that does not read on to its end. */
  const end = (socket: Socket, response: ServerResponse) => {
    response.end();
    socket.once(
      "close",
      clock.after(END_GRACE_MS, () => socket.destroy()),
    );
  };

  const start = (reply: FastifyReply, socket: Socket, subscription: SubscribeMessage) => {
    const response = reply.hijack().raw;
    const { least, most } = RETRY_MS;
    const retryMs = Math.round(least + random() * (most - least));
    const position = heldSeq(book, subscription.since);
    // Frames go to the socket as they are: the body ends with the connection, not with a last chunk.
    response.removeHeader("transfer-encoding");
    for (const [name, value = ""] of Object.entries(reply.headers(HEADERS).getHeaders())) {
      response.setHeader(name, value);
    }
    socket.cork();
    response.flushHeaders();
    socket.write(`retry: ${retryMs}\n`);
    socket.write(encoding.encode([v1.hello(false)], position));
    socket.uncork();
    const sink: Sink = {
      write(frame) {
        if (socket.writable) socket.write(frame);
      },
      drained: () => socket.writableLength === 0,
      evict: () => end(socket, response),
      bye(afterMs) {
        socket.write(`retry: ${afterMs}\n\n`);
        end(socket, response);
      },
    };
    const membership = hub.join(beforeSubscribing(settings), sink);
    createV1Session(settings, membership).change(subscription);
    streams.set(socket, response);
    log.info({ total: streams.size }, `SSE connected (total: ${streams.size})`);
    socket.once("close", () => {
      membership.leave();
      streams.delete(socket);
      log.info({ total: streams.size }, `SSE disconnected (total: ${streams.size})`);
    });
  };

  app.get<{ Querystring: { assets?: unknown; interval?: unknown; lastEventId?: unknown } }>(
    "/sse/prices",
    { exposeHeadRoute: false },
    async ({ query, headers, raw }, reply) => {
      const assets = readNames(query.assets);
      if (!assets) return refuseQuery(reply, "bad_assets");
      if (assets !== "*" && assets.length > mostAssets) {
        return refuseQuery(reply, "too_many_assets");
      }
      const interval = readInterval(query.interval);
      if (interval === undefined) return refuseQuery(reply, "bad_interval");
      const since = readPosition(headers["last-event-id"] ?? query.lastEventId);
      const { socket } = raw;
      if (!socket.writable) return void reply.hijack();
      const guest = admit(raw, socket);
      if (!guest) return void reply.hijack();
      if (!guest.welcome) {
        refused.add("origin_not_allowed");
        return reply
          .code(403)
          .header("connection", "close")
          .send({ error: { code: "origin_not_allowed", ...clientErrors.origin_not_allowed } });
      }
      const permit = await access(headers);
      if ("denied" in permit) {
        refused.add(permit.denied);
        return answerDenial(reply.header("connection", "close"), permit.denied);
      }
      // What has changed meanwhile.
      if (isDraining())
        return answerError(reply.header("connection", "close"), "draining", refused);
      if (!socket.writable) return void reply.hijack();
      if (permit.expiresAt !== undefined) {
        const over = at(clock, permit.expiresAt, () => end(socket, reply.raw));
        socket.once("close", over);
      }
      start(reply, socket, {
        type: "subscribe",
        assets,
        interval,
        ...(since ? { since } : {}),
      });
    },
  );

  return {
    /** Ends every stream; browsers come back by themselves. */
    async close() {
      const ended = [...streams.keys()].map(closed);
      for (const [socket, response] of streams) end(socket, response);
      await Promise.all(ended);
    },
  };
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once("close", () => resolve()));
