/**
 * Cases in tests: a failure that was found once, made small and committed as a file (`ordeal
 * shrink`, `ordeal campaign`, `onCase` of a property) is carried out again with the parts at hand.
 */
import { AssertionError } from "node:assert";
import { fileURLToPath } from "node:url";
import { createBudget } from "../../checker/checker.js";
import { HarnessError } from "../../errors.js";
import { orderOf } from "../../explore/rerun.js";
import { importModule } from "../../real/load-program.js";
import { runTest, type RunOutcome } from "../../runner/run.js";
import { assertFaults, runCase } from "../../shrink/rerun.js";
import { simulatedWorld } from "../../simulation/simulated-world.js";
import { readCase } from "../../store/case-file.js";
import { failureText } from "./failure-text.js";
import { assertFields } from "./given-fields.js";
import { assertShapes } from "./given.js";
import { TEST_FIELDS, type OrdealTest } from "./runs.js";

/** What a case is carried out with; all else is in its file. */
export type CaseTest = Pick<OrdealTest, "system" | "workload" | "nemeses">;

/** For the check of the run. */
const CHECK_MS = 20_000;
/** Virtual time in which a case ends, or hangs. */
const MAX_VIRTUAL_MS = 3_600_000;

const SHAPES = { system: "function", workload: "function" } as const;
const EXAMPLE = 'replayCase("case.json", { system: () => quorum(), workload: () => register() })';

/**
 * Carries a case out, whichever system its file names.
 * @throws HarnessError for a file that is no case, or has faults that none of the nemeses does.
 */
export async function replayCase(file: string | URL, test: CaseTest): Promise<RunOutcome> {
  assertShapes("replayCase", test, SHAPES, EXAMPLE);
  // A whole test will do.
  assertFields("replayCase", test, TEST_FIELDS);
  if (typeof file !== "string" && !(file instanceof URL)) {
    throw new HarnessError("bad-argument", `replayCase takes the path of a case, as in ${EXAMPLE}`);
  }
  const { failing } = await readCase(file instanceof URL ? fileURLToPath(file) : file);
  const nemeses = test.nemeses ?? (() => []);
  assertFaults(failing.script, nemeses());
  const { test: described, world: settings, order } = failing;
  const { seed } = described;
  const budget = createBudget({ timeMs: CHECK_MS });
  const always = { ...settings, seed, maxVirtualMs: MAX_VIRTUAL_MS, load: importModule };
  if (order === undefined) {
    const parts = { ...test, nemeses, world: () => simulatedWorld(always) };
    return runCase(failing, parts, { budget });
  }
  const { queue, options } = orderOf(failing);
  const system = test.system();
  return runTest({
    test: described,
    system,
    workload: test.workload(),
    nemeses: [],
    world: simulatedWorld({ ...always, queue }),
    ...options(system),
    budget,
    replay: "",
  });
}

/**
 * @throws AssertionError, with a drawing, when the case still fails; also when it proves nothing
 * any more.
 */
export async function assertSurvives(file: string | URL, test: CaseTest): Promise<void> {
  const { result, history } = await replayCase(file, test);
  const { verdict } = result;
  if (verdict.verdict === "valid") return;
  const text = failureText(verdict, history);
  const what = verdict.verdict === "invalid" ? "it still fails" : "it proves nothing any more";
  throw new AssertionError({
    message: `${String(file)}: ${what}: ${text}`,
    stackStartFn: assertSurvives,
  });
}
