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
    call(value: Value) {
      for (const listener of [...all]) {
        if (!all.has(listener)) continue;
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
