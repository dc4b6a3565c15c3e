import type { Seen } from "../seen.ts";
import { assets } from "./assets.ts";
import { type Check, skip, type Verdict } from "./check.ts";
import { clock } from "./clock.ts";
import { connect } from "./connect.ts";
import { dns } from "./dns.ts";
import { fresh } from "./fresh.ts";
import { handshake } from "./handshake.ts";
import { health } from "./health.ts";
import { hello } from "./hello.ts";
import { http } from "./http.ts";
import { idle } from "./idle.ts";
import { label } from "./label.ts";
import { moving } from "./moving.ts";
import { origin } from "./origin.ts";
import { page } from "./page.ts";
import { prices } from "./prices.ts";
import { ready } from "./ready.ts";
import { sse } from "./sse.ts";
import { steady } from "./steady.ts";
import { tls } from "./tls.ts";
import { truth } from "./truth.ts";
import { v1 } from "./v1.ts";
import { version } from "./version.ts";

/** In the order in which they are told: what comes first is to be mended first. */
const checks: readonly Check[] = [
  dns,
  connect,
  tls,
  http,
  ready,
  health,
  version,
  page,
  handshake,
  origin,
  hello,
  label,
  prices,
  clock,
  fresh,
  steady,
  moving,
  assets,
  truth,
  v1,
  idle,
  sse,
];

export type Result = { name: string } & Verdict;

/** Judges what was seen. What needs a check that has failed is skipped, and says because of which. */
export function diagnose(seen: Seen): Result[] {
  const failed = new Set<string>();
  /** Check → the one that has failed without which it makes no sense. */
  const roots = new Map<string, string>();
  return checks.map(({ name, needs, diagnose }) => {
    const root = needs.map((need) => roots.get(need)).find((root) => root !== undefined);
    const verdict = root === undefined ? diagnose(seen, failed) : skip(`because ${root} failed`);
    if (verdict.status === "fail") failed.add(name);
    const mine = verdict.status === "fail" ? name : root;
    if (mine !== undefined) roots.set(name, mine);
    return { name, ...verdict };
  });
}
