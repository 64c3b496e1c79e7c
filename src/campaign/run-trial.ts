/** Carries out one trial: a run whose signature is collected on the way. */
import { createBudget } from "../checker/checker.js";
import { timetable } from "../generator/index.js";
import type { Nemesis } from "../runner/nemesis.js";
import { runTest } from "../runner/run.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import { faultsOf } from "../shrink/script.js";
import type { MessageTrip } from "../simulation/simulated-world.js";
import type { World } from "../world/world.js";
import { Signature } from "./signature.js";
import type { Trial, TrialOutcome } from "./trial.js";

/** Makes what the runs of a campaign need, anew for each. */
export interface TrialParts {
  readonly system: () => System;
  readonly workload: () => Workload;
  /** All that may strike. */
  readonly nemeses: () => readonly Nemesis[];
  /** A simulated world with the seed and settings of the trial. */
  readonly world: (trial: Trial, onMessage: (trip: MessageTrip) => void) => World;
  /** For the check of one run, in milliseconds. */
  readonly checkMs: number;
}

/** Carries it out. @throws what `runTest` throws. */
export async function runTrial(trial: Trial, parts: TrialParts): Promise<TrialOutcome> {
  const begun = process.cpuUsage();
  const signature = new Signature();
  const { test, faults } = trial;
  const names = new Set(test.nemeses);
  const { result, history } = await runTest({
    test,
    system: parts.system(),
    workload: parts.workload(),
    nemeses: parts.nemeses().filter(({ name }) => names.has(name)),
    world: parts.world(trial, (trip) => signature.message(trip)),
    observers: [
      {
        event: (event) => signature.event(event),
        log: (node, _, line) => signature.log(node, line),
      },
    ],
    budget: createBudget({ timeMs: parts.checkMs }),
    ...(faults === undefined ? {} : { schedule: timetable(faults, 0) }),
    replay: "",
  });
  const { verdict, anomalies } = result.verdict;
  const { user, system } = process.cpuUsage(begun);
  return {
    verdict,
    anomaly: anomalies[0]?.kind ?? "",
    message: anomalies[0]?.message ?? result.verdict.reason,
    operations: result.counts.invoked,
    virtualNs: result.firstViolation?.timeNs ?? result.durationNs,
    cpuMs: (user + system) / 1e3,
    signature: signature.numbers(),
    faults: faultsOf(history),
  };
}
