/**
 * A run: start the system, drive it while faults are injected, heal, read what is left, stop
 * everything, and judge the history.
 */
import { createBudget, type Budget, type Checker } from "../checker/checker.js";
import type { Generator } from "../generator/generator.js";
import { sequence } from "../generator/index.js";
import { createHistoryBuilder, type History, type NewEvent } from "../history/history.js";
import { placed } from "../history/new-event.js";
import type { HistoryEvent } from "../history/operation.js";
import type { Verdict } from "../verdict/verdict.js";
import type { NodeId } from "../world/network.js";
import type { Cluster, DeployOptions, World } from "../world/world.js";
import { eitherOf } from "./either-signal.js";
import { FailFast } from "./fail-fast.js";
import type { Standing } from "./followed.js";
import { countsOf, faultsOf, judge } from "./judge.js";
import type { Nemesis } from "./nemesis.js";
import {
  finalPhase,
  heal,
  mainPhase,
  nemesisContext,
  workloadContext,
  type Drive,
  type MainPhase,
} from "./phases.js";
import { askForProgress, progressBoundMs, stopIn, withStop } from "./progress.js";
import { assertPossible } from "./preflight.js";
import type { FirstViolation, RunCounts, RunResult, TestDescription } from "./result.js";
import { connector, endInOrder, openInTime } from "./connections.js";
import type { System, SystemSession } from "./system.js";
import { createWorkers } from "./workers.js";
import type { Workload } from "./workload.js";

/** Who interrupts a run wants to know what was seen, but not in a minute. */
const INTERRUPTED_CHECK_MS = 10_000;

/** Where a run is; for progress displays. */
export type Phase = "starting" | "running" | "healing" | "final" | "stopping" | "checking";

/** Told of everything while it happens; must not throw. */
export interface RunObserver {
  phase?(phase: Phase, timeNs: number): void;
  event?(event: HistoryEvent): void;
  log?(node: NodeId, timeNs: number, line: string): void;
  violation?(violation: FirstViolation): void;
}

/** What a run is made of. */
export interface RunOptions {
  readonly test: TestDescription;
  readonly system: System;
  readonly workload: Workload;
  readonly nemeses: readonly Nemesis[];
  /** Made for this run; `runTest` closes it. */
  readonly world: World;
  readonly observers?: readonly RunObserver[];
  /** For the checker. Default: a minute, 2 GiB. */
  readonly budget?: Budget;
  /** Ends the run early: it heals, stops and judges what was seen. */
  readonly signal?: AbortSignal;
  /** Where nodes keep their data in the real world. Default: a temporary directory. */
  readonly directory?: string;
  /** Replaces the nemeses' own schedules: a recorded one, to drive a real run again. */
  readonly schedule?: Generator;
  /** Replaces the workload's own operations: a recorded script. */
  readonly script?: RunScript;
  /** Drives the main phase in place of the generators of workload and nemeses. */
  readonly main?: (parts: MainPhase) => Promise<void>;
  /** The command that runs it again, for the reports. */
  readonly replay: string;
}

/** Operations that are known beforehand. */
export interface RunScript {
  readonly main: Generator;
  /** What follows after healing; absent when nothing does. */
  readonly final?: Generator;
}

/** What a run leaves. */
export interface RunOutcome {
  readonly result: RunResult;
  readonly history: History;
}

/**
 * Carries out one run, whatever happens in it, and leaves nothing running.
 * @throws HarnessError `unavailable` or `bad-argument` before anything starts; `harness-failure`
 *   when the system could not be started.
 */
