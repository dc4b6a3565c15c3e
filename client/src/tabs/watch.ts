/** A leader of which nothing is heard for so long vouches for nothing any more, ms. */
const SILENT_MS = 3000;
/** So many questions without an answer, a second apart, are worth taking its place. */
const PATIENCE = 3;

/**
 * What a follower may think of its leader. Hidden tabs can't ask in time, since their timers are held
 * back, nor can sleeping ones: there a long silence means nothing by itself. Pure; times in ms of the
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

    /** From now on it is to answer anew: whatever was asked before, nobody waited for the answer. */
    restart() {
      questions = 0;
    },

    /** Whether what was heard last can't be shown as live any more. */
    isSilent: (now: number, isVisible: boolean): boolean =>
      now - heardAt > SILENT_MS && (isVisible || questions > 0),

    /** Whether a tab that is looked at shall take its place. */
    isLost: (): boolean => questions >= PATIENCE,
  };
}
