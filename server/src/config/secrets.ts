/** What stands in place of a secret. */
export const MASK = "********";

/** A text whose addresses may have a password or a key in them, without these. */
export const withoutSecrets = (text: string): string =>
  text.replace(/\/\/[^/?#@\s]*@/g, `//${MASK}@`).replace(/\?[^\s,]+/g, `?${MASK}`);
