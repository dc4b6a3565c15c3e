/**
 * Leaves of a request's extensions only those offers of permessage-deflate that the shared frames suit:
 * not one that would have the server use a smaller window than deflate's own, and none that can't be
 * read. Who offers nothing else gets uncompressed frames, as RFC 7692 wants it, and no refusal.
 * @see https://www.rfc-editor.org/rfc/rfc7692#section-7.1
 */
export function declineOffers({
  headers,
}: {
  headers: { "sec-websocket-extensions"?: string | undefined };
}) {
  const offers = headers["sec-websocket-extensions"];
  if (offers === undefined) return;
  const kept = offers.split(",").filter(suits);
  // `ws` wants no space before the first.
  if (kept.length > 0) headers["sec-websocket-extensions"] = kept.join(",").trim();
  else delete headers["sec-websocket-extensions"];
}

const PARAMETER =
  /^(?:server_no_context_takeover|client_no_context_takeover|server_max_window_bits\s*=\s*"?15"?|client_max_window_bits(?:\s*=\s*"?(?:[89]|1[0-5])"?)?)$/;

function suits(offer: string): boolean {
  const [name, ...parameters] = offer.split(";").map((part) => part.trim());
  const names = new Set(parameters.map((parameter) => parameter.split("=")[0]?.trim()));
  return (
    name === "permessage-deflate" &&
    names.size === parameters.length &&
    parameters.every((parameter) => PARAMETER.test(parameter))
  );
}
