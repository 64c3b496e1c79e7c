/**
 * Availability: reads and writes of one register, at which nothing is looked but whether they
 * succeed: most of them, without errors that nobody foresaw, and again soon after every heal.
 */
import { compose } from "../checkers/compose.js";
import { liveness } from "../checkers/liveness.js";
import { statistics } from "../checkers/statistics.js";
import { unhandledErrors } from "../checkers/unhandled-errors.js";
import { delay, limit, repeat, untilOk } from "../src/generator/index.js";
import { NEMESIS } from "../src/history/history.js";
import type { Workload } from "../src/runner/workload.js";

/** What is asked of the system. */
export interface AvailabilityWorkloadOptions {
  /** The share of the operations of each function that must succeed, 0 to 1. Default 0.2. */
  readonly minAvailability?: number;
  /** Milliseconds after a heal within which an operation must succeed. Default 5,000. */
  readonly withinMs?: number;
}

/** Errors that are no failure of a node, but a bug of the system or of the test. */
const UNFORESEEN = ["unclassified", "bad-answer", "bad-request", "unsupported"];
const ATTEMPTS = 10;
const ATTEMPT_DISTANCE_MS = 200;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for an option that is none.
 */
export function availability(options: AvailabilityWorkloadOptions = {}): Workload {
  const { minAvailability = 0.2, withinMs = 5_000 } = options;
  const always = {
    statistics: statistics({ minAvailability }),
    "unhandled-errors": unhandledErrors({ unexpected: UNFORESEEN }),
  };
  const [quiet, troubled] = [
    compose(always),
    compose({ ...always, liveness: liveness({ withinMs }) }),
  ];
  const checker: ReturnType<Workload["checker"]> = {
    name: "availability",
    description: "operations succeed, without unforeseen errors, and again after every heal",
    // Without a fault there is nothing to recover from.
    check: (history, budget) =>
      (history.processes.includes(NEMESIS) ? troubled : quiet).check(history, budget),
  };
  return {
    name: "availability",
    description: "reads and writes; most succeed, with foreseen errors only, and after every heal",
    requires: ["read", "write"],
    optional: [],
    observes: ["read"],
    generator: () =>
      repeat(({ index, random }) =>
        random.chance(0.5) ? { f: "read", value: null } : { f: "write", value: index },
      ),
    finalGenerator: () =>
      limit(ATTEMPTS, untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f: "read", value: null })))),
    checker: () => checker,
  };
}
