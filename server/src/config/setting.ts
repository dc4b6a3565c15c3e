import type { z } from "zod";

/** One setting. It is taken from its flag first, then from its environment variable, then the default. */
export type Setting = {
  /** How its text is read and checked. */
  value: z.ZodType;
  flag?: string;
  env?: string;
  fallback?: string | false;
  /** May be given several times; in the variable separated by commas. */
  repeatable?: true;
  /** Never shown, and without a flag: others on the machine can read those. */
  secret?: true;
  /** How it is shown, where a part of it may be secret. */
  masked?: (text: string) => string;
  /** Lets in fewer people: set to nothing it is a mistake, and not the same as not set. */
  keepsOut?: true;
  meaning: string;
};

/** What a person is told of a setting. */
export type Described = Omit<Setting, "value"> & { name: string };

/** What was asked for, to see whether it goes together. Settings go by their names. */
export type Asked = {
  /** The text of a setting, or its default. */
  textOf(name: string): unknown;
  /** How many of these are given: not left to their defaults. */
  howMany(...names: string[]): number;
};

/** Settings that belong together. */
export type Group<Table extends Record<string, Setting> = Record<string, Setting>> = {
  /** Its heading in the help and in the documentation. */
  title: string;
  settings: Table;
  /** What of these excludes each other, or goes together: a sentence for each problem. */
  conflicts?: (asked: Asked) => readonly (string | false)[];
};

/** Gives a group its type. */
export const defineGroup = <const Table extends Record<string, Setting>>(
  group: Group<Table>,
): Group<Table> => group;

/** The settings of a group, in their order. */
export const settingsOf = ({ settings }: Group): (Setting & { name: string })[] =>
  Object.entries(settings).map(([name, setting]) => ({ ...setting, name }));

/** What a person knows a setting by. */
export const nameOf = ({ flag, env }: Described): string => flag?.split(" ")[0] ?? env ?? "";
