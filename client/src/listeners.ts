/** A set of callbacks. One that throws does not keep the others from being called. */
export function createListeners<Value>() {
  const all = new Set<{ fn: (value: Value) => void }>();
  return {
    /** Returns the undo. The same function may be added twice. */
    add(fn: (value: Value) => void): () => void {
      const listener = { fn };
      all.add(listener);
      return () => {
        all.delete(listener);
      };
    },
    /** @param isTrue one of them may make `value` wrong: then the others are not called with it */
    call(value: Value, isTrue: () => boolean) {
      for (const listener of [...all]) {
        if (!all.has(listener) || !isTrue()) continue;
        try {
          listener.fn(value);
        } catch (error) {
          // The application's own error: let it surface as an uncaught one, outside the stream.
          setTimeout(() => {
            throw error;
          });
        }
      }
    },
  };
}
