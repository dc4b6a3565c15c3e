import { closest, distance } from "fastest-levenshtein";
import type { Environment } from "./given.ts";

/**
 * Kubernetes tells the pods of a namespace of a Service named `price-stream` by such variables.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const KUBERNETES = /^PRICE_STREAM_(SERVICE_(HOST|PORT)|PORT=tcp:|PORT_\d+_)/;

const PREFIX = "PRICE_STREAM_";

/**
 * Variables that mean to be settings and are none, each with what it may have been meant to be.
 * @param known the variables that are settings
 */
export function unknownVariables(env: Environment, known: readonly string[]): string[] {
  return Object.entries(env)
    .filter(([name, value]) => !known.includes(name) && !KUBERNETES.test(`${name}=${value}`))
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name]) => {
      const guess = closest(name, known);
      const isNear = distance(name, guess) <= (name.length - PREFIX.length) / 2;
      return `${name} is no setting${isNear ? `: did you mean ${guess}?` : "."}`;
    });
}
