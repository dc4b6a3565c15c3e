import { createHash, timingSafeEqual } from "node:crypto";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { tokenOf } from "./access.ts";
import { guardAnswers, type Throttle } from "./guard.ts";
import type { Health } from "./health.ts";
import { answerError, answerFailures } from "./refusal.ts";
import type { Tally } from "./tally.ts";
import { createServerWith } from "./tls.ts";

/** What an operator and a platform ask of a gateway. */
export type StatusOptions = {
  health(): Health;
  stats(): object;
  /** Why clients are not to be sent here; undefined where they may come. */
  unready(): string | undefined;
  /** What a scrape by Prometheus is answered with. */
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Who shows it may have the metrics. */
  adminToken?: string | undefined;
  refused: Tally;
};

/**
 * The routes of health and metrics. Platforms ask `/livez` and `/readyz`, which cost nothing, as often as
 * they like.
 * @param where.isPrivate nobody comes here whom the operator has not let in: metrics need no token then,
 * unless there is one
 */
export function serveStatus(
  app: FastifyInstance,
  options: StatusOptions,
  { isPrivate, throttle }: { isPrivate: boolean; throttle?: Throttle },
) {
  const first = throttle ? [throttle] : [];
  app.get("/livez", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const reason = options.unready();
    if (reason === undefined) return { status: "ready" };
    return reply.code(503).send({ status: "not ready", reason });
  });
  app.get("/health", { onRequest: first }, async (_request, reply) => {
    const health = options.health();
    return reply.code(health.status === "down" ? 503 : 200).send(health);
  });
  app.get("/stats", { onRequest: first }, async () => options.stats());

  const onRequest = [...first, onlyAdmins(options, isPrivate)];
  app.get("/metrics", { onRequest }, async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.headers({ "content-type": contentType, "cache-control": "no-store" }).send(text);
  });
}

/** The same routes and nothing else, for a port of their own. */
export function createAdmin(
  options: StatusOptions & { clock: Clock; log: Logger },
): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => createServerWith(undefined, {}, handler),
    logger: false,
    forceCloseConnections: true,
  });
  guardAnswers(app, options.clock);
  answerFailures(app, options);
  serveStatus(app, options, { isPrivate: true });
  app.setNotFoundHandler((_request, reply) =>
    answerError(reply, "no_such_admin_route", options.refused),
  );
  return app;
}

const onlyAdmins =
  ({ adminToken: token, refused }: StatusOptions, isPrivate: boolean) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    if (token === undefined && isPrivate) return;
    if (token === undefined) return answerError(reply, "metrics_closed", refused);
    // By hashes, since the comparison wants the same length and must not tell it.
    if (timingSafeEqual(hash(tokenOf(request.headers) ?? ""), hash(token))) return;
    return answerError(reply.header("www-authenticate", "Bearer"), "admin_token_wanted", refused);
  };

const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
