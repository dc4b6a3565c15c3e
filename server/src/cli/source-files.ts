import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { OperatorError, reasonOf } from "../errors.ts";
import { sources } from "../sources/index.ts";
import { readSource } from "../sources/outside.ts";
import { isRecord } from "../sources/reading.ts";
import type { Source } from "../sources/source.ts";

/** What such a file imports `defineSource` from, whether or not it is installed there. */
const PACKAGE = "@cryptovault/price-stream-server";
const ENTRY = new URL("../index.ts", import.meta.url).href;

/**
 * Loads the sources that `--source-file` names: each the default export of a module.
 * @throws OperatorError that lists every problem with every file
 */
export async function loadSources(files: readonly string[]): Promise<Source[]> {
  const loaded: Source[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const source = await load(file);
    const taken = [...sources, ...loaded].some(
      ({ name }) => "name" in source && name === source.name,
    );
    if ("problems" in source) problems.push(...source.problems.map((text) => `${file}: ${text}`));
    else if (taken) problems.push(`${file}: there is a source named ${source.name} already`);
    else loaded.push(source);
  }
  if (problems.length === 0) return loaded;
  const hint = "docs/sources.md shows how to write a source.";
  throw new OperatorError(
    `The source files have problems:\n  ${problems.join("\n  ")}\n${hint}`,
    2,
  );
}

async function load(file: string): Promise<Source | { problems: string[] }> {
  const hooks = registerHooks({
    resolve: (name, context, next) => next(name === PACKAGE ? ENTRY : name, context),
  });
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    if (!isRecord(module) || !("default" in module)) return { problems: ["has no default export"] };
    return readSource(module.default);
  } catch (error) {
    return { problems: [`can't be loaded: ${reasonOf(error)}`] };
  } finally {
    hooks.deregister();
  }
}
