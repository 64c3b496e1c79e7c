/** The bugs of `multi-paxos`, each under circumstances that bring it out. */
import { PAXOS_VARIANTS, multiPaxos, type PaxosVariant } from "../../backends/multi-paxos.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** A bit of everything. */
const MIXED: Circumstances = {
  nemeses: () => [partition(), crash(), pause(), powerLoss()],
};

/** Two nodes that only a third one joins, and slow messages. */
const BRIDGES: Circumstances = {
  nemeses: () => [partition({ shapes: ["bridge"] }), crash({ majority: false })],
  nodeCount: 3,
  intervalMs: 150,
  rate: 200,
  world: { network: { latencyMsMean: 30 } },
};

/** The power goes everywhere at once, and disks are slow. */
const DARK: Circumstances = {
  nemeses: () => [powerLoss({ majority: false })],
  nodeCount: 3,
  intervalMs: 300,
  rate: 200,
  world: { disk: { syncMsMean: 20 } },
};

const CASES: readonly (readonly [PaxosVariant, Circumstances, seeds: number])[] = [
  ["accepts-below-promise", BRIDGES, 100],
  ["promise-not-persisted", BRIDGES, 600],
  ["acceptance-not-synced", DARK, 100],
  ["adopts-oldest-value", BRIDGES, 200],
  ["ignores-accepted", MIXED, 40],
  ["minority-quorum", MIXED, 40],
  ["ballots-without-node", BRIDGES, 40],
  ["gaps-skipped", MIXED, 20],
  ["local-reads", MIXED, 40],
  ["duplicates-applied", MIXED, 40],
  ["lost-leadership-fails", MIXED, 40],
];

/** All of them. */
export const PAXOS_SCENARIOS: readonly Scenario[] = CASES.map(
  ([variant, circumstances, seeds]) => ({
    mutant: () => multiPaxos({ variant }),
    twin: () => multiPaxos(),
    source: PAXOS_VARIANTS[variant].source,
    circumstances,
    seeds,
  }),
);
