import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { OperatorError } from "../errors.ts";
import { sourceOfUrl } from "../sources/index.ts";
import { isRecord, parseJson, type Source } from "../sources/source.ts";

/** One received frame of a recording. */
export type RecordedFrame = {
  /** Time of receipt, ms since 1970; undefined where the recording does not tell. */
  receivedAt: number | undefined;
  /** Who can read it; undefined where no known source has the address. */
  source: Source | undefined;
  url: string;
  raw: string;
};

/** What a recording holds, found by reading it through once. */
export type Contents = {
  frames: number;
  sources: Source[];
  /** ms since 1970. */
  startsAt: number;
  /** Frames that no source claims, by address. */
  unclaimed: Record<string, number>;
};

/**
 * Reads the received frames of a recording, in order. A line is
 * `{"t": seconds | null, "dir": "in" | "out", "url": string | null, "raw": "text of the frame"}`.
 * @param known the sources that may have recorded it
 * @throws OperatorError naming the line, where the file can't be read or is no recording
 */
export async function* readRecording(
  file: string,
  known: readonly Source[],
): AsyncGenerator<RecordedFrame> {
  const input = createReadStream(file, "utf8");
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (line.trim() === "") continue;
      const frame = parseLine(line, `${file}:${number}`, known);
      if (frame) yield frame;
    }
  } catch (error) {
    if (error instanceof OperatorError || !(error instanceof Error)) throw error;
    throw new OperatorError(`The recording ${file} can't be read: ${error.message}`, 2);
  } finally {
    input.destroy();
  }
}

/** @throws OperatorError where no frame of the recording can be played */
export async function inspectRecording(file: string, known: readonly Source[]): Promise<Contents> {
  const sources = new Set<Source>();
  const unclaimed = new Map<string, number>();
  let frames = 0;
  let startsAt: number | undefined;
  for await (const { source, url, receivedAt } of readRecording(file, known)) {
    frames++;
    startsAt ??= receivedAt;
    if (source) sources.add(source);
    else unclaimed.set(url, (unclaimed.get(url) ?? 0) + 1);
  }
  if (sources.size === 0) {
    const seen = [...unclaimed].map(([url, count]) => `${count} from ${url}`).join(", ");
    throw new OperatorError(
      `The recording ${file} holds no frame of a known exchange (${seen || "it is empty"}).`,
      2,
    );
  }
  return {
    frames,
    sources: [...sources],
    startsAt: startsAt ?? 0,
    unclaimed: Object.fromEntries(unclaimed),
  };
}

function parseLine(
  line: string,
  place: string,
  known: readonly Source[],
): RecordedFrame | undefined {
  const value = parseJson(line);
  if (
    !isRecord(value) ||
    typeof value.raw !== "string" ||
    !["in", "out"].includes(String(value.dir))
  ) {
    throw new OperatorError(
      `${place} is not a line of a recording. Expected {"t":seconds,"dir":"in","url":"wss://…","raw":"…"}.`,
      2,
    );
  }
  if (value.dir === "out") return undefined;
  const url = typeof value.url === "string" ? value.url : "(no address)";
  return {
    receivedAt: typeof value.t === "number" ? value.t * 1000 : undefined,
    source: sourceOfUrl(url, known),
    url,
    raw: value.raw,
  };
}
