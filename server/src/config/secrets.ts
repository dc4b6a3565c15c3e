import type { Described } from "./setting.ts";

/** What stands in place of a secret. */
const MASK = "********";

/**
 * An address as far as it can be told. User, password, path and query may be a secret or a part of one, and
 * where it holds an @ or can't be read nobody knows where they begin.
 */
export function maskedAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.host || text.includes("@")) return MASK;
  const origin = `${url.protocol}//${url.host}`;
  return text.length > origin.length + 1 ? `${origin}/${MASK}` : origin;
}

/** The text of a setting, without what may be secret. */
export function shown({ secret, masked = String }: Described, text: unknown): string {
  const texts = (Array.isArray(text) ? text : [text]).filter((one) => one !== undefined);
  if (texts.length === 0) return "-";
  return secret ? MASK : texts.map((one) => masked(String(one))).join(",");
}
