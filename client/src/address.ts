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

function checked([url = "", token]: (string | undefined)[]): Address {
  if (token !== undefined && !/^[\w.~-]+$/.test(token)) {
    throw new Error("A token can only have letters, digits and -._~");
  }
  return { url: streamUrl(url), token };
}
