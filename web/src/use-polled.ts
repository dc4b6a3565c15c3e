import { useCallback, useEffect, useState } from "react";

/**
 * The latest answer of `ask`, asked for now and every `everyMs`. A failed request keeps the last
 * answer. The second value asks at once.
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
      ask().then(
        (next) => gone || setAnswer(next),
        () => {},
      );
    };
    poll();
    const timer = setInterval(poll, everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [ask, everyMs, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return [answer, again];
}
