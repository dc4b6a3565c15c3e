import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from "react";
import { createPriceStream, type PriceStream } from "../client.ts";
import type { StreamOptions } from "../options.ts";

/** Null outside of a provider; undefined in one that is not mounted yet. */
const Stream = createContext<PriceStream | null | undefined>(null);

export type PriceStreamProviderProps = { children?: ReactNode } & (
  | StreamOptions
  /** One that the application keeps and closes. */
  | { stream: PriceStream }
);

/**
 * Gives the hooks below it a stream: `stream`, or one of its own with these options, from mounting
 * to unmounting. Other options make another stream; a function counts as the same one whatever it
 * captures: where that matters, give the provider a `key`.
 */
export function PriceStreamProvider({ children, ...props }: PriceStreamProviderProps) {
  const [own, setOwn] = useState<PriceStream>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: options written in place are new each time
  useEffect(() => {
    if ("stream" in props) return;
    const created = createPriceStream(props);
    setOwn(created);
    return created.close;
  }, ["stream" in props || JSON.stringify(props)]);
  return createElement(Stream, { value: "stream" in props ? props.stream : own }, children);
}

/** The stream of the provider; undefined until that is mounted, and on a server. */
export function usePriceStream(): PriceStream | undefined {
  const stream = useContext(Stream);
  if (stream === null) throw new Error("No price stream: wrap the app in <PriceStreamProvider>");
  return stream;
}
