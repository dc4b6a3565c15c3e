import type { SteadyClock } from "../../clock.ts";
import type { FeedSource, Network } from "../lane.ts";
import type { WrittenLine } from "./recording.ts";

/** Where a tap writes. The time is the writer's business. */
export type WriteLine = (line: Omit<WrittenLine, "t">) => void;

/**
 * The same network for one source, with all that passes written down: frames both ways, what
 * becomes of each connection, and the instrument list. Other answers are not: they may hold tokens.
 * @param clock held while a frame is written and taken in, so that both see the same time
 */
export function tap(
  network: Network,
  of: FeedSource,
  clock: SteadyClock,
  write: WriteLine,
): Network {
  const { name: source, listing } = of.source;
  const listUrl = listing.url(of.endpoint, of.key);

  return {
    ...network,

    dial(url, events) {
      const note = (dir: WrittenLine["dir"], raw: string) => write({ dir, source, url, raw });
      let over = false;
      const end = (how: string) => {
        if (!over) note("link", how);
        over = true;
      };
      const socket = network.dial(url, {
        ...events,
        opened() {
          note("link", "opened");
          events.opened();
        },
        text(frame) {
          clock.hold(() => {
            note("in", frame);
            events.text(frame);
          });
        },
        refused(status, retryAfterMs) {
          end(`refused with HTTP ${status}`);
          events.refused(status, retryAfterMs);
        },
        closed(reason) {
          end(reason);
          events.closed(reason);
        },
      });
      return {
        ...socket,
        send(text) {
          note("out", text);
          socket.send(text);
        },
        destroy() {
          end("cut by us");
          socket.destroy();
        },
      };
    },

    async rest(request) {
      const answer = await network.rest(request);
      if (request.url === listUrl && !answer.unchanged) {
        write({ dir: "list", source, url: listUrl, raw: JSON.stringify(answer.body) });
      }
      return answer;
    },
  };
}
