import { useCallback, useEffect, useRef, useState } from "react";
import { type Polling, poll } from "./poll.ts";

/**
 * The latest answer of `ask`, asked for now and every `everyMs` while the page is in sight. A failed
 * request keeps the last answer. The second value asks at once.
 */
export function usePolled<Answer>(
  ask: () => Promise<Answer>,
  everyMs: number,
): [Answer | undefined, () => void] {
  const [answer, setAnswer] = useState<Answer>();
  const polling = useRef<Polling>(undefined);
  useEffect(() => {
    polling.current = poll(ask, everyMs, setAnswer);
    return polling.current.stop;
  }, [ask, everyMs]);
  const again = useCallback(() => polling.current?.again(), []);
  return [answer, again];
}
