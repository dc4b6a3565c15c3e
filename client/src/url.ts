/**
 * The WebSocket URL of a stream: `https` becomes `wss`, `http` becomes `ws`, and a relative URL
 * belongs to the page it is used on.
 * @throws Error if the URL cannot be one of a stream
 */
export function streamUrl(url: string): string {
  // Outside of a page (Node, React Native) there is nothing a relative URL could belong to.
  const page = globalThis.location?.href;
  const isRelative = page && url && !/^[a-z][a-z0-9+.-]*:/i.test(url);
  const whole = isRelative ? new URL(url, page).href : url;
  if (/^(http|ws)s?:\/\//i.test(whole)) return whole.replace(/^http/i, "ws");
  throw new Error(
    `A price stream URL is http(s), ws(s) or relative, which needs a page; not ${url}`,
  );
}

const OF_ONE_ASSET = /(\/ws\/prices)\/([^/?#]+)/;

/** The asset that the URL names: `/ws/prices/BTC`. */
export const assetOf = (url: string): string | undefined => {
  const name = OF_ONE_ASSET.exec(url)?.[2];
  try {
    return name && decodeURIComponent(name);
  } catch {
    throw new Error(`A price stream URL names an asset that can't be read: ${name}`);
  }
};

/** The URL of all assets. */
export const withoutAsset = (url: string): string => url.replace(OF_ONE_ASSET, "$1");
