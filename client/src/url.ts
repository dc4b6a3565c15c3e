/**
 * The WebSocket URL of a stream: `https` becomes `wss`, `http` becomes `ws`, and a relative URL
 * belongs to the page it is used on.
 * @throws Error if the URL cannot be one of a stream
 */
export function streamUrl(url: string): string {
  if (/^wss?:\/\//i.test(url)) return url;
  if (/^https?:\/\//i.test(url)) return url.replace(/^http/i, "ws");
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    throw new Error(`A price stream URL is http(s), ws(s) or relative, not ${url}`);
  }
  // Outside of a page (Node, React Native) there is nothing a relative URL could belong to.
  const page = typeof location === "undefined" ? undefined : location.href;
  if (!page || !/^https?:/i.test(page)) {
    throw new Error(`A relative price stream URL (${url}) needs a page; give the whole URL`);
  }
  return new URL(url, page).href.replace(/^http/i, "ws");
}

const OF_ONE_ASSET = /(\/ws\/prices)\/([^/?#]+)/;

/** The asset that the URL names: `/ws/prices/BTC`. */
export const assetOf = (url: string): string | undefined => {
  const name = OF_ONE_ASSET.exec(url)?.[2];
  return name && decodeURIComponent(name);
};

/** The URL of all assets. */
export const withoutAsset = (url: string): string => url.replace(OF_ONE_ASSET, "$1");
