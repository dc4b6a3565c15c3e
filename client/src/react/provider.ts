import { createContext, createElement, type ReactNode, useContext, useState } from "react";
import type { PriceStream, StreamOptions } from "../index.ts";
import { useOwnStream } from "./own-stream.ts";

/** Null outside of a provider; undefined in one that is not mounted yet. */
const Stream = createContext<PriceStream | null | undefined>(null);

export type PriceStreamProviderProps = { children?: ReactNode } & (
  | StreamOptions
  /** One that the application keeps and closes; undefined until there is one. */
  | { stream: PriceStream | undefined }
);

/**
 * Gives the hooks below it a stream: `stream`, or one of its own with these options, from mounting
 * to unmounting. Other options make another stream; a function counts as the same one whatever it
 * captures: where that matters, give the provider a `key`.
 */
export function PriceStreamProvider({ children, ...props }: PriceStreamProviderProps) {
  const [own, setOwn] = useState<PriceStream>();
  const given = "stream" in props;
  useOwnStream(!given && props, (stream) => void setOwn(stream));
  return createElement(Stream, { value: given ? props.stream : own }, children);
}

/** The stream of the provider; undefined until that is mounted, and on a server. */
export function usePriceStream(): PriceStream | undefined {
  const stream = useContext(Stream);
  if (stream === null)
    throw new Error("No price stream here: wrap the app in <PriceStreamProvider>");
  return stream;
}
