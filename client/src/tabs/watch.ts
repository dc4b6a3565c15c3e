/** A leader of which nothing is heard for so long vouches for nothing any more, ms. */
const SILENT_MS = 3000;
/** So many questions without an answer, a second apart, are worth taking its place. */
const PATIENCE = 3;

/**
 * What a follower may think of its leader. Timers of hidden tabs are held back, and those of sleeping
 * devices stand still: there a long silence means nothing by itself. Pure; times in ms of the
 * follower's own clock.
 */
export function createWatch(now: number) {
  let heardAt = now;
  /** Without an answer so far. */
  let questions = 0;

  return {
    heard(now: number) {
      heardAt = now;
      questions = 0;
    },

    asked() {
      questions++;
    },

    /** Whoever was asked before gets the time to answer once more. */
    restart() {
      questions = 0;
    },

    /** Whether what was heard last can't be shown as live any more. */
    isSilent: (now: number, isVisible: boolean): boolean =>
      now - heardAt > SILENT_MS && (isVisible || questions > 0),

    /** Whether this tab shall take its place. */
    isLost: (isVisible: boolean): boolean => isVisible && questions >= PATIENCE,
  };
}
