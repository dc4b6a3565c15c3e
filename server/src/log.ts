import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

/** JSON lines, or plain sentences where a person reads along in a terminal. */
export function createLog(level: string, terminal: boolean): Logger {
  if (!terminal) return pino({ level });
  return pino(
    { level },
    pretty({ colorize: true, ignore: "pid,hostname", translateTime: "HH:MM:ss" }),
  );
}
