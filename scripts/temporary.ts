import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives the tests of a run one folder for all that they write, and removes it after them. */
export default function useTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "cryptovault-"));
  // Some tests start programs as a user without rights.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
