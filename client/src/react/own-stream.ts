import { useEffect } from "react";
import { createPriceStream } from "../client.ts";
import type { PriceStream, StreamOptions } from "../index.ts";

/**
 * Keeps a stream from mounting to unmounting, while there are options; other options make another.
 * @param begin told of each new stream; may return what is to be done once that is closed
 */
export function useOwnStream(
  options: StreamOptions | false,
  begin: (stream: PriceStream) => (() => void) | undefined,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: options written in place are new each time
  useEffect(() => {
    if (!options) return;
    const stream = createPriceStream(options);
    const end = begin(stream);
    return () => {
      stream.close();
      end?.();
    };
  }, [JSON.stringify(options)]);
}
