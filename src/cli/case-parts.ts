/** What a failing case needs in order to run: everything that its description names. */
import { importModule } from "../real/load-program.js";
import type { CaseParts } from "../shrink/rerun.js";
import type { FailingCase } from "../shrink/failing-case.js";
import type { SimulationOptions } from "../simulation/options.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { makeNemesis, makeSystem, makeWorkload } from "./catalog.js";
import { HarnessError, messageOf } from "../errors.js";
import type { Nemesis } from "../runner/nemesis.js";
import { planOf, type Plan } from "./plan.js";

/** How a case is carried out. */
export interface ResolvedCase {
  readonly plan: Plan;
  readonly parts: CaseParts;
  /** Whether its world follows settings; one that a user's test file makes does not. */
  readonly settings: boolean;
}

/** What a world is given beside what the case says. */
type WorldOptions = Pick<SimulationOptions, "onMessage" | "queue">;

/** Virtual time in which a case ends, or hangs. */
const MAX_VIRTUAL_MS = 3_600_000;

/**
 * Finds everything by name; `onMessage` is told of the messages, but not of those in a world that a
 * test file makes. Such a file makes no world for a case whose order of events was chosen.
 * @throws HarnessError `bad-argument` with the choices.
 */
export async function resolveCase(
  { test, systemOptions, script }: FailingCase,
  { onMessage, queue }: WorldOptions = {},
): Promise<ResolvedCase> {
  const plan = await planOf({
    workload: test.file ?? test.workload,
    system: test.system,
    world: test.world,
    nodes: test.nodeCount,
    nemesis: test.nemeses.join(",") || "none",
  });
  const { user } = plan;
  const isOwn = user?.system.name === test.system;
  const makeWorld = user?.makeWorld;
  if (!isOwn) assertOptions(test.system, systemOptions);
  assertFaults(script, plan.nemeses);
  return {
    plan,
    settings: makeWorld === undefined,
    parts: {
      system: () => (isOwn ? plan.system : makeSystem(test.system, systemOptions)),
      workload: () => (user === undefined ? makeWorkload(test.workload) : plan.workload),
      nemeses: () => (user === undefined ? test.nemeses.map(makeNemesis) : plan.nemeses),
      world: ({ test: { seed }, world }) =>
        (queue === undefined ? makeWorld?.(seed) : undefined) ??
        simulatedWorld({
          ...world,
          seed,
          maxVirtualMs: MAX_VIRTUAL_MS,
          load: importModule,
          ...(onMessage === undefined ? {} : { onMessage }),
          ...(queue === undefined ? {} : { queue }),
        }),
    },
  };
}

/** A factory that is given what it does not know may throw anything. */
function assertOptions(name: string, options: FailingCase["systemOptions"]): void {
  if (options === undefined) return;
  try {
    makeSystem(name, options);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      "bad-argument",
      `systemOptions: ${name} cannot be made with ${JSON.stringify(options)}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** A fault that nobody does would be an error in the history, and the case one without faults. */
function assertFaults({ faults }: FailingCase["script"], nemeses: readonly Nemesis[]): void {
  const known = nemeses.flatMap(({ functions }) => functions);
  const index = faults.findIndex(({ invocation }) => !known.includes(invocation.f));
  if (index === -1) return;
  throw new HarnessError(
    "bad-argument",
    `faults[${index}].f is "${faults[index]?.invocation.f}", which none of test.nemeses does; ` +
      `they do ${known.join(", ") || "nothing, for there are none"}`,
  );
}
