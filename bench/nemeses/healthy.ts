/**
 * Healthy systems, workloads that fit them, and the nemeses under which they keep their promise:
 * replicated logs under all, replicas in memory under those that leave memory as it is, databases
 * on one node under what can strike one node.
 */
import { automerge } from "../../backends/automerge.js";
import { chain } from "../../backends/chain.js";
import { crdt } from "../../backends/crdt.js";
import { file } from "../../backends/file.js";
import { gossip } from "../../backends/gossip.js";
import { locking } from "../../backends/locking.js";
import { memory } from "../../backends/memory.js";
import { multiPaxos } from "../../backends/multi-paxos.js";
import { mvcc } from "../../backends/mvcc.js";
import { primaryBackup } from "../../backends/primary-backup.js";
import { quorum } from "../../backends/quorum.js";
import { raft } from "../../backends/raft.js";
import { threePhaseCommit } from "../../backends/three-phase-commit.js";
import { twoPhaseCommit } from "../../backends/two-phase-commit.js";
import { yjs } from "../../backends/yjs.js";
import {
  bitRot,
  clock,
  compose,
  crash,
  fullDisk,
  membership,
  network,
  partition,
  pause,
  powerLoss,
  slowDisk,
  syncError,
} from "../../nemeses/index.js";
import type { Nemesis } from "../../src/runner/nemesis.js";
import type { System } from "../../src/runner/system.js";
import type { Workload } from "../../src/runner/workload.js";
import { bank } from "../../workloads/bank.js";
import { broadcast } from "../../workloads/broadcast.js";
import { eventual } from "../../workloads/eventual.js";
import { kv } from "../../workloads/kv.js";
import { listAppend } from "../../workloads/list-append.js";
import { predicate } from "../../workloads/predicate.js";
import { register } from "../../workloads/register.js";
import { sessions } from "../../workloads/sessions.js";
import { settledCounter, settledSet } from "../../workloads/settled.js";
import { states } from "../../workloads/states.js";
import type { Cell } from "../grids/run-cells.js";
import { runUnder } from "../mutants/scenario.js";

type Make<T> = () => T;

const DISKS: readonly Make<Nemesis>[] = [
  slowDisk,
  fullDisk,
  syncError,
  () => compose([syncError(), powerLoss()]),
  () => compose([fullDisk(), powerLoss()]),
];
const NODES: readonly Make<Nemesis>[] = [
  partition,
  crash,
  pause,
  powerLoss,
  () => compose([partition(), crash(), pause(), powerLoss()]),
];
const DURABLE: readonly Make<Nemesis>[] = [network, clock, ...DISKS, ...NODES];
/** What rots last in a log looks like a write that was torn: other copies have to have it. */
const COPIED: readonly Make<Nemesis>[] = [...DURABLE, bitRot];
/** What one has in memory dies with it. */
const IN_MEMORY: readonly Make<Nemesis>[] = [
  partition,
  pause,
  network,
  clock,
  () => compose([partition(), pause(), network()]),
];
/** Of one node, whose links are those of its clients. */
const ALONE: readonly Make<Nemesis>[] = [pause, clock];
/** Where nodes have to hear each other in time. */
const IN_TIME: readonly Make<Nemesis>[] = [clock, slowDisk, fullDisk, syncError];

const GRID: readonly (readonly [Make<System>, readonly Make<Workload>[], typeof DISKS])[] = [
  [raft, [kv], [...COPIED, membership]],
  [() => raft({ reads: "lease" }), [register], [...DURABLE, membership]],
  [multiPaxos, [kv], COPIED],
  [quorum, [register], COPIED],
  [chain, [kv], DURABLE],
  [twoPhaseCommit, [states], DURABLE],
  [threePhaseCommit, [states, bank], [...IN_TIME, crash, powerLoss]],
  [primaryBackup, [kv, register], IN_TIME],
  [() => primaryBackup({ replication: "synchronous" }), [kv], IN_TIME],
  [gossip, [eventual, sessions, broadcast], IN_MEMORY],
  [crdt, [settledSet, settledCounter, eventual, sessions], IN_MEMORY],
  [yjs, [settledSet, settledCounter], IN_MEMORY],
  [automerge, [settledSet, settledCounter], IN_MEMORY],
  [locking, [listAppend, bank, predicate], ALONE],
  [mvcc, [listAppend, bank, predicate], ALONE],
  [memory, [kv], ALONE],
  [file, [kv], [crash, powerLoss, pause, clock, () => compose([syncError(), powerLoss()])]],
];

/** Every cell; in each a fault begins or ends three times a second for four seconds. */
export const HEALTHY: readonly Cell[] = GRID.flatMap(([system, workloads, nemeses]) =>
  workloads.flatMap((workload) =>
    nemeses.map((nemesis): Cell => {
      const about = {
        nemeses: () => [nemesis()],
        intervalMs: 300,
        lengthMs: 4_000,
        // Healed, they have to go on.
        progressMs: 10_000,
        workload,
      };
      return {
        name: `${system().name} ${workload().name} ${nemesis().name}`,
        run: async (seed) => runUnder(about, system(), seed),
      };
    }),
  ),
);
