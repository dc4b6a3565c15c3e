import { closest, distance } from "fastest-levenshtein";
import type { Environment } from "./given.ts";
import { tellsOfService } from "./kubernetes.ts";

const PREFIX = "PRICE_STREAM_";

/**
 * Variables that mean to be settings and are none, each with what it may have been meant to be.
 * @param known the variables that are settings
 */
export function unknownVariables(env: Environment, known: readonly string[]): string[] {
  return Object.entries(env)
    .filter(([name]) => name.startsWith(PREFIX) && !known.includes(name))
    .filter(([name, value = ""]) => !tellsOfService(name, value))
    .map(([name]) => {
      const guess = closest(name, known);
      const isNear = distance(name, guess) <= (name.length - PREFIX.length) / 2;
      return `${name} is no setting${isNear ? `: did you mean ${guess}?` : "."}`;
    });
}
