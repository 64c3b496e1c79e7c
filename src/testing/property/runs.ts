/**
 * Whole runs for property-based tests: schedules of faults, descriptions of tests, and a property
 * that carries runs out in the simulation and hands back a small case when one fails.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as fc from "fast-check";
import { createExplorer, type Strategy } from "../../campaign/explorer.js";
import { createBudget } from "../../checker/checker.js";
import { HarnessError } from "../../errors.js";
import type { TimetableEntry } from "../../generator/index.js";
import { importModule } from "../../real/load-program.js";
import { runTest } from "../../runner/run.js";
import type { Nemesis } from "../../runner/nemesis.js";
import type { TestDescription } from "../../runner/result.js";
import type { System } from "../../runner/system.js";
import type { Workload } from "../../runner/workload.js";
import type { FailingCase, WorldSettings } from "../../shrink/failing-case.js";
import { runCase, type CaseParts } from "../../shrink/rerun.js";
import { scriptOf } from "../../shrink/script.js";
import { shrinkRun, type ShrunkRun } from "../../shrink/shrink-run.js";
import { simulatedWorld } from "../../simulation/simulated-world.js";
import { encodeCase } from "../../store/case-file.js";
import type { Trial } from "../../campaign/trial.js";
import { failureText } from "./failure-text.js";
import { assertFields, assertPlaced, type Fields } from "./given-fields.js";
import { assertCount, assertFunction, assertObject } from "./given.js";
import { assertExports, pathOfModule } from "./given-file.js";
import { assertNemeses, assertPath, assertStrategy, assertTest } from "./given-test.js";

/** How faults come. */
export interface FaultScheduleOptions {
  /** Whose faults they are. */
  readonly nemeses: readonly Pick<Nemesis, "functions">[];
  /** All of them begin and end within this. Default 10,000. */
  readonly lengthMs?: number;
  /** At most so many beginnings and ends. Default 12. */
  readonly stepsMax?: number;
}

const SCHEDULE_FIELDS: Fields<FaultScheduleOptions> = {
  nemeses: true,
  lengthMs: true,
  stepsMax: true,
};
const SCHEDULE = "faultScheduleArbitrary({ nemeses: [partition()] })";

/** A schedule of faults in the order of time; what each strikes is drawn when it is carried out. */
export function faultScheduleArbitrary(
  options: FaultScheduleOptions,
): fc.Arbitrary<readonly TimetableEntry[]> {
  assertObject("faultScheduleArbitrary", options, SCHEDULE);
  const { nemeses, lengthMs = 10_000, stepsMax = 12 } = options;
  assertNemeses(nemeses, SCHEDULE);
  assertFields("faultScheduleArbitrary", options, SCHEDULE_FIELDS);
  assertCount("lengthMs", lengthMs, 0);
  assertCount("stepsMax", stepsMax, 0);
  const functions = nemeses.flatMap((nemesis) => nemesis.functions);
  if (functions.length === 0) return fc.constant([]);
  const entry = fc
    .tuple(fc.constantFrom(...functions), fc.nat({ max: lengthMs }))
    .map(([f, atMs]): TimetableEntry => ({ atNs: atMs * 1e6, invocation: { f, value: null } }));
  return fc
    .array(entry, { maxLength: stepsMax })
    .map((entries) => entries.toSorted((a, b) => a.atNs - b.atNs));
}

/** What is tested. */
export interface OrdealTest {
  /** Makes the system; called for each run. */
  readonly system: () => System;
  readonly workload: () => Workload;
  readonly nemeses?: () => readonly Nemesis[];
  readonly nodeCount?: number;
  /** Clients of each run. Default 5. */
  readonly concurrency?: number;
  /** Length of the main phase, on the virtual clock. Default 5,000. */
  readonly timeLimitMs?: number;
  /** Mean operations per second. Default 100. */
  readonly ratePerSecond?: number;
  /** What differs from the defaults of a simulated world. */
  readonly world?: WorldSettings;
  /**
   * The module that exports the system by default, or a test (`defineTest`) with all of this: a
   * case names it, from the current directory, so that `ordeal replay` finds a system of one's own.
   * A property loads it before its first run, and refuses one that exports no system of that name.
   */
  readonly file?: string | URL;
}

/** How it is tested. */
export interface OrdealPropertyOptions {
  /**
   * How runs differ; `uniform` leaves everything but the seed as it is. Default `swarm`; see
   * `docs/cli.md` on campaigns.
   */
  readonly explore?: Exclude<Strategy, "guided">;
  /** For making a failing run small, in milliseconds. Default 30,000; 0 leaves it as it is. */
  readonly shrinkMs?: number;
  /** Told of the case, as the text of a file for `ordeal replay`. */
  readonly onCase?: (text: string) => void;
  /** Where the case is written; the error then ends with the command that replays it. */
  readonly caseFile?: string;
}

/** What a test may have. */
export const TEST_FIELDS: Fields<OrdealTest> = {
  system: true,
  workload: true,
  nemeses: true,
  nodeCount: true,
  concurrency: true,
  timeLimitMs: true,
  ratePerSecond: true,
  world: true,
  file: true,
};
const HOW_FIELDS: Fields<OrdealPropertyOptions> = {
  explore: true,
  shrinkMs: true,
  onCase: true,
  caseFile: true,
};
const FIRST = { place: "first", fields: TEST_FIELDS };
const SECOND = { place: "second", fields: HOW_FIELDS };
const HOW = 'ordealProperty({ … }, { caseFile: "cases/lost-write.json" })';

