import { closest, distance } from "fastest-levenshtein";
import { settingList } from "./settings.ts";

/**
 * Kubernetes tells the pods of a namespace of a Service named `price-stream` by such variables.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const KUBERNETES = /^PRICE_STREAM_(SERVICE_(HOST|PORT)|PORT=tcp:|PORT_\d+_)/;

const PREFIX = "PRICE_STREAM_";
const KNOWN = settingList.flatMap(({ env }) => env ?? []);

/** Variables that mean to be settings and are none, each with what it may have been meant to be. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env)
    .filter(([name, value]) => !KNOWN.includes(name) && !KUBERNETES.test(`${name}=${value}`))
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name]) => {
      const guess = closest(name, KNOWN);
      const isNear = distance(name, guess) <= (name.length - PREFIX.length) / 2;
      return `${name} is no setting${isNear ? `: did you mean ${guess}?` : "."}`;
    });
}
