import type { Contender } from "./contender.ts";

/** `JSON.parse` and nothing else: what any reader that parses JSON costs at the least. */
export function jsonParse(): Contender {
  let parsed: unknown;
  return {
    name: "JSON.parse",
    key: "jsonParse",
    computes: "the parsed frame, nothing more",
    take({ text }) {
      parsed = JSON.parse(text);
    },
    prove(round) {
      if (JSON.stringify(parsed) !== round.at(-1)?.text) throw new Error("JSON.parse lost a frame");
    },
  };
}
