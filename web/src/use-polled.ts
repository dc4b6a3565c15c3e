import { useCallback, useEffect, useState } from "react";

/**
 * The latest answer of `ask`, asked for now and every `everyMs` while the page is in sight. A failed
 * request keeps the last answer. The second value asks at once.
 */
export function usePolled<Answer>(
  ask: () => Promise<Answer>,
  everyMs: number,
): [Answer | undefined, () => void] {
  const [answer, setAnswer] = useState<Answer>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again at once
  useEffect(() => {
    let gone = false;
    const poll = () => {
      if (document.hidden) return;
      ask().then(
        (next) => gone || setAnswer(next),
        () => {},
      );
    };
    poll();
    const timer = setInterval(poll, everyMs);
    document.addEventListener("visibilitychange", poll);
    return () => {
      gone = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", poll);
    };
  }, [ask, everyMs, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return [answer, again];
}
