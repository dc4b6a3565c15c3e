import { startEmulator } from "../emulator/emulator.ts";
import { OperatorError, reasonOf } from "../errors.ts";
import type { Running } from "./exit.ts";

/** The exchange emulator alone. */
export async function emulator(flags: { port: string; seed: string }): Promise<Running> {
  const port = Number(flags.port);
  const seed = Number(flags.seed);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || !Number.isInteger(seed)) {
    throw new OperatorError("--port and --seed must be whole numbers, the port at most 65535.", 2);
  }
  const running = await startEmulator({ port, seed }).catch((error: unknown) => {
    throw new OperatorError(`The emulator can't listen on port ${port}: ${reasonOf(error)}`, 1);
  });
  console.log(`Emulated exchanges: ${JSON.stringify(running.endpoints, null, 2)}`);
  console.log(`Faults on command: ${running.url}/control`);
  return running;
}
