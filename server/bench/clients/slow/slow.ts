import { runStuck, type StuckReport } from "./stuck.ts";
import { runThrottled, type ThrottledReport } from "./throttled.ts";

const CLIENTS = 1000;
const THROTTLED_MS = 90_000;
/** Of all assets so many move each second: what 2 kB can carry, and about ten times as much. */
const SHARES = [0.1, 1];
/** Memory may still move by so much where it stays as it is, MiB. */
const DRIFT_MIB = 16;
const OLDEST_S = 30;
/** More than this may not be written to a client that reads nothing, snapshot included, KiB. */
const UNREAD_KIB = 160;

/** What is wrong with how clients fared that never read. */
export const judgeStuck = (report: StuckReport): string[] => [
  ...(report.evicted === report.clients ? [] : [`${report.evicted} were cut, not all`]),
  ...(report.codes[3008] === report.clients ? [] : ["not all were told 3008"]),
  ...(report.writtenMiB * 1024 <= UNREAD_KIB * report.clients ? [] : ["too much was written"]),
  ...(report.mostMiB - report.settledMiB <= DRIFT_MIB ? [] : ["the server's memory grows"]),
];

/** What is wrong with how a client fared that reads 2 kB a second. */
export const judgeThrottled = (report: ThrottledReport): string[] => [
  ...(report.worstAgeS <= OLDEST_S ? [] : [`a price was ${report.worstAgeS} s old`]),
  ...(report.closed ? ["it was closed"] : []),
  ...(Number.isNaN(report.newestAfterS) ? ["it never had the newest prices"] : []),
];

/** Both, in full. @returns whether all is well */
export async function runSlow(tell: (text: string) => void): Promise<boolean> {
  const stuck = await runStuck(CLIENTS, 1);
  tell(`Clients that never read: ${JSON.stringify(stuck)}`);
  const throttled = await Promise.all(
    SHARES.map(async (share) => ({ share, ...(await runThrottled(THROTTLED_MS, share)) })),
  );
  for (const report of throttled) {
    tell(`A client that reads 2 kB a second, such a share moving: ${JSON.stringify(report)}`);
  }
  const wrong = [...judgeStuck(stuck), ...throttled.flatMap(judgeThrottled)];
  for (const what of wrong) tell(`VIOLATION: ${what}`);
  return wrong.length === 0;
}
