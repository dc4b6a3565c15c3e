import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip, constants as zlib } from "node:zlib";

/** One line of a text file. Only the last one can lack its end: `whole` is false then. */
export type Line = { text: string; whole: boolean };

/**
 * The lines of a text file, plain or gzip, up to where it may have been cut off.
 * @param onCut called where a gzip file ends in the middle
 */
export async function* linesOf(file: string, onCut: () => void): AsyncGenerator<Line> {
  const zipped = await gzipTrailer(file);
  const bytes = createReadStream(file);
  // A cut stream yields all that it has: by default zlib throws the last part of it away.
  const gunzip = createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH });
  bytes.on("error", (error) => gunzip.destroy(error));
  const decoder = new TextDecoder();
  let length = 0;
  let rest = "";
  try {
    for await (const chunk of zipped ? bytes.pipe(gunzip) : bytes) {
      const part: Buffer = chunk;
      length += part.length;
      const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const text of lines) yield { text, whole: true };
    }
    if (rest !== "") yield { text: rest, whole: false };
    if (zipped && zipped.length !== length % 2 ** 32) onCut();
  } finally {
    bytes.destroy();
    gunzip.destroy();
  }
}

/**
 * The end of a gzip file: the length of its content modulo 2^32 (RFC 1952). Undefined where the
 * file does not begin with gzip's two magic bytes.
 */
async function gzipTrailer(file: string): Promise<{ length: number } | undefined> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const magic = Buffer.alloc(2);
    const trailer = Buffer.alloc(4);
    await handle.read(magic, 0, 2, 0);
    await handle.read(trailer, 0, 4, Math.max(0, size - 4));
    return magic.readUInt16BE() === 0x1f8b ? { length: trailer.readUInt32LE() } : undefined;
  } finally {
    await handle.close();
  }
}
