/**
 * Takes offers of permessage-deflate out of a request that would have the server use a smaller window
 * than deflate's own: such a client could not read the frames that all others share, and gets
 * uncompressed ones instead.
 * @see https://www.rfc-editor.org/rfc/rfc7692#section-7.1.2.1
 */
export function declineNarrowWindows({
  headers,
}: {
  headers: { "sec-websocket-extensions"?: string | undefined };
}) {
  const offers = headers["sec-websocket-extensions"];
  if (!offers?.includes("server_max_window_bits")) return;
  const kept = offers.split(",").filter((offer) => !NARROW.test(offer));
  // `ws` wants no space before the first.
  if (kept.length > 0) headers["sec-websocket-extensions"] = kept.join(",").trim();
  else delete headers["sec-websocket-extensions"];
}

/** `ws` reads the number as JavaScript would: `1e1` is 10. */
const NARROW = /;\s*server_max_window_bits(?!\s*=\s*"?15"?\s*(?:;|$))/;
