/** Stands in place of what nobody else may read. */
const REDACTED = "REDACTED";

/** Parameters of an address whose values open doors. */
const SECRET_PARAMETER = /([?&][\w-]*(?:key|token|secret|signature)=)[^&#]*/gi;
/** `user:password@` before a host. */
const CREDENTIALS = /\/\/[^/?#@]*@/;

export type Redact = { url(url: string): string; text(text: string): string };

/**
 * Takes secrets out of what is written to a file: the values of `keys` wherever they occur, as they
 * are or encoded for an address, and in addresses whatever is named like a secret.
 */
export function createRedact(keys: readonly string[]): Redact {
  const secrets = new Set(keys.flatMap((key) => [key, encodeURIComponent(key)]));
  secrets.delete("");
  const text = (from: string): string => {
    let clean = from;
    for (const secret of secrets) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  };
  return {
    text,
    url: (url) =>
      text(url).replace(SECRET_PARAMETER, `$1${REDACTED}`).replace(CREDENTIALS, `//${REDACTED}@`),
  };
}
