#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { readConfig, settings, sourceFiles } from "../config.ts";
import { OperatorError } from "../errors.ts";
import { createLog } from "../log.ts";
import { demo } from "./demo.ts";
import { emulator } from "./emulator.ts";
import { untilSignal } from "./exit.ts";
import { serve } from "./serve.ts";
import { loadSources } from "./source-files.ts";

const program = new Command("cryptovault-price-stream")
  .description("Live crypto prices from several exchanges to every browser that watches.")
  .exitOverride()
  .showHelpAfterError("See --help for what there is.");

withSettings(program.command("serve", { isDefault: true }))
  .description("the gateway on the live exchanges, or on a recording with --replay")
  .action(run(serve));

withSettings(program.command("demo"))
  .description("the gateway on made-up prices of the built-in exchange emulator")
  .action(run(demo));

program
  .command("emulator")
  .description("the exchange emulator alone, on 127.0.0.1")
  .option("--port <number>", "port to listen on", "8100")
  .option("--seed <number>", "seed of the market", "1")
  .action(async (flags: { port: string; seed: string }) => untilSignal(await emulator(flags)));

function withSettings(command: Command): Command {
  command.exitOverride();
  for (const { flag, env, fallback, repeatable, meaning } of Object.values(settings)) {
    const notes = [
      fallback ? `default ${fallback}` : "",
      env ? `env ${env}` : "",
      repeatable ? "repeatable" : "",
    ].filter(Boolean);
    const help = notes.length > 0 ? `${meaning} (${notes.join(", ")})` : meaning;
    if (repeatable) command.option(flag, help, collect);
    else command.option(flag, help);
  }
  return command;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function run(start: typeof serve) {
  return async (flags: Record<string, unknown>) => {
    const outside = await loadSources(sourceFiles(flags, process.env));
    const config = readConfig(flags, process.env, outside);
    const log = createLog(config.logLevel, process.stdout.isTTY);
    await untilSignal(await start(config, process.env, log));
  };
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof OperatorError) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else throw error;
}
