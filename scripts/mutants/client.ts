import type { Mutant } from "./mutant.ts";

/** What the SDK and the page show. */
export const client: readonly Mutant[] = [
  {
    name: "old prices shown as live after a cut",
    file: "client/src/shown.ts",
    find: 'if (next.state !== "live") store.expireAll();',
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
    find: "now - (wellSince ?? now) >= PROVEN_MS",
    replace: "now > 0",
    test: ["client/test/link.test.ts", "counts attempts from 1 again only after 10 s live"],
  },
  {
    name: "attempts spent offline",
    file: "client/src/link.ts",
    find: "if (isOffline(figures.url)) return",
    replace: 'if (figures.url === "nowhere") return',
    test: ["client/test/link.test.ts", "spends no attempt while it is offline"],
  },
  {
    name: "what has worked forgotten",
    file: "client/src/turns.ts",
    find: "worked && failures % 3 < 2 ? worked : turn",
    replace: "turn",
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
    name: "old prices shown as live for a frame",
    file: "client/src/store.ts",
    find: "change(expired(price));\n      tell();",
    replace: "change(expired(price));",
    test: ["client/test/store.test.ts", "hear that a price is old with the end of the connection"],
  },
];
