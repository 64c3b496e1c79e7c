/** Carries out one trial: a run whose signature is collected on the way. */
import type { Nemesis } from "../runner/nemesis.js";
import { runTest } from "../runner/run.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import { TimeLimit } from "../shrink/time-limit.js";
import type { MessageTrip } from "../simulation/simulated-world.js";
import type { World } from "../world/world.js";
import { Signature } from "./signature.js";
import type { Trial, TrialOutcome } from "./trial.js";
import { Weathered } from "./weathered.js";

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

/** Carries it out, within so many milliseconds. @throws what `runTest` throws. */
export async function runTrial(
  trial: Trial,
  parts: TrialParts,
  leftMs: number = Infinity,
): Promise<TrialOutcome> {
  const begun = process.cpuUsage();
  const signature = new Signature();
  const weathered = new Weathered();
  let messages = 0;
  const { test, messagesMax = Infinity } = trial;
  const limit = new TimeLimit(leftMs);
  const signal = limit.begin();
  const names = new Set(test.nemeses);
  const { result } = await runTest({
    test,
    system: parts.system(),
    workload: parts.workload(),
    nemeses: parts.nemeses().filter(({ name }) => names.has(name)),
    world: parts.world(trial, (trip) => {
      limit.onMessage();
      if (++messages === messagesMax) limit.end();
      signature.message(trip);
    }),
    observers: [
      {
        event: (event) => {
          signature.event(event);
          weathered.event(event);
        },
        log: (node, _, line) => signature.log(node, line),
      },
    ],
    budget: limit.budget(parts.checkMs),
    signal,
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
    messages,
    signature: signature.numbers(),
    weathered: weathered.count,
  };
}
