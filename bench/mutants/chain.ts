/** The bugs of `chain`, each under circumstances that bring it out. */
import { CHAIN_VARIANTS, chain, type ChainVariant } from "../../backends/chain.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** A bit of everything. */
const MIXED: Circumstances = {
  nemeses: () => [partition(), crash(), pause(), powerLoss()],
};

/** The power goes everywhere at once, and disks are slow. */
const DARK: Circumstances = {
  nemeses: () => [powerLoss({ majority: false })],
  intervalMs: 300,
  rate: 200,
  world: { disk: { syncMsMean: 20 } },
};

const CASES: readonly (readonly [ChainVariant, Circumstances, seeds: number])[] = [
  ["reads-anywhere", MIXED, 20],
  ["answers-at-head", MIXED, 20],
  ["numbers-ignored", MIXED, 20],
  ["forwards-before-fsync", DARK, 20],
  ["tail-by-silence", MIXED, 20],
  ["acks-everything", MIXED, 40],
  ["duplicates-applied", MIXED, 40],
];

/** All of them. */
export const CHAIN_SCENARIOS: readonly Scenario[] = CASES.map(
  ([variant, circumstances, seeds]) => ({
    mutant: () => chain({ variant }),
    twin: () => chain(),
    source: CHAIN_VARIANTS[variant].source,
    circumstances,
    seeds,
  }),
);
