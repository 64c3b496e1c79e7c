/**
 * Workflow instances in a store of states: many workers load an instance, move it on by
 * compare-and-set, try again what was not answered, and delete what has ended. Each operation of a
 * worker is a load and, where it leads to a change, a save or a deletion on the condition that
 * nothing has changed since (`workflow/client.ts`).
 *
 * ```
 * pending ─► running ─► waiting (a timer) ─► running …      retries: running ─► pending
 *               └─► completed | failed | cancelled
 * ```
 *
 * Small groups of workers share an instance for a bounded number of operations. In the end every
 * worker loads every instance. A history that is to be linearizable is also judged by what an
 * engine owes (`checkers/workflow.ts`); of weaker levels that alone is asked.
 */
import { compose } from "../checkers/compose.js";
import {
  consistencyChecker,
  type ConsistencyChecker,
  type ConsistencyLevel,
} from "../checkers/consistency.js";
import { workflow as workflowChecker } from "../checkers/workflow.js";
import { perKey } from "../src/generator/index.js";
import { workflowInstances, workflowMachine } from "../src/model/workflow-instances.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { everyoneReads, SETTLE_MS } from "./settled-reads.js";
import { workflowClient } from "./workflow/client.js";
import { liveThrough } from "./workflow/generator.js";

/** How instances are used, and what is asked of them. */
export interface WorkflowWorkloadOptions {
  /** What the history has to be. Default `linearizable`. */
  readonly level?: ConsistencyLevel;
  /** Workers that share an instance, at least 1; all of them when there are fewer. Default 5. */
  readonly groupSize?: number;
  /** Operations on an instance before its group goes on to the next, at least 1. Default 60. */
  readonly operationsPerInstance?: number;
}

/** The consistency of a history of this workload, by levels. */
export function workflowConsistency(): ConsistencyChecker {
  return consistencyChecker({
    model: workflowInstances(),
    eventual: { reads: ["load"], replica: "process", settleMs: SETTLE_MS },
  });
}

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function workflow(options: WorkflowWorkloadOptions = {}): Workload {
  const { level = "linearizable", groupSize = 5, operationsPerInstance = 60 } = options;
  assertCounts({ groupSize, operationsPerInstance });
  const isWhole = level === "linearizable";
  const machine = workflowMachine();
  return {
    name: isWhole ? "workflow" : `workflow:${level}`,
    description: isWhole
      ? "workflow instances moved on by many workers: linearizable, legal, exactly once, none lost"
      : `workflow instances moved on by many workers; judged only by being ${level}`,
    requires: ["state"],
    optional: [],
    functions: ["create", "load", "transition", "delete"],
    observes: ["load"],
    generator: () =>
      perKey({
        keys: (index) => `w${index}`,
        groupSize,
        limitPerKey: operationsPerInstance,
        generator: () => liveThrough(machine),
      }),
    finalGenerator: (_, history) => everyoneReads("load", history),
    checker: () => {
      const consistency = workflowConsistency().checker(level);
      const rules = workflowChecker({ settleMs: SETTLE_MS });
      return isWhole ? compose({ workflow: rules, consistency }) : consistency;
    },
    client: (client) => workflowClient(client, machine),
  };
}
