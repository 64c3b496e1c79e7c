/**
 * The backends against the contract once more, as real processes with real files and signals.
 * Starting processes takes time, so that each runs the cases that can differ from the simulation;
 * `ORDEAL_REAL=all` runs all of them.
 */
import { describe, test } from "vitest";
import { realWorld } from "../src/real/real-world.js";
import type { System } from "../src/runner/system.js";
import { backendContract } from "../src/testing/index.js";
import {
  chain,
  crdt,
  file,
  memory,
  multiPaxos,
  primaryBackup,
  quorum,
  raft,
  sqlite,
  twoPhaseCommit,
} from "./index.js";

const CRASHES = [
  "what was acknowledged survives a kill",
  "a node that is down refuses, and at once",
];
const AT_WORK = ["200 operations in a row answer what the model says"];

// Three processes say as much as five here, and start sooner.
const small = (system: System): System => ({ ...system, nodes: { ...system.nodes, default: 3 } });

const PLAN: readonly (readonly [System, readonly string[]])[] = [
  [memory(), AT_WORK],
  [file(), [...AT_WORK, ...CRASHES]],
  [sqlite(), [...AT_WORK, ...CRASHES]],
  [small(quorum()), CRASHES],
  [primaryBackup(), ["every node shows what was written"]],
  [small(raft()), CRASHES],
  [small(multiPaxos()), ["every node shows what was written"]],
  [chain(), ["every node shows what was written"]],
  [twoPhaseCommit(), ["starts and stops cleanly"]],
  [crdt(), ["starts and stops cleanly"]],
];

for (const [system, chosen] of PLAN) {
  describe(system.name, () => {
    for (const { name, skipped, run } of backendContract({
      system,
      world: () => realWorld({ seed: 1 }),
      timeoutMs: 3_000,
    })) {
      if (process.env["ORDEAL_REAL"] !== "all" && !chosen.includes(name)) continue;
      if (skipped === undefined) test(name, run);
      else test.skip(`${name} (${skipped})`, () => undefined);
    }
  });
}
