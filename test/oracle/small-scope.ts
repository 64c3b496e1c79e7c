/** Small scopes of systems in the catalog, as explorations of tests and benchmarks have them. */
import { makeSystem, makeWorkload } from "../../src/cli/catalog.js";
import { DEFAULT_BOUNDS, type ExploreBounds } from "../../src/explore/bounds.js";
import type { ExecutionParts, Explored } from "../../src/explore/execution.js";
import { parseOperations } from "../../src/explore/operations.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";

/** What is explored, as the command line says it. */
export interface SmallScope {
  readonly system: string;
  readonly workload: string;
  readonly nodes: number;
  readonly does: string;
  readonly bounds?: Partial<ExploreBounds>;
  readonly operationTimeoutMs?: number;
}

/** The test that it is, and what may happen. */
export function exploredOf(scope: SmallScope): Explored {
  const { system, workload, nodes, does, bounds, operationTimeoutMs = 250 } = scope;
  const operations = parseOperations(does);
  return {
    test: {
      version: 1,
      workload,
      system,
      world: "simulated",
      nemeses: [],
      seed: 1,
      nodeCount: nodes,
      concurrency: operations.length,
      timeLimitMs: 10_000,
      ratePerSecond: 0,
      operationTimeoutMs,
      nemesisIntervalMs: 1_000,
    },
    operations,
    bounds: { ...DEFAULT_BOUNDS, ...bounds },
  };
}

/** What its executions are made of. */
export function partsOf(explored: Explored): ExecutionParts {
  const { system, workload } = explored.test;
  return {
    ...explored,
    system: () => makeSystem(system),
    workload: () => makeWorkload(workload),
    world: (queue) => simulatedWorld({ seed: 1, queue }),
    checkMs: 5_000,
  };
}
