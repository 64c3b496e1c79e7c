/** What the trials of a campaign need, by the names on the command line. */
import { importModule } from "../real/load-program.js";
import type { TrialParts } from "../campaign/run-trial.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { planOf, type Names } from "./plan.js";

/** For the check of one run. */
const CHECK_MS = 20_000;
/** A run that has not ended by then hangs. */
const MAX_VIRTUAL_MS = 3_600_000;

/** Finds everything by name. @throws HarnessError `bad-argument` with the choices. */
export async function trialPartsOf(names: Names): Promise<TrialParts> {
  const { make, user } = await planOf({ ...names, world: "simulated" });
  return {
    ...make,
    world: ({ test: { seed }, world }, onMessage) =>
      user?.makeWorld?.(seed) ??
      simulatedWorld({
        ...world,
        seed,
        onMessage,
        maxVirtualMs: MAX_VIRTUAL_MS,
        load: importModule,
      }),
    checkMs: CHECK_MS,
  };
}
