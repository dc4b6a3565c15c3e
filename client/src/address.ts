import type { Provided, Settings } from "./options.ts";
import type { Address } from "./transport.ts";
import { streamUrl } from "./url.ts";

/**
 * Where to connect this time: at once where the application has told it, else when it has answered.
 * @throws Error, or rejects, if what it gives is of no use
 */
export function addressOf({ url, token }: Settings): Address | Promise<Address> {
  if (typeof url === "string" && typeof token !== "function") return checked(url, token);
  return Promise.all([ask(url), token === undefined ? token : ask(token)]).then(([url, token]) =>
    checked(streamUrl(url), token),
  );
}

const ask = async (given: Provided): Promise<string> =>
  typeof given === "function" ? given() : given;

function checked(url: string, token: string | undefined): Address {
  if (token !== undefined && !/^[\w.~-]+$/.test(token)) {
    throw new Error("A token can only have letters, digits and -._~");
  }
  return { url, token };
}
