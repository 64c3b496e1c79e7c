/** The program of a thread that carries out trials; see `campaign-threads.ts`. */
import { Tinypool } from "tinypool";
import { runTrial } from "../campaign/run-trial.js";
import type { Trial, TrialOutcome } from "../campaign/trial.js";
import { trialPartsOf } from "./campaign-parts.js";
import type { Names } from "./plan.js";

const names = Tinypool.workerData as Names;
let parts: ReturnType<typeof trialPartsOf> | undefined;

/** Carries out one trial. */
export default async function carryOut(trial: Trial): Promise<TrialOutcome> {
  parts ??= trialPartsOf(names);
  return runTrial(trial, await parts);
}
