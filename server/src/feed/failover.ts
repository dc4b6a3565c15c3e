import { formatMs } from "../format.ts";

/**
 * Whether a source may speak for its assets.
 * `waiting`: nothing came yet. `holding`: it is back, and must stay so for the hold time.
 */
export type Standing = "waiting" | "speaking" | "lost" | "holding";

export type FailoverTiming = {
  /** A source without data for so long loses all its assets, ms. */
  failoverAfterMs: number;
  /** A source that was lost must bring data for so long before it speaks again, ms. */
  holdMs: number;
};

export type Failover = ReturnType<typeof createFailover>;

/**
 * Which sources may speak, by what their links bring. Pure: the caller brings the time, in ms.
 * A link that is down brings no data, so one measure (the age of the last data) covers both.
 */
export function createFailover(
  names: readonly string[],
  timing: FailoverTiming,
  startedAt: number,
  onChange: (name: string, standing: Standing, reason: string) => void,
) {
  const states = names.map((name) => ({
    name,
    standing: "waiting" as Standing,
    reason: "no data yet",
    lastDataAt: startedAt,
    holdingSince: 0,
    losses: 0,
  }));
  type State = (typeof states)[number];

  const enter = (state: State, standing: Standing, reason: string) => {
    if (state.standing === standing && state.reason === reason) return;
    const changed = state.standing !== standing;
    if (state.standing === "speaking" && standing === "lost") state.losses++;
    state.standing = standing;
    state.reason = reason;
    if (changed) onChange(state.name, standing, reason);
  };

  return {
    /** Prices came from this source. */
    data(index: number, now: number) {
      const state = states[index];
      if (!state) return;
      state.lastDataAt = now;
      if (state.standing === "waiting") enter(state, "speaking", "data");
      if (state.standing === "lost") {
        state.holdingSince = now;
        enter(state, "holding", `back for less than ${formatMs(timing.holdMs)}`);
      }
    },

    /** The link went down. Data from before count for `failoverAfterMs`; a hold begins anew. */
    down(index: number, reason: string) {
      const state = states[index];
      if (state?.standing === "holding") enter(state, "lost", reason);
    },

    /** The exchange refuses for good: all assets are lost at once. */
    fatal(index: number, reason: string) {
      const state = states[index];
      if (state) enter(state, "lost", reason);
    },

    sweep(now: number) {
      for (const state of states) {
        const silentMs = now - state.lastDataAt;
        if (state.standing !== "lost" && silentMs > timing.failoverAfterMs) {
          enter(state, "lost", `no data for ${formatMs(timing.failoverAfterMs)}`);
        }
        if (state.standing === "holding" && now - state.holdingSince >= timing.holdMs) {
          enter(state, "speaking", `data for ${formatMs(timing.holdMs)}`);
        }
      }
    },

    standing: (index: number): Standing => states[index]?.standing ?? "lost",
    reason: (index: number): string => states[index]?.reason ?? "",
    /** How often it has lost the assets that it spoke for. */
    losses: (index: number): number => states[index]?.losses ?? 0,
  };
}
