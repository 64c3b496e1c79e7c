/** The bugs of `quorum`, `gossip` and `automerge`, one each, under circumstances that show them. */
import { automerge } from "../../backends/automerge.js";
import { gossip } from "../../backends/gossip.js";
import { quorum } from "../../backends/quorum.js";
import { partition } from "../../nemeses/partition.js";
import { eventual } from "../../workloads/eventual.js";
import { register } from "../../workloads/register.js";
import { settledCounter } from "../../workloads/settled.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** Messages are slow: one replica has a write before the others, and many look at it meanwhile. */
const SLOW: Circumstances = {
  nemeses: () => [],
  workload: () => register({ groupSize: 20, readShare: 0.9 }),
  nodeCount: 3,
  rate: 600,
  concurrency: 20,
  world: { network: { latencyMsMean: 20 } },
};

const PARTED: Omit<Circumstances, "workload"> = {
  nemeses: () => [partition()],
  intervalMs: 300,
  rate: 50,
  lengthMs: 5_000,
};

/** All of them. */
export const REPLICA_SCENARIOS: readonly Scenario[] = [
  {
    mutant: () => quorum({ variant: "no-write-back" }),
    twin: () => quorum(),
    source:
      "Attiya, Bar-Noy, Dolev, Sharing Memory Robustly in Message-Passing Systems, JACM 1995: a reader writes back what it returns",
    circumstances: SLOW,
    seeds: 20,
  },
  {
    mutant: () => gossip({ variant: "no-repair" }),
    twin: () => gossip(),
    source: "Demers et al., Epidemic Algorithms, PODC 1987: direct mail needs anti-entropy",
    circumstances: { ...PARTED, workload: () => eventual() },
    seeds: 10,
  },
  {
    mutant: () => automerge({ variant: "own-beginning" }),
    twin: () => automerge(),
    source:
      "Automerge's documentation on initial document structure: replicas have to begin with one and the same change",
    circumstances: { ...PARTED, workload: settledCounter },
    seeds: 10,
  },
];
