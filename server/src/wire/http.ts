import { existsSync } from "node:fs";
import fastifyStatic from "@fastify/static";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { capConnections, createThrottle, guardAnswers, guarded } from "./guard.ts";
import { securityHeaders } from "./headers.ts";
import { createCors } from "./origins.ts";
import { answerError, answerFailures } from "./refusal.ts";
import { type RestOptions, serveRest } from "./rest.ts";
import { type StatusOptions, serveStatus } from "./status.ts";
import type { Tls } from "./tls.ts";

export type HttpOptions = RestOptions &
  StatusOptions & {
    /** Folder of the built page. */
    page: string;
    /** Base URL of the emulator's control API, in demo mode. */
    control: string | undefined;
    /** Speaks TLS itself with it. */
    tls?: Tls | undefined;
    log: Logger;
  };

/** Pages of other hosts ask whether they may show a token, or where they have come to. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET",
  "access-control-allow-headers": "authorization, if-none-match, last-event-id",
  "access-control-max-age": "86400",
};

/** Every HTTP route but the stream of events. Registering one twice is an error of Fastify's, which ends the start. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { page, control } = options;
  const corsFor = createCors(options.limits.origins);
  const fixed = { ...securityHeaders(options.tls !== undefined), "cache-control": "no-cache" };
  const headersFor = (origin: string | undefined) => ({ ...fixed, ...corsFor(origin) });
  const app = fastify({
    ...guarded(options),
    // Without its hooks.
    frameworkErrors(_error, request: FastifyRequest, reply: FastifyReply) {
      reply.headers(headersFor(request.headers.origin));
      answerError(reply, "bad_request", options.refused);
    },
    logger: false,
    forceCloseConnections: true,
  });
  capConnections(app.server, options);
  guardAnswers(app, options.clock);
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.headers(headersFor(headers.origin));
  });
  for (const path of ["/api/*", "/sse/*"]) {
    app.options(path, async (_request, reply) => reply.code(204).headers(PREFLIGHT).send());
  }

  const throttle = createThrottle(options);
  serveStatus(app, options, { isPrivate: false, throttle });
  serveRest(app, options, throttle);
  app.setNotFoundHandler((_request, reply) => answerError(reply, "no_such_route", options.refused));
  answerFailures(app, options);

  for (const path of ["/ws/prices", "/ws/prices/:symbol"]) {
    app.get(path, async (_request, reply) =>
      reply
        .code(426)
        .header("upgrade", "websocket")
        .send({
          error: {
            code: "upgrade_required",
            message: "This is a WebSocket stream.",
            hint: "Connect with ws:// or wss://. A proxy in between must pass the Upgrade header on.",
          },
        }),
    );
  }

  if (control) forwardControl(app, control);
  if (existsSync(page)) await app.register(fastifyStatic, { root: page, cacheControl: false });
  else app.get("/", async () => "The page is not built. Run: npm run build\n");
  return app;
}

/** Lets the page of the demo break and mend the emulated exchanges. */
function forwardControl(app: FastifyInstance, control: string) {
  app.route<{ Params: { exchange: string } }>({
    method: ["GET", "PUT", "DELETE"],
    url: "/demo/control/:exchange",
    async handler(request, reply) {
      const answer = await fetch(
        `${control}/control/${encodeURIComponent(request.params.exchange)}`,
        {
          method: request.method,
          ...(request.method === "PUT"
            ? {
                body: JSON.stringify(request.body),
                headers: { "content-type": "application/json" },
              }
            : {}),
        },
      );
      return reply.code(answer.status).send(await answer.json());
    },
  });
  app.get("/demo/control", async (_request, reply) => {
    const answer = await fetch(`${control}/control`);
    return reply.code(answer.status).send(await answer.json());
  });
}
