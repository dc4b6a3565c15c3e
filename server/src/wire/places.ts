/** Counts who is there, by key. */
export function createPlaces() {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    all: (): number => all,
    of: (key: string): number => taken.get(key) ?? 0,
    /** @returns what gives the place back, to be called once */
    take(key: string): () => void {
      all++;
      taken.set(key, (taken.get(key) ?? 0) + 1);
      return () => {
        all--;
        const left = (taken.get(key) ?? 0) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}
