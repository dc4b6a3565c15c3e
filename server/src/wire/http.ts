import { existsSync } from "node:fs";
import type {
  AssetPrice,
  AssetPriceResponse,
  AssetView,
  PricesResponse,
} from "@cryptovault/price-stream/protocol";
import fastifyStatic from "@fastify/static";
import fastify, { type FastifyInstance } from "fastify";
import type { Book, Entry } from "../book/book.ts";
import { clientErrors, OperatorError } from "../errors.ts";
import type { SourceView } from "../feed/price/views.ts";
import { iso } from "../format.ts";
import { labelOf } from "../hub/plain.ts";
import type { Asset, DataMode, Statistics } from "../types.ts";
import { capConnections, createCors, guarded } from "./guard.ts";
import type { Health } from "./health.ts";
import type { Limits } from "./limits.ts";
import type { Tally } from "./tally.ts";

export type HttpOptions = {
  book: Book;
  mode: DataMode;
  /** The market clock, ms. */
  now(): number;
  find(name: string): Asset | undefined;
  asset(id: string): Asset | undefined;
  views(asset: string): SourceView[];
  statistics(asset: string): Statistics;
  health(): Health;
  stats(): object;
  ready(): boolean;
  /** Folder of the built page. */
  page: string;
  /** Base URL of the emulator's control API, in demo mode. */
  control: string | undefined;
  limits: Limits;
  refused: Tally;
};

/** Every HTTP route. Registering one twice is an error of Fastify's, which ends the start. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { book, mode, now, find, asset, views, statistics, page, control } = options;
  const app = fastify({ ...guarded(options), logger: false, forceCloseConnections: true });
  capConnections(app.server, options);
  const corsFor = createCors(options.limits.origins);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...corsFor(request.headers.origin), "cache-control": "no-cache" });
  });
  const priceOf = (entry: Entry) => assetPrice(entry, asset(entry.asset), statistics(entry.asset));
  const label = labelOf(mode);

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

  app.get("/api/prices", async (): Promise<PricesResponse> => {
    const { epoch, seq } = book.stats();
    const place = ({ rank }: AssetPrice) => rank ?? Number.MAX_SAFE_INTEGER;
    const assets = book.list().map(priceOf);
    assets.sort((a, b) => place(a) - place(b));
    return { epoch, seq, timestamp: iso(now()), assets, ...label };
  });

  app.get<{ Params: { asset: string } }>("/api/prices/:asset", async (request, reply) => {
    const found = find(request.params.asset);
    if (!found) {
      return reply
        .code(404)
        .send({ error: { code: "unknown_asset", ...clientErrors.unknown_asset } });
    }
    const entry = book.get(found.id);
    const price = entry ? priceOf(entry) : assetPrice(undefined, found, statistics(found.id));
    return {
      timestamp: iso(now()),
      ...price,
      sources: views(found.id).map(assetView),
      ...label,
    } satisfies AssetPriceResponse;
  });

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
  { host, port }: { host: string; port: number },
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
  return { port: taken, url: `http://${local.includes(":") ? `[${local}]` : local}:${taken}` };
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

function assetPrice(
  entry: Entry | undefined,
  asset: Asset | undefined,
  { rank, volume24hUsd, marketCapUsd }: Statistics,
): AssetPrice {
  const id = entry?.asset ?? asset?.id ?? "";
  return {
    id,
    symbol: asset?.symbol ?? id,
    name: asset?.name ?? id,
    price: entry?.price ?? null,
    quote: entry?.quote ?? null,
    source: entry?.source ?? null,
    constituents: [...(entry?.constituents ?? [])],
    derived: entry?.derived ?? null,
    spread: entry?.spread ?? null,
    thin: entry?.thin ?? false,
    stale: entry?.stale ?? true,
    change24h: entry?.change24h ?? null,
    exchangeTime: isoOrNull(entry?.exchangeTime),
    receivedAt: isoOrNull(entry?.receivedAt),
    rank: rank?.value ?? null,
    rankSource: rank?.sources[0] ?? null,
    marketCapUsd: marketCapUsd?.value ?? null,
    marketCapSource: marketCapUsd?.sources[0] ?? null,
    volume24hUsd: volume24hUsd?.value ?? null,
    volumeSources: volume24hUsd?.sources ?? [],
  };
}

const assetView = ({
  receivedAt,
  exchangeTime,
  derived,
  held,
  volume24hUsd,
  ...view
}: SourceView): AssetView => ({
  ...view,
  derived: derived ?? null,
  held: held ?? null,
  volume24hUsd: volume24hUsd ?? null,
  receivedAt: iso(receivedAt),
  exchangeTime: isoOrNull(exchangeTime),
});

const isoOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : iso(ms));
