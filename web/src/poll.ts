export type Polling = {
  /** Asks at once. */
  again(): void;
  stop(): void;
};

/**
 * Asks now and every `everyMs` while the page is in sight, and tells each answer. A failed request tells
 * nothing.
 */
export function poll<Answer>(
  ask: () => Promise<Answer>,
  everyMs: number,
  tell: (answer: Answer) => void,
): Polling {
  let isOver = false;
  const again = () => {
    if (document.hidden) return;
    ask().then(
      (answer) => isOver || tell(answer),
      () => {},
    );
  };
  again();
  const timer = setInterval(again, everyMs);
  document.addEventListener("visibilitychange", again);
  return {
    again,
    stop() {
      isOver = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    },
  };
}
