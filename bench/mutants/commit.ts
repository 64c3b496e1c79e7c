/** The bugs of `two-phase-commit`, each under circumstances that bring it out. */
import {
  COMMIT_VARIANTS,
  twoPhaseCommit,
  type CommitVariant,
} from "../../backends/two-phase-commit.js";
import { threePhaseCommit } from "../../backends/three-phase-commit.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import { bank } from "../../workloads/bank.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** A bit of everything, in short turns. */
const MIXED: Circumstances = {
  nemeses: () => [partition(), crash(), pause(), powerLoss()],
  workload: () => bank(),
  intervalMs: 300,
  rate: 50,
};

/** Nothing goes wrong. */
const CALM: Circumstances = { nemeses: () => [], workload: () => bank(), rate: 100 };

const CASES: readonly (readonly [CommitVariant, Circumstances, seeds: number])[] = [
  ["coordinator-forgets", MIXED, 40],
  ["prepared-forgotten", MIXED, 40],
  ["aborts-alone", MIXED, 40],
  ["commits-alone", MIXED, 40],
  ["locks-released-early", CALM, 10],
  ["reads-unlocked", CALM, 10],
  ["majority-commits", CALM, 10],
  ["silence-is-consent", MIXED, 40],
  ["applied-again", MIXED, 10],
  ["votes-before-fsync", MIXED, 100],
];

/** All of them, and three phases under a partition, which is no bug but how the protocol is. */
export const COMMIT_SCENARIOS: readonly Scenario[] = [
  ...CASES.map(([variant, circumstances, seeds]) => ({
    mutant: () => twoPhaseCommit({ variant }),
    twin: () => twoPhaseCommit(),
    source: COMMIT_VARIANTS[variant].source,
    circumstances,
    seeds,
  })),
  {
    mutant: () => threePhaseCommit(),
    source:
      "Skeen, Nonblocking Commit Protocols, 1981: it does not block, and is not safe, under partitions",
    twin: () => twoPhaseCommit(),
    circumstances: { ...MIXED, nemeses: () => [partition()] },
    seeds: 50,
  },
];
