import type { Settings } from "./options.ts";
import type { Address } from "./transport.ts";
import { streamUrl } from "./url.ts";

/**
 * Where to connect this time: at once where the application knows it, else when it has answered.
 * @throws Error, or rejects, if what it gives is of no use
 */
export function addressOf(settings: Settings): Address | Promise<Address> {
  const [url, token] = [settings.url, settings.token].map((given) =>
    typeof given === "function" ? given() : given,
  );
  return isHere(url) && isHere(token)
    ? checked([url, token])
    : Promise.all([url, token]).then(checked);
}

const isHere = (given: unknown): given is string | undefined => typeof given !== "object";

/** What is wrong with a token that can't be shown over every way. */
export const TOKEN_RULE = "a token can only be a string of letters, digits and -._~";

export const isToken = (token: unknown): boolean =>
  token === undefined || (typeof token === "string" && /^[\w.~-]+$/.test(token));

function checked([url = "", token]: (string | undefined)[]): Address {
  if (!isToken(token)) throw new Error(TOKEN_RULE);
  return { url: streamUrl(url), token };
}
