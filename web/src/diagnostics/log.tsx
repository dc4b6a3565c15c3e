import { KEPT_LINES, type LogLine } from "./connection-log.ts";
import { formatTime } from "./words.ts";

/** The story of the connection, what came last on top. */
export function Log({ lines }: { lines: readonly LogLine[] }) {
  return (
    <section className="log">
      <h3>
        Log{" "}
        <small>
          {lines.length === KEPT_LINES ? `the last ${KEPT_LINES} lines, ` : ""}newest first
        </small>
      </h3>
      <ol>
        {lines.toReversed().map(({ number, at, text }) => (
          <li key={number}>
            <time>{formatTime(at)}</time> <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
