/** A gateway in a process of its own, so that what it holds is its own. Talks by IPC. */
import { setImmediate as turn } from "node:timers/promises";
import pino from "pino";
import { startGateway } from "../../src/gateway.ts";
import { gatewayOn } from "../chaos/stage.ts";
import { activeResources, heapUsed } from "../chaos/stock.ts";
import type { Exchanges, Holdings, Request } from "./child.ts";

const exchanges: Exchanges = JSON.parse(process.argv[2] ?? "");
const gateway = await startGateway({
  ...gatewayOn(exchanges),
  pricing: { policy: "priority", minSources: 2 },
  log: pino({ level: "silent" }),
  // All clients come from one address, and at once.
  limits: { clientsPerIp: 5000, handshakesPerIpPerS: 5000 },
  admin: { at: { host: "127.0.0.1", port: 0 } },
});

const holdings = async (): Promise<Holdings> => {
  // Buffers are let go in the turn after their owner was collected.
  heapUsed();
  await turn();
  const heap = heapUsed();
  const { clients } = gateway.health().hub;
  return {
    heap,
    buffers: process.memoryUsage().external,
    handles: [...activeResources().values()].reduce((sum, count) => sum + count, 0),
    clients,
  };
};

const die = () => process.exit(1);
process.on("disconnect", die);
process.on("message", async (request: Request) => {
  if (request === "holdings") return void process.send?.(await holdings());
  process.off("disconnect", die);
  await gateway.close();
  // From here on nothing but what was left open keeps the process alive.
  process.disconnect();
});
process.send?.({ port: gateway.port, adminUrl: gateway.adminUrl });
