import type { Clock } from "../clock.ts";
import type { Group } from "./group.ts";
import { openGroup, serveGroup, type Totals } from "./group.ts";
import type { Member } from "./member.ts";

/** Clients that leave within so long leave together, ms. */
const STEP_MS = 100;
/** A client is told to come back after so long, at random within these, ms. */
const COME_BACK_MS = { least: 500, most: 3000 };

export type Leaving = { member: Member; group: Group };

export type DrainOptions = {
  clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  /** The last client is sent away so long after the first, ms. */
  windowMs: number;
  totals: Totals;
};

/**
 * Sends clients away, one by one in no order, spread over a window: each gets what is due to it, so that
 * it holds the book up to its last frame, and then is told to come back in a moment.
 * @param clients who is there; where each is by then is asked when it leaves
 */
export function drainClients(
  clients: readonly (() => Leaving | undefined)[],
  { clock, random, windowMs, totals }: DrainOptions,
): Promise<void> {
  const { least, most } = COME_BACK_MS;
  const waiting = shuffled(clients, random);
  const total = waiting.length;
  const startedAt = clock.now();

  const sendAway = (count: number) => {
    const leaving = waiting.splice(0, count).flatMap((whereabouts) => whereabouts() ?? []);
    // Those of a group share their last frame, like all before.
    for (const [{ broadcast }, members] of byGroup(leaving)) {
      const last = openGroup(broadcast, clock.now());
      for (const member of members) last.members.add(member);
      serveGroup(last, clock.now(), totals);
    }
    for (const { member } of leaving)
      member.sink.bye(Math.round(least + random() * (most - least)));
  };

  return new Promise((resolve) => {
    const step = () => {
      const passed = windowMs > 0 ? Math.min(1, (clock.now() - startedAt) / windowMs) : 1;
      sendAway(Math.ceil(total * passed) - (total - waiting.length));
      if (waiting.length > 0) clock.after(STEP_MS, step);
      else resolve();
    };
    step();
  });
}

function byGroup(leaving: readonly Leaving[]): Map<Group, Member[]> {
  const groups = new Map<Group, Member[]>();
  for (const { member, group } of leaving) {
    const members = groups.get(group);
    if (members) members.push(member);
    else groups.set(group, [member]);
  }
  return groups;
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