export async function runTest(options: RunOptions): Promise<RunOutcome> {
  const { test, system, workload, nemeses, world } = options;
  const budget = options.budget ?? createBudget();
  const startedMs = budget.nowMs();
  const builder = createHistoryBuilder();
  const observers = options.observers ?? [];
  const checker = workload.checker(workloadContext(options));
  const soFar = (): History => builder.build();
  const failFast = test.failFast === true ? watch(options, checker, soFar) : undefined;
  const record = (event: NewEvent): HistoryEvent => {
    const whole = placed(event, builder.length);
    builder.add(event);
    for (const observer of observers) observer.event?.(whole);
    failFast?.take(whole);
    return whole;
  };

  let driven: Driven = { endedEarly: undefined, problems: [], waiting: [] };
  let durationNs = 0;
  try {
    assertPossible({ ...test, system, workload, nemeses, world });
    await world.run(async () => {
      driven = await drive({ ...options, record, history: soFar, observers, failFast });
      durationNs = world.clock.nowNs();
    });
  } finally {
    await world.close();
  }

  for (const observer of observers) observer.phase?.("checking", durationNs);
  const history = builder.build();
  const { endedEarly, problems, waiting } = driven;
  const firstViolation = failFast?.violation;
  const judged = await judge(history, checker, {
    budget: endedEarly === "interrupted" ? shortened(budget) : budget,
    observes: workload.observes ?? [],
    nemeses: endedEarly === undefined ? nemeses.map(({ name }) => name) : [],
  });
  const stop =
    endedEarly === undefined && options.main === undefined
      ? stopIn(history, { boundMs: progressBoundMs(test), waiting })
      : undefined;
  const verdict = stop === undefined ? judged : withStop(judged, stop);
  const notes = [
    ...notesOn(system, { nemeses, verdict }),
    ...(endedEarly === undefined ? withoutEffect(history, nemeses) : []),
    ...problems,
    ...(failFast?.notesOn(verdict) ?? []),
  ];
  const result: RunResult = {
    version: 1,
    test,
    verdict,
    counts: countsOf(history),
    durationNs,
    elapsedMs: Math.round(budget.nowMs() - startedMs),
    ...(endedEarly === undefined ? {} : { endedEarly }),
    ...(firstViolation === undefined ? {} : { firstViolation }),
    ...(notes.length === 0 ? {} : { notes }),
    replay: options.replay,
  };
  return { result, history };
}

/** What came of driving a run. */
interface Driven {
  /** Why it ended before its time; undefined when it did not. */
  readonly endedEarly: string | undefined;
  /** What did not go as it should, without being a reason to have no verdict. */
  readonly problems: readonly string[];
  /** What each node waited for at the end, where nothing was answered any more. */
  readonly waiting: readonly string[];
}

/** Everything between the first node's start and the last one's stop. */
async function drive(given: Drive): Promise<Driven> {
  const signals = [given.signal, given.failFast?.signal].filter((signal) => signal !== undefined);
  const { signal, release } = eitherOf(signals);
  try {
    return await driveUntil({ ...given, signal });
  } finally {
    release();
  }
}

async function driveUntil(options: Drive & { readonly signal: AbortSignal }): Promise<Driven> {
  const { test, system, workload, world, observers, failFast, signal } = options;
  const enter = (phase: Phase): void => {
    for (const observer of observers) observer.phase?.(phase, world.clock.nowNs());
  };
  enter("starting");
  const starting = start(options);
  const started = await Promise.race([starting, aborted(signal)]);
  if (started === undefined) {
    // Whoever closes the world ends what is still starting, and that it then fails is no news.
    starting.catch(() => undefined);
    return { endedEarly: "interrupted", problems: [], waiting: [] };
  }
  const { cluster, session } = started;
  const workers = createWorkers({
    concurrency: test.concurrency,
    clock: world.clock,
    operationTimeoutMs: test.operationTimeoutMs,
    connect: connector({ test, workload, cluster, session }),
  });
  let endedEarly: string | undefined;
  let problems: readonly string[] = [];
  let unread: readonly string[] = [];
  let waiting: readonly string[] = [];
  const standing: Standing = { rest: sequence() };
  try {
    enter("running");
    const striking = nemesisContext(options, cluster);
    if (options.main === undefined) await mainPhase(options, { striking, workers, standing });
    else await options.main({ workers, cluster, record: options.record, clock: world.clock });
    enter("healing");
    await heal(options, striking);
    if (!signal.aborted) {
      const before = countsOf(options.history());
      await finalPhase(options, workers, enter);
      unread = withoutAnswer(before, countsOf(options.history()));
      await askForProgress(options, workers, standing);
      waiting = world.waiting?.() ?? [];
    }
    if (signal.aborted) endedEarly = failFast?.ending ?? "interrupted";
  } finally {
    failFast?.stop();
    enter("stopping");
    problems = await endInOrder(world, [
      ["closing the clients", () => workers.closeAll()],
      [`closing ${system.name}`, () => session.close()],
      ["stopping the nodes", () => cluster.stop()],
    ]);
  }
  return { endedEarly, problems: [...unread, ...problems], waiting };
}

