/** The bugs of `crdt`, each with a workload that shows it once everything has settled. */
import { crdt, CRDT_VARIANTS, type CrdtVariant } from "../../backends/crdt.js";
import { partition } from "../../nemeses/partition.js";
import type { Workload } from "../../src/runner/workload.js";
import { eventual } from "../../workloads/eventual.js";
import { sessions } from "../../workloads/sessions.js";
import { settledCounter, settledSet } from "../../workloads/settled.js";
import type { Circumstances, Scenario } from "./scenario.js";

const PARTED: Omit<Circumstances, "workload"> = {
  nemeses: () => [partition()],
  intervalMs: 300,
  rate: 50,
  lengthMs: 5_000,
};

/** Clocks that are seconds apart. */
const SKEWED: Partial<Circumstances> = { world: { clock: { skewMsMax: 2_000 } } };

type Case = readonly [
  variant: CrdtVariant,
  workload: () => Workload,
  seeds: number,
  more?: Partial<Circumstances>,
];

const CASES: readonly Case[] = [
  ["removed-come-back", settledSet, 10],
  ["counter-in-one-slot", settledCounter, 10],
  ["counter-merged-by-sum", settledCounter, 10],
  ["ties-unbroken", () => eventual(), 20],
  ["wall-clock", () => sessions(), 10, SKEWED],
  ["merge-replaces", settledSet, 10],
  ["no-repair", settledSet, 10],
];

/** All of them. */
export const CRDT_SCENARIOS: readonly Scenario[] = CASES.map(
  ([variant, workload, seeds, more]) => ({
    mutant: () => crdt({ variant }),
    twin: () => crdt(),
    source: CRDT_VARIANTS[variant].source,
    circumstances: { ...PARTED, ...more, workload },
    seeds,
  }),
);
