import type { Mutant } from "./mutant.ts";

/** A doctor that takes for well what only looks so, and the other way round. */
export const doctor: readonly Mutant[] = [
  {
    name: "the doctor's token in clear text",
    file: "doctor/src/observe/observe.ts",
    find: "ask(plainUrl(target), stranger)",
    replace: "ask(plainUrl(target), way)",
    test: ["doctor/test/network.test.ts", "never shows its token in clear text"],
  },
  {
    name: "a doctor that is content with one fresh price",
    file: "doctor/src/checks/fresh.ts",
    find: "if (old > all / 2)",
    replace: "if (fresh === 0)",
    test: ["doctor/test/looks-well.test.ts", "that most prices are old, though some are fresh"],
  },
  {
    name: "a doctor that is content with one price that moves",
    file: "doctor/src/checks/moving.ts",
    find: "changedMs[Math.ceil(assets.length / SHARE) - 1]",
    replace: "changedMs[0]",
    test: ["doctor/test/looks-well.test.ts", "that one asset moves, and all others stand still"],
  },
  {
    name: "a doctor that calls a market at rest dead",
    file: "doctor/src/checks/moving.ts",
    find: "ageMs === undefined || ageMs > stillMs / 2",
    replace: "ageMs !== 0",
    test: ["doctor/test/looks-well.test.ts", "warns of a market at rest while data come in"],
  },
  {
    name: "a doctor that calls a quiet market dead, however long its prices may grow old",
    file: "doctor/src/checks/moving.ts",
    find: "Math.max(timing.frozenMs, oldMs * YOUNG)",
    replace: "timing.frozenMs",
    test: ["doctor/test/looks-well.test.ts", "warns of a quiet market whose operator"],
  },
  {
    name: "a doctor that does not mind that v1 calls all prices old",
    file: "doctor/src/checks/contracts.ts",
    find: "fresh.filter(([, , price]) => price.stale)",
    replace: "fresh.filter(([, price]) => price.stale)",
    test: ["doctor/test/contracts.test.ts", "v1 that calls all prices old"],
  },
  {
    name: "a doctor that counts updates of v1 without news",
    file: "doctor/src/tally/v1.ts",
    find: "else if (changes.length > 0) updates.add(ms);",
    replace: "else updates.add(ms + changes.length);",
    test: ["doctor/test/looks-well.test.ts", "v1 whose updates bring nothing new"],
  },
  {
    name: "a doctor that takes the first events for all",
    file: "doctor/src/checks/sse.ts",
    find: "silentMs > timing.gapMs && isDue && goesOn",
    replace: "silentMs > timing.gapMs && !isDue && goesOn",
    test: ["doctor/test/looks-well.test.ts", "a proxy that lets the first events through"],
  },
  {
    name: "a doctor that forgets how long the handshake took",
    file: "doctor/src/checks/slow.ts",
    find: "handshake.ms + (firstMs ?? 0)",
    replace: "(firstMs ?? 0)",
    test: ["doctor/test/looks-well.test.ts", "a handshake that takes longer than clients wait"],
  },
  {
    name: "a doctor that takes a 101 for a greeting",
    file: "doctor/src/checks/origin.ts",
    find: "!isOld && !origin.isGreeted",
    replace: "!isOld && origin.isGreeted === undefined",
    test: ["doctor/test/looks-well.test.ts", "that pages get a 101, and then silence"],
  },
  {
    name: "a doctor that knows no default of a page's policy",
    file: "doctor/src/checks/csp.ts",
    find: 'named("connect-src") ?? named("default-src")',
    replace: 'named("connect-src")',
    test: ["doctor/test/page.test.ts", "reads the policy \"default-src 'self'\""],
  },
];
