import { existsSync } from "node:fs";
import fastifyStatic from "@fastify/static";
import fastify, { type FastifyInstance } from "fastify";
import { OperatorError } from "../errors.ts";
import { capConnections, createCors, guarded } from "./guard.ts";
import { securityHeaders } from "./headers.ts";
import type { Health } from "./health.ts";
import { answerError } from "./refusal.ts";
import { type RestOptions, serveRest } from "./rest.ts";
import type { Tls } from "./tls.ts";

export type HttpOptions = RestOptions & {
  health(): Health;
  stats(): object;
  ready(): boolean;
  /** What a scrape by Prometheus is answered with. */
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Folder of the built page. */
  page: string;
  /** Base URL of the emulator's control API, in demo mode. */
  control: string | undefined;
  /** Speaks TLS itself with it. */
  tls?: Tls | undefined;
};

/** Pages of other hosts ask whether they may show a token, or where they have come to. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET",
  "access-control-allow-headers": "authorization, last-event-id",
  "access-control-max-age": "86400",
};

/** Every HTTP route but the stream of events. Registering one twice is an error of Fastify's, which ends the start. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { page, control } = options;
  const app = fastify({ ...guarded(options), logger: false, forceCloseConnections: true });
  capConnections(app.server, options);
  const headers = { ...securityHeaders(options.tls !== undefined), "cache-control": "no-cache" };
  const corsFor = createCors(options.limits.origins);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...headers, ...corsFor(request.headers.origin) });
  });
  for (const path of ["/api/*", "/sse/*"]) {
    app.options(path, async (_request, reply) => reply.code(204).headers(PREFLIGHT).send());
  }

  app.get("/livez", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const ready = options.ready();
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready" });
  });
  app.get("/health", async (_request, reply) => {
    const health = options.health();
    return reply.code(health.status === "down" ? 503 : 200).send(health);
  });
  app.get("/stats", async () => options.stats());
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.headers({ "content-type": contentType, "cache-control": "no-store" }).send(text);
  });

  serveRest(app, options);
  app.setNotFoundHandler((_request, reply) => answerError(reply, "no_such_route"));

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

/**
 * Listens, and checks that nobody else takes the WebSocket upgrades.
 * @param port 0 takes any free one
 * @returns the port, and the address by which this machine itself reaches it
 * @throws OperatorError where the port can't be had
 */
export async function listen(
  app: FastifyInstance,
  { host, port, tls }: { host: string; port: number; tls?: Tls | undefined },
): Promise<{ port: number; url: string }> {
  if (app.server.listenerCount("upgrade") !== 1) {
    throw new Error(
      "There must be exactly one listener for upgrades, or streams shadow each other",
    );
  }
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    const mends: Record<string, string> = {
      EADDRINUSE: `Port ${port} is already in use. Choose another with --port or PORT.`,
      EACCES: `No permission to listen on port ${port}. Choose one above 1023 with --port or PORT.`,
      EADDRNOTAVAIL: `This machine has no address ${host}. Choose another with --host or HOST.`,
      ENOTFOUND: `The host name ${host} is unknown. Choose another with --host or HOST.`,
    };
    throw new OperatorError(mends[error.code ?? ""] ?? error.message, 1, { cause: error });
  });
  const address = app.server.address();
  const taken = typeof address === "object" && address ? address.port : port;
  const local = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const scheme = tls ? "https" : "http";
  return { port: taken, url: `${scheme}://${local.includes(":") ? `[${local}]` : local}:${taken}` };
}

/** Lets the page of the demo break and mend the emulated exchanges. */
function forwardControl(app: FastifyInstance, control: string) {
  app.route<{ Params: { "*": string } }>({
    method: ["GET", "PUT", "DELETE"],
    url: "/demo/control/*",
    async handler(request, reply) {
      const answer = await fetch(`${control}/control/${encodeURIComponent(request.params["*"])}`, {
        method: request.method,
        ...(request.method === "PUT"
          ? { body: JSON.stringify(request.body), headers: { "content-type": "application/json" } }
          : {}),
      });
      return reply.code(answer.status).send(await answer.json());
    },
  });
  app.get("/demo/control", async (_request, reply) => {
    const answer = await fetch(`${control}/control`);
    return reply.code(answer.status).send(await answer.json());
  });
}
