/** Where there are no frames, updates are gathered for this long, ms. */
const WITHOUT_FRAMES_MS = 16;
/** A hidden tab gets no frame: then this timer takes over, ms. */
const FRAME_OVERDUE_MS = 250;

/** Calls `fn` once: with the next animation frame, or soon where none is drawn. */
export function nextFrame(fn: () => void): void {
  const run = () => {
    if (frame) cancelAnimationFrame(frame);
    clearTimeout(timer);
    fn();
  };
  const frame = globalThis.requestAnimationFrame?.(run);
  const timer = setTimeout(run, frame ? FRAME_OVERDUE_MS : WITHOUT_FRAMES_MS);
}
