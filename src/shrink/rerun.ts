/** Carries out a failing case as a run. */
import { HarnessError } from "../errors.js";
import { timetable } from "../generator/index.js";
import type { Nemesis } from "../runner/nemesis.js";
import { runTest, type RunOptions, type RunOutcome, type RunScript } from "../runner/run.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import type { World } from "../world/world.js";
import type { FailingCase } from "./failing-case.js";
import { follow } from "./follow.js";

/** Makes what a run of a case needs, anew for each run. */
export interface CaseParts {
  readonly system: () => System;
  readonly workload: () => Workload;
  /** All that its faults may need; those that do nothing in the case are left out. */
  readonly nemeses: () => readonly Nemesis[];
  /** A world with the seed and the settings of the case. */
  readonly world: (failing: FailingCase) => World;
}

/** What a case does, as a run is given it. */
export function scriptedBy({ script }: FailingCase): Required<Pick<RunOptions, "schedule">> & {
  readonly script: RunScript;
} {
  const { operations, faults, untilNs, final } = script;
  return {
    schedule: timetable(faults, 0),
    script: {
      main: follow({ operations, untilNs, startNs: 0 }),
      ...(final.length === 0 ? {} : { final: follow({ operations: final }) }),
    },
  };
}

/** The nemeses that do something in a case. */
export function strikingIn(
  { script }: FailingCase,
  nemeses: readonly Nemesis[],
): readonly Nemesis[] {
  const struck = new Set(script.faults.map(({ invocation }) => invocation.f));
  return nemeses.filter(({ functions }) => functions.some((f) => struck.has(f)));
}

/**
 * A fault that nobody does would be an error in the history, and the case one without faults.
 * @throws HarnessError `bad-argument` with what the nemeses do.
 */
export function assertFaults({ faults }: FailingCase["script"], nemeses: readonly Nemesis[]): void {
  const known = nemeses.flatMap(({ functions }) => functions);
  const index = faults.findIndex(({ invocation }) => !known.includes(invocation.f));
  if (index === -1) return;
  throw new HarnessError(
    "bad-argument",
    `faults[${index}].f is "${faults[index]?.invocation.f}", which none of test.nemeses does; ` +
      `they do ${known.join(", ") || "nothing, for there are none"}`,
  );
}

/** Carries it out once. @throws what `runTest` throws. */
export async function runCase(
  failing: FailingCase,
  parts: CaseParts,
  rest: Partial<RunOptions> = {},
): Promise<RunOutcome> {
  const nemeses = strikingIn(failing, parts.nemeses());
  return runTest({
    replay: "",
    ...rest,
    test: { ...failing.test, nemeses: nemeses.map(({ name }) => name) },
    system: parts.system(),
    workload: parts.workload(),
    nemeses,
    world: parts.world(failing),
    ...scriptedBy(failing),
  });
}
