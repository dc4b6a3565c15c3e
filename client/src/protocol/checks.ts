/** Checks of what came over the wire, for both contracts and both sides. */

export type Fields = Readonly<Record<string, unknown>>;

/** Never throws; undefined for what is no JSON, or no object. */
export function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === "string";

export const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(isText);

/** A whole number, 0 or more. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** A decimal above zero, without exponent. Longer ones are no prices. */
export const isPrice = (value: unknown): value is string =>
  isText(value) && /^(?=[\d.]{1,64}$)(?=.*[1-9])\d+(\.\d+)?$/.test(value);
