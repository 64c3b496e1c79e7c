/**
 * The phases of a run in which something happens to the system: operations under faults, healing,
 * and what is read at the end.
 */
import { HarnessError, messageOf } from "../errors.js";
import { anyOf, clients, nemesis as forNemesis, stagger, timeLimit } from "../generator/index.js";
import type { Generator } from "../generator/generator.js";
import type { History, NewEvent } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";
import type { Clock } from "../world/clock.js";
import type { Cluster } from "../world/world.js";
import type { FailFast } from "./fail-fast.js";
import { interpret } from "./interpreter.js";
import type { Nemesis, NemesisContext } from "./nemesis.js";
import { followed, type Standing } from "./followed.js";
import type { Phase, RunObserver, RunOptions } from "./run.js";
import { within } from "./within.js";
import type { Workers } from "./workers.js";
import type { WorkloadContext } from "./workload.js";

/** After healing the system has this long to find itself before the final reads. */
export const SETTLE_MS = 2_000;
/** The final reads are given up after this. */
const FINAL_LIMIT_MS = 30_000;
/** A fault that is not injected or healed within this counts as failed. */
const NEMESIS_TIMEOUT_MS = 60_000;
/** A node that has not answered about members by then does not lead. */
const MEMBERS_TIMEOUT_MS = 100;

/** What the phases of one run work with. */
export interface Drive extends RunOptions {
  readonly record: (event: NewEvent) => HistoryEvent;
  /** The history so far. */
  readonly history: () => History;
  readonly observers: readonly RunObserver[];
  readonly failFast: FailFast | undefined;
}

/** What the main phase works with, where something else than a generator drives it. */
export interface MainPhase {
  readonly workers: Workers;
  readonly cluster: Cluster;
  readonly record: (event: NewEvent) => HistoryEvent;
  readonly clock: Clock;
}

/** Who takes part in the main phase. */
export interface MainParts {
  readonly striking: NemesisContext;
  readonly workers: Workers;
  /** Is left where the workload stood at the end. */
  readonly standing: Standing;
}

/** The workload, while the nemeses strike. */
export async function mainPhase(
  options: Drive,
  { striking, workers, standing }: MainParts,
): Promise<void> {
  const { test, nemeses, world, record } = options;
  const random = world.random.fork("generator");
  const intervalMs = test.nemesisIntervalMs;
  const schedules = options.schedule
    ? [forNemesis(options.schedule)]
    : nemeses.map((nemesis) => forNemesis(nemesis.schedule({ intervalMs })));
  const operations = followed(operationsOf(options), standing);
  await interpret({
    generator: timeLimit(test.timeLimitMs, anyOf(clients(operations), ...schedules)),
    workers,
    ...(nemeses.length === 0
      ? {}
      : {
          nemesis: async (invocation) => {
            const nemesis = nemeses.find(({ functions }) => functions.includes(invocation.f));
            if (nemesis === undefined)
              throw new HarnessError("harness-failure", `nobody does ${invocation.f}`);
            return within(world, {
              what: invocation.f,
              action: () => nemesis.invoke(invocation, striking),
              limitMs: NEMESIS_TIMEOUT_MS,
            });
          },
        }),
    record,
    clock: world.clock,
    random,
    signal: options.signal ?? new AbortController().signal,
  });
}

/** What the clients do in the main phase. */
function operationsOf(options: Drive): Generator {
  const { test, workload, script } = options;
  if (script !== undefined) return script.main;
  const main = workload.generator(workloadContext(options));
  return test.ratePerSecond > 0 ? stagger(1000 / test.ratePerSecond, main) : main;
}

/** Heals what every nemesis has left, and writes down that it did. */
export async function heal(options: Drive, context: NemesisContext): Promise<void> {
  const { nemeses, world, record } = options;
  if (nemeses.length === 0) return;
  const mark = { type: "info", process: "nemesis", f: "heal", value: null } as const;
  record({ ...mark, timeNs: world.clock.nowNs() });
  // All at once: a node that was killed may need, in order to start, one that is paused or cut off.
  const outcomes = await Promise.allSettled(
    nemeses.map(async (nemesis) =>
      within(world, {
        what: `heal ${nemesis.name}`,
        action: () => nemesis.heal(context),
        limitMs: NEMESIS_TIMEOUT_MS,
      }),
    ),
  );
  const failures = outcomes.flatMap((outcome, index) =>
    outcome.status === "rejected"
      ? [`${(nemeses[index] as Nemesis).name}: ${messageOf(outcome.reason)}`]
      : [],
  );
  const timeNs = world.clock.nowNs();
  record({ ...mark, timeNs, ...(failures.length === 0 ? {} : { error: failures }) });
}

/** What follows after healing, when anything does. */
export async function finalPhase(
  options: Drive,
  workers: Workers,
  enter: (phase: Phase) => void,
): Promise<void> {
  const { world, workload, nemeses, record } = options;
  const final =
    options.script === undefined
      ? workload.finalGenerator?.(workloadContext(options), options.history())
      : options.script.final;
  if (final === undefined) return;
  // A script may have been taken from a run with faults that it no longer has.
  if (nemeses.length > 0 || options.script !== undefined) await world.clock.sleep(SETTLE_MS);
  enter("final");
  await interpret({
    generator: timeLimit(FINAL_LIMIT_MS, clients(final)),
    workers,
    record,
    clock: world.clock,
    random: world.random.fork("final"),
    signal: options.signal ?? new AbortController().signal,
  });
}

/** What the nemeses of one run work on. */
export function nemesisContext(
  { world, system, nemeses }: Drive,
  cluster: Cluster,
): NemesisContext {
  const random = world.random.fork("nemesis");
  const isAsked = nemeses.some(({ needs }) => needs.includes("members"));
  if (!isAsked || system.members === undefined) return { cluster, random };
  const endpoint = cluster.endpoint("members");
  return { cluster, random, members: system.members({ endpoint, timeoutMs: MEMBERS_TIMEOUT_MS }) };
}

/** What a workload is told of its run. */
export function workloadContext(options: RunOptions): WorkloadContext {
  const { system, workload, test } = options;
  const known = [...workload.requires, ...workload.optional];
  return {
    functions: new Set(known.filter((f) => system.functions.includes(f))),
    concurrency: test.concurrency,
  };
}
