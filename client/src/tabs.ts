import { createPriceStream, type PriceStream } from "./client.ts";
import { resolveOptions, type StreamOptions } from "./options.ts";
import { join, type Member } from "./tabs/member.ts";
import { canShare, nameOf } from "./tabs/name.ts";
import { createView } from "./tabs/view.ts";
import { withoutAsset } from "./url.ts";

export type SharedStreamOptions = StreamOptions & {
  /**
   * Only tabs with the same one share. Needed where `url` or `token` is a function, since nobody can tell
   * whether two functions give the same: name whose credentials they give, as by the id of the user.
   */
  share?: string | undefined;
};

/**
 * Like `createPriceStream`, but the tabs of a browser share one connection: those with the same URL, token,
 * interval and `share`. One of them, the leader, holds it, for all that they ask for together; the others
 * follow it, and one of them takes over when it goes, or when it is silent for 3 s. Everything else that
 * concerns the connection (`maxReconnectAttempts`, `reconnectDelay`, `WebSocket`) is as the leader has it.
 *
 * Each tab is shown exactly the assets that it asks for; the figures of `diagnostics()` are those of the
 * leader's connection.
 *
 * Where tabs can't share (outside of browsers, on pages that are not secure, in old browsers; with a
 * function and no `share`) it is a stream of its own.
 * @param options the URL, or an object with it; relative URLs belong to the page
 * @throws Error if the options cannot be used
 */
export function createSharedPriceStream(options: string | SharedStreamOptions): PriceStream {
  const { share, ...given } = typeof options === "string" ? { url: options } : options;
  const isProvided = [given.url, given.token].some((option) => typeof option === "function");
  if ((isProvided && share === undefined) || !canShare()) return createPriceStream(given);

  const settings = resolveOptions(given);
  const { url, token, interval } = settings;
  if (typeof url === "string") settings.url = withoutAsset(url);
  const view = createView(settings, () => member?.want());
  const end = new AbortController();
  const named = nameOf([settings.url, token, interval, share]);
  let member: Member | undefined;

  const come = async () => {
    const name = await named;
    if (!end.signal.aborted) member ??= join(name, settings, view);
  };
  const part = () => {
    member?.leave();
    member = undefined;
  };
  const go = () => {
    part();
    view.lose("This page is in the background.");
  };

  const look = () => member?.look();
  // A page that is kept for coming back, or put to sleep, would neither lead nor hear what piles up for it.
  const on = { capture: true, signal: end.signal };
  const duties = { pagehide: go, freeze: go, pageshow: come, resume: come, visibilitychange: look };
  for (const [type, duty] of Object.entries(duties)) addEventListener(type, duty, on);

  come();
  return Object.assign(view.stream, {
    retry: () => member?.order("retry"),
    ping: () => member?.order("ping"),
    close() {
      end.abort();
      part();
      view.lose("Closed by the application.", "closed");
    },
  });
}
