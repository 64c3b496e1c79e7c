/**
 * Refusals: what cannot work is said before anything starts, with the reason and the alternative.
 * An impossible fault is never silently skipped.
 */
import { HarnessError } from "../errors.js";
import type { Availability, FaultKind, World } from "../world/world.js";
import type { Nemesis } from "./nemesis.js";
import type { System } from "./system.js";
import type { Workload } from "./workload.js";

/** What is going to be put together. */
export interface Plan {
  readonly system: System;
  readonly workload: Workload;
  readonly nemeses: readonly Nemesis[];
  readonly world: World;
  readonly nodeCount: number;
  readonly concurrency: number;
}

/** Whether a fault reaches a system. */
function reaches(system: System, fault: FaultKind): Availability {
  if (fault === "members" && system.members === undefined) {
    return {
      available: false,
      reason: "its members cannot be changed",
      alternative: "use --system raft, or a system of yours that has `members`",
    };
  }
  return system.availability?.(fault) ?? { available: true };
}

/**
 * Refuses a run that cannot work.
 * @throws HarnessError `unavailable` or `bad-argument`.
 */
export function assertPossible(plan: Plan): void {
  const { system, workload, nemeses, world, nodeCount, concurrency } = plan;
  if (!system.worlds.includes(world.kind)) {
    throw new HarnessError(
      "unavailable",
      `${system.name} does not run in the ${world.kind} world; use --world ${system.worlds.join(" or ")}`,
    );
  }
  const { min, max } = system.nodes;
  if (!Number.isInteger(nodeCount) || nodeCount < min || nodeCount > max) {
    const range = min === max ? String(min) : `${min} to ${max}`;
    throw new HarnessError(
      "bad-argument",
      `${system.name} runs on ${range} nodes, not ${nodeCount}`,
    );
  }
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 10_000) {
    throw new HarnessError("bad-argument", `the concurrency is 1 to 10000, not ${concurrency}`);
  }
  const missing = workload.requires.filter((f) => !system.functions.includes(f));
  if (missing.length > 0) {
    throw new HarnessError(
      "unavailable",
      `the ${workload.name} workload needs ${missing.join(", ")}, which ${system.name} does not have ` +
        `(it has ${system.functions.join(", ")}); choose another workload or system`,
    );
  }
  for (const nemesis of nemeses) {
    const checks = [
      ...nemesis.needs.map((fault) => world.availability(fault)),
      ...nemesis.needs.map((fault) => reaches(system, fault)),
      nemesis.available(nodeCount),
    ];
    for (const check of checks) {
      if (check.available) continue;
      throw new HarnessError(
        "unavailable",
        `the ${nemesis.name} nemesis cannot work on ${system.name} in the ${world.kind} world: ` +
          `${check.reason}; ${check.alternative}`,
      );
    }
  }
}
