/** Every backend against the contract, in the simulated world. */
import { describe, expect, test } from "vitest";
import type { System, SystemPromise } from "../src/runner/system.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { backendContract } from "../src/testing/index.js";
import {
  automerge,
  chain,
  crdt,
  file,
  gossip,
  memory,
  multiPaxos,
  primaryBackup,
  quorum,
  raft,
  threePhaseCommit,
  twoPhaseCommit,
  yjs,
} from "./index.js";

const SYSTEMS = [
  memory(),
  memory({ variant: "stale-reads" }),
  memory({ variant: "lost-writes" }),
  file(),
  file({ variant: "no-fsync" }),
  quorum(),
  quorum({ variant: "no-write-back" }),
  quorum({ strategy: "eventual" }),
  quorum({ strategy: "weak" }),
  primaryBackup(),
  primaryBackup({ replication: "synchronous" }),
  primaryBackup({ strategy: "eventual" }),
  gossip(),
  gossip({ variant: "no-repair" }),
  raft(),
  raft({ reads: "lease", snapshotEntries: 20 }),
  multiPaxos(),
  chain(),
  crdt(),
  crdt({ strategy: "weak" }),
  yjs(),
  automerge(),
  automerge({ strategy: "weak" }),
  twoPhaseCommit(),
  threePhaseCommit(),
];

for (const system of SYSTEMS) {
  for (const seed of [1, 2, 3]) {
    describe(`${system.name}, seed ${seed}`, () => {
      for (const { name, skipped, run } of backendContract({
        system,
        world: () => simulatedWorld({ seed }),
      })) {
        if (skipped === undefined) test(name, run);
        else test.skip(`${name} (${skipped})`, () => undefined);
      }
    });
  }
}

describe("a promise that is too big is caught:", () => {
  const everything: SystemPromise = {
    consistency: "linearizable",
    under: ["kill", "power-loss", "pause"],
  };
  const lies: readonly (readonly [System, readonly string[]])[] = [
    [memory(), ["what was acknowledged survives a kill"]],
    [memory({ variant: "stale-reads" }), ["200 operations in a row answer what the model says"]],
    [memory({ variant: "lost-writes" }), ["200 operations in a row answer what the model says"]],
    [file({ variant: "no-fsync" }), ["what was acknowledged survives a loss of power"]],
    [primaryBackup(), ["what was acknowledged survives a kill"]],
  ];
  for (const [system, expected] of lies) {
    test(system.name, async () => {
      const broken: string[] = [];
      for (const { name, skipped, run } of backendContract({
        system: { ...system, promise: everything },
        world: () => simulatedWorld({ seed: 1 }),
      })) {
        if (skipped === undefined) await run().catch(() => broken.push(name));
      }
      expect(broken).toEqual(expect.arrayContaining([...expected]));
    });
  }
});
