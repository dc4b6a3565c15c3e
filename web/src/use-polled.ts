import { useCallback, useEffect, useRef, useState } from "react";
import { Refusal } from "./api.ts";
import { type Polling, poll } from "./poll.ts";
import { useReached } from "./use-reached.ts";
import { useSecond } from "./use-second.ts";

/** An answer that is older than this tells nothing of the present, ms. */
const LATE_MS = 6000;
/** Where the stream has ended, nothing is waited for. */
const CUT_OFF_MS = 2000;

/** What the gateway has answered last. */
export type Told<Body> = {
  readonly body: Body;
  /** When it came, ms of `performance.now()`. */
  readonly at: number;
};

export type Polled<Body> = {
  /** Undefined until the gateway has answered. */
  readonly told: Told<Body> | undefined;
  /** For how long it has told nothing, ms; null while it does. */
  readonly silentMs: number | null;
  /** Why, where it answers at all. */
  readonly refusal: string | undefined;
  /** Asks at once. */
  readonly again: () => void;
};

/**
 * The latest answer of `ask`, asked for now and every `everyMs` while the page is in sight and the stream
 * is there. A failed request keeps the last answer. Renders again each second.
 */
export function usePolled<Body>(ask: () => Promise<Body>, everyMs: number): Polled<Body> {
  const [begunAt] = useState(() => performance.now());
  const [told, tell] = useState<Told<Body>>();
  const [refusal, setRefusal] = useState<string>();
  const polling = useRef<Polling>(undefined);
  const reached = useReached();
  useSecond();
  useEffect(() => {
    if (!reached) return setRefusal(undefined);
    const asking = async () => {
      try {
        return { body: await ask(), at: performance.now() };
      } catch (error) {
        setRefusal(error instanceof Refusal ? error.message : undefined);
        throw error;
      }
    };
    const own = poll(asking, everyMs, tell);
    polling.current = own;
    return () => {
      own.stop();
      polling.current = undefined;
    };
  }, [ask, everyMs, reached]);
  const again = useCallback(() => polling.current?.again(), []);
  const waitedMs = performance.now() - (told?.at ?? begunAt);
  const silentMs = waitedMs > (reached ? LATE_MS : CUT_OFF_MS) ? waitedMs : null;
  return { told, silentMs, refusal, again };
}
