/** Where there are no frames, updates are gathered for this long, ms. */
const WITHOUT_FRAMES_MS = 16;
/** A tab hidden while it waits for a frame gets none: then this timer takes over, ms. */
const FRAME_OVERDUE_MS = 250;

/** Calls `fn` once: with the next animation frame, or soon where none is drawn. */
export function nextFrame(fn: () => void): void {
  const drawn =
    typeof requestAnimationFrame === "function" &&
    !(typeof document !== "undefined" && document.visibilityState === "hidden");
  const run = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    fn();
  };
  const frame = drawn ? requestAnimationFrame(run) : undefined;
  const timer = setTimeout(run, drawn ? FRAME_OVERDUE_MS : WITHOUT_FRAMES_MS);
}