/** Descriptions of runs of a test, with their worlds. */
export function trialArbitrary(
  test: OrdealTest,
  explore: Exclude<Strategy, "guided"> = "swarm",
): fc.Arbitrary<Trial> {
  assertTest("trialArbitrary", test);
  assertFields("trialArbitrary", test, TEST_FIELDS);
  assertStrategy(explore);
  if (test.file !== undefined) pathOfModule(test.file);
  // Seeds do not shrink: a smaller seed is not a smaller run.
  return fc.noShrink(fc.nat({ max: 2 ** 31 - 1 })).map((seed) => {
    const described = describe(test, seed);
    const { nodes } = test.system();
    const space = { test: described, nodes, world: test.world ?? {} };
    const { test: drawn, world } = createExplorer(space, explore).next();
    return { test: { ...drawn, seed }, world };
  });
}

/**
 * A property for `fc.assert`: every run of the test keeps its promise; one that proves nothing does
 * not count (`fc.pre`). A run that does not is made small by ordeal, which knows more about runs
 * than a shrinker of values does; the error has what is left of it.
 */
export function ordealProperty(
  test: OrdealTest,
  options: OrdealPropertyOptions = {},
): fc.IAsyncProperty<[Trial]> {
  assertTest("ordealProperty", test);
  assertPlaced("ordealProperty", test, [FIRST, SECOND]);
  assertObject("ordealProperty", options, HOW);
  assertPlaced("ordealProperty", options, [SECOND, FIRST]);
  const { explore = "swarm", shrinkMs = 30_000, onCase, caseFile } = options;
  assertCount("shrinkMs", shrinkMs, 0);
  if (onCase !== undefined)
    assertFunction("onCase", onCase, "ordealProperty({ … }, { onCase: (text) => … })");
  if (caseFile !== undefined) assertPath("caseFile", caseFile, HOW);
  let fits: Promise<void> | undefined;
  return fc.asyncProperty(trialArbitrary(test, explore), async (trial) => {
    const { systemFile } = trial.test;
    // Before the first run: a failure that is told with a command that fails helps nobody.
    if (systemFile !== undefined) await (fits ??= assertExports(systemFile, trial.test.system));
    const { result, history } = await runTest({
      test: trial.test,
      system: test.system(),
      workload: test.workload(),
      nemeses: (test.nemeses?.() ?? []).filter(({ name }) => trial.test.nemeses.includes(name)),
      world: worldOf(trial.test.seed, trial.world),
      budget: createBudget({ timeMs: CHECK_MS }),
      replay: "",
    });
    // A run that proved nothing does not count: fast-check gives up where there are too many.
    fc.pre(result.verdict.verdict !== "unknown");
    if (result.verdict.verdict === "valid") return;
    const script = scriptOf(history, trial.test.concurrency);
    const start: FailingCase = { test: trial.test, script, world: trial.world };
    const shrunk = shrinkMs === 0 ? undefined : await shrunkFrom(start, test, shrinkMs);
    const small = shrunk?.reproduced === true ? shrunk : undefined;
    const outcome = small?.outcome ?? { result, history };
    const failing = small === undefined ? start : { ...small.best, test: outcome.result.test };
    const [anomaly] = outcome.result.verdict.anomalies;
    const text = encodeCase({
      failing,
      anomaly: anomaly?.kind ?? "",
      about: anomaly?.message ?? "",
    });
    onCase?.(text);
    const command = caseFile === undefined ? "" : written(caseFile, text, test);
    throw new Error(`${failureText(outcome.result.verdict, outcome.history)}${command}`);
  });
}

/** Writes the case, and says what replays it. */
function written(file: string, text: string, test: OrdealTest): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const quoted = /^[\w@%+=:,./-]+$/.test(file) ? file : JSON.stringify(file);
  const rest =
    test.file === undefined
      ? "\n(a system of your own: add --system and the module that exports it)"
      : "";
  return `\n\nreplay  npx ordeal replay ${quoted}${rest}`;
}

/** For the check of one run. */
const CHECK_MS = 20_000;

async function shrunkFrom(
  start: FailingCase,
  test: OrdealTest,
  timeMs: number,
): Promise<ShrunkRun> {
  const parts: CaseParts = {
    system: test.system,
    workload: test.workload,
    nemeses: test.nemeses ?? (() => []),
    world: (failing) => worldOf(failing.test.seed, failing.world),
  };
  const clock = createBudget();
  return shrinkRun({
    start,
    rerun: (candidate) => runCase(candidate, parts, { budget: createBudget({ timeMs: CHECK_MS }) }),
    budget: { runs: Infinity, timeMs, nowMs: () => clock.nowMs() },
    nodesMin: test.system().nodes.min,
  });
}

/** Virtual time in which a run ends, or hangs. */
const MAX_VIRTUAL_MS = 3_600_000;

function worldOf(seed: number, settings: WorldSettings): ReturnType<typeof simulatedWorld> {
  return simulatedWorld({ ...settings, seed, maxVirtualMs: MAX_VIRTUAL_MS, load: importModule });
}

function describe(test: OrdealTest, seed: number): TestDescription {
  const system = test.system();
  if (!system.worlds.includes("simulated")) {
    throw new HarnessError(
      "bad-argument",
      `${system.name} does not run in the simulated world, where properties are tried; use ordeal run`,
    );
  }
  const { timeLimitMs = 5_000 } = test;
  return {
    version: 1,
    workload: test.workload().name,
    system: system.name,
    world: "simulated",
    nemeses: (test.nemeses?.() ?? []).map(({ name }) => name),
    seed,
    nodeCount: test.nodeCount ?? system.nodes.default,
    concurrency: test.concurrency ?? 5,
    timeLimitMs,
    ratePerSecond: test.ratePerSecond ?? 100,
    operationTimeoutMs: 1_000,
    nemesisIntervalMs: Math.min(500, Math.ceil(timeLimitMs / 10)),
    ...(test.file === undefined ? {} : { systemFile: pathOfModule(test.file) }),
  };
}
