import pino from "pino";

const LINES = 60;

/** What the gateway's log tells of exchanges: its last lines, and how often one lost its assets. */
export function createStory() {
  const lines: string[] = [];
  let failovers = 0;
  const write = (line: string) => {
    if (line.includes("WebSocket ")) return;
    lines.push(line.trim());
    if (lines.length > LINES) lines.shift();
    if (line.includes(" lost its assets")) failovers++;
  };
  const log = pino({ level: "info", base: null }, { write });
  return { log, lines, failovers: () => failovers };
}

/**
 * What nobody catches is a violation, and so is what Node warns of, such as too many listeners.
 * @returns the undo
 */
export function guardProcess(violate: (what: string) => void): () => void {
  const onError = (error: unknown) => {
    violate(`not caught: ${error instanceof Error ? error.stack : String(error)}`);
  };
  const events = ["uncaughtException", "unhandledRejection", "warning"] as const;
  for (const event of events) process.on(event, onError);
  return () => {
    for (const event of events) process.off(event, onError);
  };
}
