import { Command, CommanderError, type CommandOptions } from "commander";
import { type Config, readConfig, sourceFiles } from "../config/config.ts";
import type { Flags } from "../config/given.ts";
import { exchanges } from "../config/groups/exchanges.ts";
import { log as logging } from "../config/groups/log.ts";
import { record as recording } from "../config/groups/record.ts";
import { replay } from "../config/groups/replay.ts";
import { type Group, settingsOf } from "../config/setting.ts";
import { describe, groups } from "../config/settings.ts";
import { aligned, showConfig } from "../config/show.ts";
import { OperatorError } from "../errors.ts";
import { createLog } from "../log.ts";
import { sources } from "../sources/index.ts";
import { createAccess } from "../wire/access.ts";
import { demo } from "./demo.ts";
import { emulator } from "./emulator.ts";
import { untilSignal } from "./exit.ts";
import { readFiles } from "./files.ts";
import { record } from "./record.ts";
import { serve } from "./serve.ts";
import { loadSources } from "./source-files.ts";

const program = new Command("cryptovault-price-stream")
  .description("Live crypto prices from several exchanges to every browser that watches.")
  .exitOverride()
  .showHelpAfterError("See --help for what there is.");

const GATEWAY = groups.filter((group) => group !== replay && group !== recording);

withSettings("serve", groups, { isDefault: true })
  .description(
    "the gateway on the live exchanges, or on a recording with --replay; without a command too",
  )
  .action((flags: Flags) => run(serve, flags));

withSettings("demo", GATEWAY)
  .description("the gateway on made-up prices of the built-in exchange emulator")
  .action((flags: Flags) => run(demo, flags));

withSettings("record <file>", [exchanges, recording, logging])
  .description("writes what the live exchanges send to a file, without a gateway")
  .action((file: string, flags: Flags) =>
    run((...context) => record(file, ...context), { ...flags, record: file }),
  );

withSettings("replay <file>", [...GATEWAY, replay])
  .description("the gateway on a recording: short for serve --replay")
  .action((file: string, flags: Flags) => run(serve, { ...flags, replay: file }));

program
  .command("emulator")
  .description("the exchange emulator alone, on 127.0.0.1")
  .option("--port <number>", "port to listen on", "8100")
  .option("--seed <number>", "seed of the market", "1")
  .action(async (flags: { port: string; seed: string }) => untilSignal(() => emulator(flags)));

withSettings("check", groups, {}, program.command("config").description("what the gateway is told"))
  .description("checks the configuration, and prints what is in effect and from where")
  .action(async (flags: Flags) => {
    const config = await configOf(flags);
    const { access } = readFiles(config);
    await createAccess(access, { now: Date.now, log: createLog("silent", false) });
    console.log(showConfig(config, flags, process.env));
  });

/** A command with the settings of these groups, but for the one that is its argument. */
function withSettings(
  usage: string,
  of: readonly Group[],
  options: CommandOptions = {},
  parent = program,
): Command {
  const command = parent.command(usage, options).exitOverride();
  for (const group of of) {
    command.optionsGroup(`${group.title}:`);
    for (const { name, flag, env, fallback, repeatable, meaning } of settingsOf(group)) {
      if (!flag || name === command.name()) continue;
      const notes = [
        fallback ? `default ${fallback}` : "",
        env ? `env ${env}` : "",
        repeatable ? "repeatable" : "",
      ].filter(Boolean);
      const help = notes.length > 0 ? `${meaning} (${notes.join(", ")})` : meaning;
      if (repeatable) command.option(flag, help, collect);
      else command.option(flag, help);
    }
  }
  const secrets = of.flatMap((group) => describe(group, sources)).filter(({ flag }) => !flag);
  const rows = secrets.map(({ env = "", meaning }) => ["", env, meaning]);
  return command.addHelpText("after", `\nSecrets, as variables alone:\n${aligned(rows)}`);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

async function configOf(flags: Flags): Promise<Config> {
  const outside = await loadSources(sourceFiles(flags, process.env));
  return readConfig(flags, process.env, outside);
}

async function run(start: typeof serve, flags: Flags): Promise<void> {
  const config = await configOf(flags);
  const log = createLog(config.logLevel, process.stdout.isTTY);
  await untilSignal(() => start(config, log, process.env));
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
