import { z } from "zod";
import type { Source } from "../sources/source.ts";
import { access } from "./groups/access.ts";
import { admin } from "./groups/admin.ts";
import { exchanges } from "./groups/exchanges.ts";
import { limits } from "./groups/limits.ts";
import { listen } from "./groups/listen.ts";
import { log } from "./groups/log.ts";
import { metadata } from "./groups/metadata.ts";
import { prices } from "./groups/prices.ts";
import { record } from "./groups/record.ts";
import { replay } from "./groups/replay.ts";
import { restart } from "./groups/restart.ts";
import { type Described, type Group, type Setting, settingsOf } from "./setting.ts";

/** Every setting there is, by group. */
export const groups = [
  listen,
  exchanges,
  metadata,
  prices,
  access,
  limits,
  admin,
  restart,
  log,
  replay,
  record,
] as const;

/** The settings in their order. */
export const settingList: readonly (Setting & { name: string })[] = groups.flatMap(settingsOf);

/** All settings, by name. */
export const schema = z.object(
  Object.fromEntries(settingList.map(({ name, value }) => [name, value])) as Shape<
    Merged<typeof groups>
  >,
);

/** What the settings are, read and checked. Durations in ms, sizes in bytes. */
export type Values = z.infer<typeof schema>;

/** The settings of a group; to the exchanges belong their keys, whose variables the sources name. */
export const describe = (group: Group, known: readonly Source[]): readonly Described[] => [
  ...settingsOf(group),
  ...(group === exchanges ? keysOf(known) : []),
];

/** The variables of all settings, and of the keys of exchanges. */
export const variablesOf = (known: readonly Source[]): string[] =>
  groups.flatMap((group) => describe(group, known)).flatMap(({ env }) => env ?? []);

const keysOf = (known: readonly Source[]): Described[] =>
  [...Map.groupBy(known, ({ facts }) => facts.keyVariable)].flatMap(([env, holders]) => {
    if (env === undefined) return [];
    const names = holders.map(({ name }) => name).join(" and ");
    const meaning = `API key for ${names}, which is off without it`;
    return [{ name: env, env, secret: true, meaning }];
  });

/** The settings of several groups in one table. */
type Merged<Groups> = Groups extends readonly [infer First extends Group, ...infer Rest]
  ? First["settings"] & Merged<Rest>
  : unknown;

/** The values of a table of settings, as zod wants them. */
type Shape<Table> = {
  [Name in keyof Table]: Table[Name] extends Setting ? Table[Name]["value"] : never;
};
