import { tellsOfService } from "./kubernetes.ts";
import { type Described, nameOf } from "./setting.ts";
import { listOf } from "./values.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags by the name of the setting. */
export type Flags = Readonly<Record<string, unknown>>;

/** The text of a setting, and where it comes from: a flag, a variable, or `default`. */
export type Given = { text: unknown; from: string };

export const DEFAULT = "default";

/**
 * What is given for a setting. An empty variable is none, unless it would have kept somebody out: then it
 * is a mistake, for the value to refuse. Neither is one that Kubernetes has set.
 */
export function givenOf(setting: Described, flags: Flags, env: Environment): Given {
  const { name, env: variable, fallback, repeatable, keepsOut } = setting;
  if (flags[name] !== undefined) return { text: flags[name], from: nameOf(setting) };
  const fromEnv = variable === undefined ? undefined : env[variable];
  const isGiven = keepsOut ? fromEnv !== undefined : Boolean(fromEnv);
  if (variable && fromEnv !== undefined && isGiven && !tellsOfService(variable, fromEnv)) {
    return { text: repeatable ? listOf(fromEnv) : fromEnv, from: variable };
  }
  return { text: repeatable ? [] : fallback, from: DEFAULT };
}