/** Watches for the first violation. */
function watch(options: RunOptions, checker: Checker, history: () => History): FailFast {
  const { world, observers = [] } = options;
  return new FailFast({
    checker,
    budget: options.budget ?? createBudget(),
    clock: world.clock,
    timeNsOf: (event) => history().event(event).timeNs,
    onViolation: (violation) => {
      for (const observer of observers) observer.violation?.(violation);
    },
  });
}

interface Started {
  readonly cluster: Cluster;
  readonly session: SystemSession;
}

async function start({ test, system, world, observers, directory }: Drive): Promise<Started> {
  const log: DeployOptions["onLog"] = (node, timeNs, line) => {
    try {
      for (const observer of observers) observer.log?.(node, timeNs, line);
    } catch {
      // A full disk ends the run at its next event; here nobody could be told.
    }
  };
  const cluster = await world.deploy(system.deployment(test.nodeCount), {
    ...(directory === undefined ? {} : { directory }),
    onLog: log,
  });
  // So that each node has a log, also one that says nothing.
  for (const node of cluster.nodes) log(node, world.clock.nowNs(), "deployed");
  return { cluster, session: await openInTime(system, world, cluster.nodes) };
}

/** Resolves when the signal aborts, if it ever does. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function shortened(budget: Budget): Budget {
  return {
    timeMs: Math.min(budget.timeMs, INTERRUPTED_CHECK_MS),
    memoryBytes: budget.memoryBytes,
    nowMs: () => budget.nowMs(),
  };
}

/** Says when no final read came back: what was acknowledged last may be lost. */
function withoutAnswer(before: RunCounts, after: RunCounts): string[] {
  const invoked = after.invoked - before.invoked;
  if (invoked === 0 || after.ok > before.ok) return [];
  return [
    `none of the ${invoked} final operations succeeded, so what was acknowledged last was not read again`,
  ];
}

/** Says which nemeses never struck: the verdict says nothing about their faults. */
function withoutEffect(history: History, nemeses: readonly Nemesis[]): string[] {
  const begun = faultsOf(history);
  return nemeses
    .filter(({ functions }) => !functions.some((f) => begun.has(f)))
    .map(({ name }) => `${name} never took effect, so this run says nothing about it`);
}

/** Models of single objects that ask for one order of all operations. */
const ONE_ORDER: ReadonlySet<string> = new Set(["linearizable", "sequential"]);

/**
 * Says when the faults, or what was asked for, go beyond what the system promises, so that nobody
 * takes the verdict for a surprise.
 */
function notesOn(
  system: System,
  { nemeses, verdict }: { readonly nemeses: readonly Nemesis[]; readonly verdict: Verdict },
): string[] {
  const { promise, name } = system;
  const { checker } = verdict;
  const why = promise.deviation === undefined ? "" : `: ${promise.deviation}`;
  const beyond = nemeses.filter(({ needs }) =>
    // Who can change its members is meant to survive it.
    needs.some((fault) => fault !== "members" && !promise.under.includes(fault)),
  );
  if (beyond.length === 0) {
    const isMore = ONE_ORDER.has(checker) && /^(causal|eventual)$/.test(promise.consistency);
    if (!isMore || verdict.verdict !== "invalid") return [];
    return [`${name} promises to be ${promise.consistency}, not ${checker}${why}`];
  }
  const faults = beyond.map((nemesis) => nemesis.name).join(", ");
  return [
    (promise.consistency === "none"
      ? `${name} promises nothing`
      : `${name} does not promise to stay ${promise.consistency} under ${faults}`) + why,
  ];
}
