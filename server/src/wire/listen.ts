import type { FastifyInstance } from "fastify";
import { OperatorError } from "../errors.ts";

/** Where to listen. */
export type Place = {
  host: string;
  /** 0 takes any free one. */
  port: number;
  isSecure?: boolean;
  /** The settings that choose host and port, for who has to choose others. */
  settings: { host: string; port: string };
};

/** Where the gateway is for everybody. */
export const PUBLIC = { host: "--host or HOST", port: "--port or PORT" };
/** Where it is for who runs it. */
export const ADMIN = { host: "--admin-host", port: "--admin-port" };

/**
 * Lets a server listen.
 * @returns the port, and the address by which this machine itself reaches it
 * @throws OperatorError where the port can't be had
 */
export async function listen(
  app: FastifyInstance,
  { host, port, isSecure = false, settings }: Place,
): Promise<{ port: number; url: string }> {
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    const mends: Record<string, string> = {
      EADDRINUSE: `Port ${port} is already in use. Choose another with ${settings.port}.`,
      EACCES: `No permission to listen on port ${port}. Choose one above 1023 with ${settings.port}.`,
      EADDRNOTAVAIL: `This machine has no address ${host}. Choose another with ${settings.host}.`,
      ENOTFOUND: `The host name ${host} is unknown. Choose another with ${settings.host}.`,
    };
    throw new OperatorError(mends[error.code ?? ""] ?? error.message, 1, { cause: error });
  });
  const address = app.server.address();
  const taken = typeof address === "object" && address ? address.port : port;
  const local = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const scheme = isSecure ? "https" : "http";
  return { port: taken, url: `${scheme}://${local.includes(":") ? `[${local}]` : local}:${taken}` };
}

/** @throws Error where more than one listens for upgrades, or nobody: streams would shadow each other */
export function expectOneStream({ server }: FastifyInstance) {
  if (server.listenerCount("upgrade") === 1) return;
  throw new Error("There must be exactly one listener for upgrades, or streams shadow each other");
}
