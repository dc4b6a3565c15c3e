import type { Mirror, Price } from "@cryptovault/price-stream/mirror";
import type { UpdateMessage } from "@cryptovault/price-stream/protocol/v1";
import type { Truth } from "./truth.ts";
import type { Answered, Assets } from "./wishes.ts";

const FIELDS = [
  "asset",
  "price",
  "change24h",
  "exchangeTime",
  "source",
  "quote",
  "derivedFrom",
  "thin",
  "staleSince",
] as const satisfies (keyof Price)[];

/** Holds what a client has and gets against what the book was. Each call tells what is wrong. */
export function createJudge(mirror: Mirror) {
  const of = (assets: Assets, truth: Truth): Iterable<string> =>
    assets === "*" ? truth.assets() : assets;

  return {
    /** Whether the client is, at its position, the book of then restricted to what it holds. */
    holdings(truth: Truth, holding: Assets): string[] {
      const seq = mirror.position()?.seq ?? 0;
      let count = 0;
      const wrong: string[] = [];
      for (const asset of of(holding, truth)) {
        const fact = truth.at(asset, seq);
        const due = fact?.listed ? fact.views : [];
        const held = mirror.get(asset);
        if (due.length > 0) count++;
        if (due.length === 0 && !held) continue;
        if (held && due.some((view) => FIELDS.every((field) => view[field] === held[field])))
          continue;
        wrong.push(`at ${seq} ${asset} is ${JSON.stringify(held)}, not ${JSON.stringify(due)}`);
      }
      if (wrong.length === 0 && mirror.all().size !== count) wrong.push("it holds assets too many");
      return wrong.slice(0, 1);
    },

    /** Whether the rows are what changed since, no more and no less. To be asked before they apply. */
    rows({ seq, assets, removed = [] }: UpdateMessage, truth: Truth, answer: Answered): string[] {
      const due: number[] = [];
      const gone: number[] = [];
      const maybeGone = new Set<number>();
      for (const asset of of(answer.target, truth)) {
        const fact = truth.at(asset, seq);
        if (!fact || fact.seq <= answer.from(asset)) continue;
        if (fact.listed) due.push(fact.ref);
        else {
          maybeGone.add(fact.ref);
          if (answer.from(asset) > 0 && mirror.get(asset)) gone.push(fact.ref);
        }
      }
      due.sort((a, b) => a - b);
      const rows = refsOf(assets);
      const told = refsOf(removed);
      const isExact = rows.length === due.length && rows.every((ref, place) => ref === due[place]);
      const isTold = gone.every((ref) => told.includes(ref));
      const isSilent = told.every((ref) => maybeGone.has(ref));
      return [
        ...(isExact ? [] : [`at ${seq} it brings the assets ${rows}, not ${due}`]),
        ...(isTold && isSilent ? [] : [`at ${seq} it takes away ${told}, not ${gone}`]),
      ];
    },
  };
}

function refsOf(gaps: readonly number[]): number[] {
  let last = 0;
  return gaps.map((gap) => {
    last += gap;
    return last;
  });
}
