/** What a failing case needs in order to run: everything that its description names. */
import { importModule } from "../real/load-program.js";
import { assertFaults, type CaseParts } from "../shrink/rerun.js";
import { withTest, type FailingCase } from "../shrink/failing-case.js";
import type { SimulationOptions } from "../simulation/options.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { dirname } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import type { TestDescription } from "../runner/result.js";
import { BACKENDS, NEMESES, WORKLOADS } from "./catalog.js";
import { whyUnknown } from "./catalog-find.js";
import { isFile } from "../runner/own-module.js";
import { systemIn } from "../runner/own-test.js";
import { withModules } from "./own-place.js";
import { namesOf, planOf, type Plan } from "./plan.js";

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
  assertFound(test);
  const plan = await planOf(namesOf(test));
  const { make } = plan;
  const makeWorld = plan.user?.makeWorld;
  assertOptions(plan, systemOptions);
  assertFaults(script, plan.nemeses);
  return {
    plan,
    settings: makeWorld === undefined,
    parts: {
      system: () => make.system(systemOptions),
      workload: make.workload,
      nemeses: make.nemeses,
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

/**
 * A case that was read from a file, with its modules as they are found from here, and with another
 * system where one is given.
 * @throws HarnessError when there is none.
 */
export async function caseIn(
  file: string,
  { failing }: { readonly failing: FailingCase },
  given: string | undefined,
): Promise<FailingCase> {
  const wanted = await withSystem(failing, given);
  try {
    return withTest(wanted, withModules(wanted.test, dirname(file)));
  } catch (error) {
    throw ofCase(file, error);
  }
}

/** What is wrong with what a case names is said of its file. */
export function ofCase(file: string, error: unknown): unknown {
  if (!(error instanceof HarnessError)) return error;
  return new HarnessError(error.code, `${file}: ${error.message}`, { cause: error });
}

/**
 * The case with another system than it names: one from the catalog, or that of a module, whose test
 * stands for the test file where the case has one.
 * @throws HarnessError when there is none.
 */
async function withSystem(failing: FailingCase, given: string | undefined): Promise<FailingCase> {
  if (given === undefined) return failing;
  const { systemFile: _, ...test } = failing.test;
  if (!isFile(given)) return { ...failing, test: { ...test, system: given } };
  const own = await systemIn(given);
  const isTest = own.test !== undefined && test.file !== undefined;
  return withTest(
    { ...failing, test },
    {
      system: own.make(failing.systemOptions).name,
      ...(isTest ? { file: given } : { systemFile: given }),
    },
  );
}

/** A test that was written in code need not say where its parts are: whoever reads it has to. */
function assertFound({ file, systemFile, system, workload, nemeses }: TestDescription): void {
  if (file !== undefined || systemFile !== undefined) return;
  const why =
    whyUnknown("system", BACKENDS, system) ??
    whyUnknown("workload", WORKLOADS, workload) ??
    nemeses.map((name) => whyUnknown("nemesis", NEMESES, name)).find((each) => each !== undefined);
  if (why === undefined) return;
  throw new HarnessError(
    "bad-argument",
    `${why}. If it is your own, name its module: --system ./FILE.ts, which exports by default the system, ` +
      "or a test (defineTest) with workload and nemeses too; a test in code hands them to replayCase",
  );
}

/** A factory that is given what it does not know may throw anything. */
function assertOptions({ system, make }: Plan, options: FailingCase["systemOptions"]): void {
  if (options === undefined) return;
  try {
    make.system(options);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      "bad-argument",
      `systemOptions: ${system.name} cannot be made with ${JSON.stringify(options)}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
