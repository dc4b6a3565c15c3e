import { OperatorError } from "../../errors.ts";
import { sourceOfUrl } from "../../sources/index.ts";
import { isRecord, parseJson } from "../../sources/reading.ts";
import type { Source } from "../../sources/source.ts";
import { linesOf } from "./lines.ts";

/**
 * One line of a recording as it is written, in JSON: something that passed between the gateway and
 * one exchange. `in`: a frame received; `out`: one sent; `list`: the body of the instrument list;
 * `link`: in words, what became of the connection.
 */
export type WrittenLine = {
  /** Seconds since 1970. */
  t: number;
  dir: "in" | "out" | "list" | "link";
  /** Name of the source. Recordings by others lack it: there the host of `url` tells. */
  source: string;
  url: string;
  raw: string;
};

/** Stands where the recorder had to leave out `lost` lines. */
export type GapLine = { t: number; dir: "gap"; lost: number };

/** What a replay has to know of a recording's line. */
export type RecordedLine = {
  /** Time of receipt, ms since 1970; undefined where the recording does not tell. */
  receivedAt: number | undefined;
} & (
  | {
      kind: "frame" | "list";
      /** Who can read it; undefined where no known source has the address. */
      source: Source | undefined;
      url: string;
      raw: string;
    }
  | { kind: "gap"; lost: number }
);

/** What a recording holds, found by reading it through once. */
export type Contents = {
  frames: number;
  sources: Source[];
  /** ms since 1970. */
  startsAt: number;
  /** Frames that no source claims, by address. */
  unclaimed: Record<string, number>;
  /** Lines that the recorder had to leave out. */
  lost: number;
  /** The file ends in the middle, as after a crash. */
  cut: boolean;
};

/**
 * Reads what was received, in order, from a file of JSON lines, plain or gzip. The least that a
 * line must hold is `{"t": seconds | null, "dir": "in" | "out", "url": string | null, "raw": "…"}`.
 * @param known the sources that may have recorded it
 * @param onCut called where the file ends in the middle
 * @throws OperatorError naming the line, where the file can't be read or is no recording
 */
export async function* readRecording(
  file: string,
  known: readonly Source[],
  onCut: () => void = () => {},
): AsyncGenerator<RecordedLine> {
  let number = 0;
  try {
    for await (const { text, whole } of linesOf(file, onCut)) {
      number++;
      if (text.trim() === "") continue;
      const value = parseJson(text);
      const isHalf = value === undefined && !whole && number > 1;
      if (isHalf) onCut();
      const line = isHalf ? undefined : readLine(value, known, `${file}:${number}`);
      if (line) yield line;
    }
  } catch (error) {
    if (error instanceof OperatorError || !(error instanceof Error)) throw error;
    throw new OperatorError(`The recording ${file} can't be read: ${error.message}`, 2);
  }
}

/** @throws OperatorError where no frame of the recording can be played */
export async function inspectRecording(file: string, known: readonly Source[]): Promise<Contents> {
  const found = new Set<Source>();
  const unclaimed = new Map<string, number>();
  let [frames, lost, cut] = [0, 0, false];
  let startsAt: number | undefined;
  const onCut = () => {
    cut = true;
  };
  for await (const line of readRecording(file, known, onCut)) {
    startsAt ??= line.receivedAt;
    if (line.kind === "gap") lost += line.lost;
    if (line.kind !== "frame") continue;
    frames++;
    if (line.source) found.add(line.source);
    else unclaimed.set(line.url, (unclaimed.get(line.url) ?? 0) + 1);
  }
  if (found.size === 0) {
    const seen = [...unclaimed].map(([url, count]) => `${count} from ${url}`).join(", ");
    throw new OperatorError(
      `The recording ${file} holds no frame of a known exchange (${seen || "it is empty"}).`,
      2,
    );
  }
  return {
    frames,
    sources: [...found],
    startsAt: startsAt ?? 0,
    unclaimed: Object.fromEntries(unclaimed),
    lost,
    cut,
  };
}

/** Undefined for what a replay has no use for. */
function readLine(
  value: unknown,
  known: readonly Source[],
  place: string,
): RecordedLine | undefined {
  if (isRecord(value)) {
    const receivedAt = typeof value.t === "number" ? Math.round(value.t * 1000) : undefined;
    if (value.dir === "gap") return { kind: "gap", receivedAt, lost: Number(value.lost) || 0 };
    if (typeof value.raw === "string") {
      if (value.dir === "out" || value.dir === "link") return undefined;
      const url = typeof value.url === "string" ? value.url : "(no address)";
      const source = known.find(({ name }) => name === value.source) ?? sourceOfUrl(url, known);
      const { raw } = value;
      if (value.dir === "in") return { kind: "frame", receivedAt, source, url, raw };
      if (value.dir === "list") return { kind: "list", receivedAt, source, url, raw };
    }
  }
  throw new OperatorError(
    `${place} is not a line of a recording. Expected {"t":seconds,"dir":"in","url":"wss://…","raw":"…"}.`,
    2,
  );
}
