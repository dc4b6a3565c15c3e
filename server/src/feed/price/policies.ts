import { createMedian } from "./median.ts";
import type { Desk, Policy } from "./policy.ts";
import { createPriority } from "./priority.ts";

export const policyNames = ["priority", "median"] as const;
export type PolicyName = (typeof policyNames)[number];

/** Every policy by its name in `--policy`. */
export const policies: Readonly<Record<PolicyName, (desk: Desk) => Policy>> = {
  priority: createPriority,
  median: createMedian,
};
