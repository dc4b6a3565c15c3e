/**
 * Breaks a copy of the tree in named ways, one at a time, and runs the test that must notice. A
 * mutant that survives is a hole in the tests.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

type Mutant = {
  name: string;
  file: string;
  find: string;
  replace: string;
  /** File and name of the test that must turn red. */
  test: [file: string, name: string];
};

const mutants: Mutant[] = [
  {
    name: "loop start removed",
    file: "server/src/hub/loop.ts",
    find: "const stop = repeat(index, () => serve(slot));",
    replace: "const stop = () => void repeat;",
    test: ["server/test/hub.test.ts", "writes the same bytes to every client, each second"],
  },
  {
    name: "loop start removed, seen by a client",
    file: "server/src/hub/loop.ts",
    find: "const stop = repeat(index, () => serve(slot));",
    replace: "const stop = () => void repeat;",
    test: ["server/test/wire/plain.test.ts", "a hello and then full prices every second"],
  },
  {
    name: "second /ws/prices route",
    file: "server/src/wire/status.ts",
    find: 'app.get("/livez"',
    replace: 'app.get("/ws/prices", async () => "shadow");\n  app.get("/livez"',
    test: ["server/test/wire/plain.test.ts", "starts its loop with the first client"],
  },
  {
    name: "second upgrade listener",
    file: "server/src/wire/ws.ts",
    find: "const pings = startPings",
    replace:
      'server.on("upgrade", (_request, socket) => socket.destroy());\n  const pings = startPings',
    test: ["server/test/wire/plain.test.ts", "starts its loop with the first client"],
  },
  {
    name: "stale check off",
    file: "server/src/book/book.ts",
    find: "const stale = age > staleAfterMs;",
    replace: "const stale = false;",
    test: ["server/test/book.test.ts", "marks an entry whose last tick is older than staleAfter"],
  },
  {
    name: "stale check off, seen by a client",
    file: "server/src/book/book.ts",
    find: "const stale = age > staleAfterMs;",
    replace: "const stale = false;",
    test: ["server/test/failover.test.ts", "sends no price and says stale"],
  },
  {
    name: "backoff reset at open",
    file: "server/src/feed/link/runner.ts",
    find: 'if (attempt === current) enter("open", NO_PRICE_YET);',
    replace: 'failures = 0;\n        if (attempt === current) enter("open", NO_PRICE_YET);',
    test: ["server/test/feed/runner.test.ts", "waits twice as long after each failure"],
  },
  {
    name: "heartbeats taken for data",
    file: "server/src/feed/link/attempt.ts",
    find: "if (prices > 0) {",
    replace: "if (prices >= 0) {",
    test: ["server/test/feed/runner.test.ts", "brings heartbeats and no price for dead"],
  },
  {
    name: "old socket still heard",
    file: "server/src/feed/link/attempt.ts",
    find: "if (!over) onText(frame);",
    replace: "onText(frame);",
    test: ["server/test/feed/runner.test.ts", "hears nothing from an old socket"],
  },
  {
    name: "rollover closes the old connection first",
    file: "server/src/feed/link/runner.ts",
    find: "if (current) successor = attempt;",
    replace: "current?.stop();\n    if (current) successor = attempt;",
    test: ["server/test/feed/rollover.test.ts", "goes on until its successor has brought a price"],
  },
  {
    name: "rollover leaves the old connection open",
    file: "server/src/feed/link/runner.ts",
    find: "current?.stop();\n      setCurrent(attempt);",
    replace: "setCurrent(attempt);",
    test: ["server/test/feed/rollover.test.ts", "goes on until its successor has brought a price"],
  },
  {
    name: "failed rollover tried again without backoff",
    file: "server/src/feed/link/runner.ts",
    find: "if (!isLeaving && now",
    replace: "if (now",
    test: ["server/test/feed/rollover.test.ts", "is tried again ever more seldom"],
  },
  {
    name: "connect budget not shared",
    file: "server/src/feed/link/budget.ts",
    find: "budgets.get(address) ?? createBudget(allowance)",
    replace: "createBudget(allowance)",
    test: ["server/test/feed/limits.test.ts", "are shared by all connections and by runners"],
  },
  {
    name: "no room left for pongs",
    file: "server/src/feed/link/outbox.ts",
    find: "Math.max(1, Math.floor((count - 1) / 2))",
    replace: "count",
    test: ["server/test/feed/limits.test.ts", "are kept, with a pong"],
  },
  {
    name: "Retry-After of a REST call ignored",
    file: "server/src/feed/link/rest.ts",
    find: "clock.now() + waitOf(error.status, error.retryAfterMs)",
    replace: "clock.now()",
    test: ["server/test/feed/limits.test.ts", "is kept by all calls of its REST API"],
  },
  {
    name: "assets served that nobody chose",
    file: "server/src/feed/feed.ts",
    find: "if (choice.isServed(quote.asset)) options.publish(quote);",
    replace: "options.publish(quote);",
    test: ["server/test/feed/lane.test.ts", "are all that is served"],
  },
  {
    name: "older tick let in",
    file: "server/src/feed/price/market.ts",
    find: "return tick.time < exchangeTime;",
    replace: "return false;",
    test: ["server/test/feed/quotes.test.ts", "takes no older exchange time after a newer one"],
  },
  {
    name: "hold skipped",
    file: "server/src/feed/failover.ts",
    find: 'enter(state, "holding",',
    replace: 'enter(state, "speaking",',
    test: ["server/test/feed/failover.test.ts", "gives them back only after the hold time"],
  },
  {
    name: "absurd prices let in",
    file: "server/src/feed/price/plausible.ts",
    find: "const ABSURD_FACTOR = 2;",
    replace: "const ABSURD_FACTOR = 1e9;",
    test: [
      "server/test/feed/quotes.test.ts",
      "are held back, and forgotten when the price returns",
    ],
  },
  {
    name: "a client's position not kept",
    file: "server/src/hub/member.ts",
    find: "member.position = seq;",
    replace: "void seq;",
    test: ["server/test/hub/flow.test.ts", "gets one frame with all that it missed"],
  },
  {
    name: "echoes not waited for",
    file: "server/src/hub/member.ts",
    find: "now - owesSince < ECHO_PATIENCE_MS",
    replace: "true",
    test: ["server/test/hub/flow.test.ts", "that stay away for ten seconds stop the frames"],
  },
  {
    name: "any number of bytes under way",
    file: "server/src/hub/member.ts",
    find: "const UNREAD_BYTES = 32 * 1024;",
    replace: "const UNREAD_BYTES = Number.POSITIVE_INFINITY;",
    test: ["server/test/hub/flow.test.ts", "allow no more than 32 KiB under way"],
  },
  {
    name: "all clients written to in one go",
    file: "server/src/hub/loop.ts",
    find: "const SLOT_SIZE = 400;",
    replace: "const SLOT_SIZE = 1e9;",
    test: ["server/test/hub/loop.test.ts", "spreads many clients in one group"],
  },
  {
    name: "a snapshot from before the client's position",
    file: "server/src/hub/v1.ts",
    find: "if (made && made.seq >= shared.position) return made;",
    replace: "if (made) return made;",
    test: ["server/test/clients.test.ts", ""],
  },
  {
    name: "delisted assets not told",
    file: "server/src/hub/v1.ts",
    find: "const removed = rows.filter(({ entry }) => !entry.listed);",
    replace: "const removed: Row[] = [];",
    test: ["server/test/clients.test.ts", ""],
  },
  {
    name: "a position of another epoch believed",
    file: "server/src/wire/v1.ts",
    find: "since?.epoch === book.epoch && since.seq",
    replace: "since && since.seq",
    test: ["server/test/wire/v1.test.ts", "gets everything if its position is of another epoch"],
  },
  {
    name: "deflated frames not marked",
    file: "server/src/hub/frame.ts",
    find: "FINAL_TEXT | RSV1",
    replace: "FINAL_TEXT | (RSV1 & 0)",
    test: ["server/test/wire/deflate.test.ts", "inflates, each frame by itself"],
  },
  {
    name: "every origin let in",
    file: "server/src/wire/admission.ts",
    find: "welcome: allows(origin === undefined ? undefined : String(origin)),",
    replace: "welcome: true || allows(origin),",
    test: ["server/test/wire/limits.test.ts", "that are not allowed are told so by the stream"],
  },
  {
    name: "X-Forwarded-For believed of everybody",
    file: "server/src/wire/admission.ts",
    find: "      limits.trustedProxies,\n",
    replace: "      1,\n",
    test: ["server/test/wire/limits.test.ts", "is not believed where no proxy was named"],
  },
  {
    name: "a flood read to its end",
    file: "server/src/wire/inbound.ts",
    find: "      this.pause();\n",
    replace: "",
    test: ["server/test/wire/raw.test.ts", "garbage that go on after the close"],
  },
  {
    name: "demo label lost",
    file: "server/src/hub/plain.ts",
    find: 'mode === "demo" ? { demo: true }',
    replace: 'mode === "demo" ? {}',
    test: ["server/test/wire/plain.test.ts", "labelled as demo"],
  },
  {
    name: "stale check off, seen in chaos",
    file: "server/src/book/book.ts",
    find: "const stale = age > staleAfterMs;",
    replace: "const stale = false;",
    test: ["server/test/chaos.test.ts", "keeps its promises for 20 seconds"],
  },
  {
    name: "decisions at any time",
    file: "server/src/feed/feed.ts",
    find: "beforeFrame: decide,",
    replace: "beforeFrame() {},",
    test: ["server/test/feed/feed.test.ts", "before the first frame of each quarter of a second"],
  },
  {
    name: "probe counted as a client",
    file: "server/src/hub/hub.ts",
    find: "if (counted) {\n        clients[contract]++;",
    replace: "{\n        clients[contract]++;",
    test: ["server/test/hub.test.ts", "does not count its own probe as a client"],
  },
  {
    name: "Retry-After ignored",
    file: "server/src/feed/link/poll.ts",
    find: "Math.max(RETRY.baseMs, askedForMs)",
    replace: "RETRY.baseMs",
    test: ["server/test/feed/poll.test.ts", "is not asked before its Retry-After is over"],
  },
  {
    name: "another coin's market cap let in",
    file: "server/src/metadata/match.ts",
    find: "return agree(price, coin.priceUsd);",
    replace: "return true;",
    test: ["server/test/metadata/metadata.test.ts", "is never another coin's"],
  },
  {
    name: "old prices shown as live after a cut",
    file: "client/src/shown.ts",
    find: "if (!isLive) store.expireAll();",
    replace: "",
    test: ["client/test/store.test.ts", "hear that their price has become stale"],
  },
  {
    name: "more claimed than is held",
    file: "client/src/v1/ledger.ts",
    find: "isKept = isAnew && !canClaim ? never : (id) => wanted.has(id);",
    replace: "isKept = isAnew && !canClaim ? never : always;",
    test: ["client/test/v1/stream.test.ts", "does not claim what it gave up a moment before"],
  },
  {
    name: "a silent server waited for",
    file: "client/src/vitals.ts",
    find: "|| now - (openSince() ?? now) > ANSWER_MS",
    replace: "",
    test: ["client/test/link.test.ts", "asks a live link that is silent for 8 s"],
  },
  {
    name: "attempts counted anew at once",
    file: "client/src/link.ts",
    find: "now - provenSince >= PROVEN_MS",
    replace: "now > 0",
    test: ["client/test/link.test.ts", "counts attempts from 1 again only after 10 s live"],
  },
  {
    name: "attempts spent offline",
    file: "client/src/link.ts",
    find: "if (isOffline(figures.url)) {",
    replace: 'if (figures.url === "nowhere") {',
    test: ["client/test/link.test.ts", "spends no attempt while it is offline"],
  },
  {
    name: "what has worked forgotten",
    file: "client/src/turns.ts",
    find: "if (failures % 3 < 2) return worked;",
    replace: "",
    test: ["client/test/turns.test.ts", "tries what has worked before the others"],
  },
  {
    name: "echo left unanswered",
    file: "client/src/v1/session.ts",
    find: 'say({ type: "echo", seq: message.seq });',
    replace: "",
    test: ["client/test/v1/stream.test.ts", "answers an echo at once"],
  },
  {
    name: "what is not known is 0",
    file: "server/src/metrics/metrics.ts",
    find: "if (labels.length === 0) gauge.remove();",
    replace: "",
    test: ["server/test/metrics.test.ts", "makes up no value that is not known"],
  },
  {
    name: "one of several collections of garbage counted",
    file: "server/src/metrics/runtime.ts",
    find: "of list.getEntries()",
    replace: "of list.getEntries().slice(0, 1)",
    test: ["server/test/metrics.test.ts", "counts every collection of garbage"],
  },
  {
    name: "an alert for a state that no probe has",
    file: "deploy/prometheus/alerts.yml",
    find: 'price_stream_probe_verdict{verdict="fail"}',
    replace: 'price_stream_probe_verdict{verdict="failed"}',
    test: [
      "server/test/monitoring.test.ts",
      "PriceStreamProbeFails asks only of what a gateway has",
    ],
  },
  {
    name: "sent away without the last frame",
    file: "server/src/hub/drain.ts",
    find: "serveGroup(last, clock.now(), totals);",
    replace: "void serveGroup;",
    test: ["server/test/hub/drain.test.ts", "gives each what is due by then"],
  },
  {
    name: "all sent away at once",
    file: "server/src/hub/drain.ts",
    find: "Math.min(1, (clock.now() - startedAt) / windowMs)",
    replace: "Math.min(1, startedAt + 1)",
    test: ["server/test/hub/drain.test.ts", "spread evenly over the window"],
  },
  {
    name: "new clients while draining",
    file: "server/src/wire/door.ts",
    find: "isDraining() ? {",
    replace: "isDraining() && !isDraining() ? {",
    test: ["server/test/restart.test.ts", "a restart by SIGTERM costs clients a moment"],
  },
  {
    name: "a state taken by two",
    file: "server/src/cli/state.ts",
    find: "await rename(path, claimed);",
    replace: 'await (await import("node:fs/promises")).copyFile(path, claimed);',
    test: ["server/test/state.test.ts", "goes to exactly one of many that start at once"],
  },
  {
    name: "tokens without an end",
    file: "server/src/wire/access.ts",
    find: 'requiredClaims: ["exp"],',
    replace: "",
    test: ["server/test/wire/access.test.ts", "lets nobody in that has no end"],
  },
  {
    name: "streams that outlive their token",
    file: "server/src/wire/ws.ts",
    find: 'connection.client.once("close", at(clock, expiresAt, end));',
    replace: "void end, at;",
    test: ["server/test/wire/access.test.ts", "ends a stream when its token is over"],
  },
  {
    name: "REST for everybody",
    file: "server/src/wire/rest.ts",
    find: '"/api/prices/:asset",\n    { onRequest },',
    replace: '"/api/prices/:asset",\n    {},',
    test: ["server/test/wire/access.test.ts", "answers /api/prices/bitcoin with 401"],
  },
  {
    name: "metrics for everybody",
    file: "server/src/wire/status.ts",
    find: "serveStatus(app, options, true);",
    replace: "serveStatus(app, { ...options, adminToken: undefined }, true);",
    test: ["server/test/wire/status.test.ts", "wants the token on the port of its own too"],
  },
  {
    name: "a probe that trusts a certificate that is over",
    file: "server/src/wire/probe.ts",
    find: "if (isCertified) finish",
    replace: "if (isCertified || true) finish",
    test: ["server/test/probe.test.ts", "fails on a certificate that is over"],
  },
  {
    name: "old prices shown as live for a frame",
    file: "client/src/store.ts",
    find: "ageMs: () => undefined }, 0);\n      tell();",
    replace: "ageMs: () => undefined }, 0);",
    test: ["client/test/store.test.ts", "hear that a price is old with the end of the connection"],
  },
];

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "mutants-"));
const skipped = new Set(["node_modules", ".git", "dist"]);
cpSync(root, copy, {
  recursive: true,
  filter: (path) =>
    !relative(root, path)
      .split("/")
      .some((part) => skipped.has(part)),
});
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** Runs one test by name. */
function passes([file, name]: Mutant["test"]): boolean {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const { status } = spawnSync(
    process.execPath,
    [vitest, "run", file, "-t", pattern, "--passWithNoTests=false"],
    { cwd: copy, stdio: "ignore" },
  );
  return status === 0;
}

let survivors = 0;
for (const { name, file, find, replace, test } of mutants) {
  const path = join(copy, file);
  const original = readFileSync(path, "utf8");
  if (original.split(find).length !== 2) throw new Error(`"${find}" is not once in ${file}`);
  const sound = passes(test);
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  const killed = sound && !passes(test);
  writeFileSync(path, original);
  if (!killed) survivors++;
  const verdict = !sound ? "UNSOUND (the test fails without it)" : killed ? "killed" : "SURVIVED";
  console.log(`${verdict.padEnd(9)} ${name} — ${test[0]}: ${test[1]}`);
}
rmSync(copy, { recursive: true });
console.log(`${mutants.length - survivors} of ${mutants.length} mutants killed`);
process.exitCode = survivors > 0 ? 1 : 0;
