/**
 * The contract of workloads: what a `Workload` has to do, for those that ordeal ships and those of
 * others. It is tried on systems that are plain functions: a correct one, whose histories must be
 * found valid, and broken ones, whose histories must be found invalid.
 */
import { createBudget } from "../checker/checker.js";
import { limit, sequence, simulate, type SimulatedAnswer } from "../generator/index.js";
import type { Generator, Invocation } from "../generator/generator.js";
import { historyOf } from "../history/history.js";
import type { HistoryEvent, Process } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Random } from "../random.js";
import { OperationError } from "../runner/client.js";
import type { Workload, WorkloadContext } from "../runner/workload.js";
import { mustHold, type ContractCase } from "./contract.js";
import { generatorContract } from "./generator-contract.js";
import { assertShapes } from "./property/given.js";

/**
 * A new system that answers one operation after the other, each at once and as a whole; in the
 * words of the workload's clients.
 */
export type SequentialSystem = () => (
  invocation: Invocation & { readonly process?: Process },
) => { readonly type: "ok"; readonly value?: Value } | { readonly type: "fail" };

/** What a workload is tested with. */
export interface WorkloadContractOptions {
  readonly workload: Workload;
  /** A system that does what the workload asks for. */
  readonly correct: SequentialSystem;
  /** Systems with a bug that the workload has to find, by the name of the bug. */
  readonly broken: { readonly [bug: string]: SequentialSystem };
  /** Operations in the main phase. Default 600. */
  readonly operationCount?: number;
}

const SEEDS: readonly number[] = [0, 1, 2, 3, 4];
/** A bug must be found at least once in these. */
const BUG_SEEDS: readonly number[] = Array.from({ length: 10 }, (_, seed) => seed);

/** All that a workload has to do. */
export function workloadContract(options: WorkloadContractOptions): readonly ContractCase[] {
  assertShapes(
    "workloadContract",
    options,
    { workload: ["generator", "checker"], correct: "function", broken: "object" },
    "workloadContract({ workload: register(), correct: () => …, broken: { stale: () => … } })",
  );
  const { workload } = options;
  const contexts = contextsOf(workload);
  const full = contexts.at(-1) as WorkloadContext;
  const caseOf = (name: string, run: () => Promise<void>): ContractCase => ({ name, run });
  const generators = (): readonly ContractCase[] =>
    generatorContract({ generator: workload.generator(full) });

  return [
    caseOf("uses the functions that the system has, all of them and no others", async () => {
      for (const context of contexts) usesFunctions(options, context);
    }),
    caseOf("its client asks the system for what the workload requires", async () =>
      asksForFunctions(options, full),
    ),
    caseOf("keeps every worker busy, however many there are", async () => {
      for (const concurrency of [1, 2, 3, 10, 17]) {
        const events = drive(options, { context: { ...full, concurrency }, seed: 0 });
        const busy = new Set(events.map(({ process }) => Number(process) % concurrency));
        mustHold(
          busy.size === concurrency,
          `of ${concurrency} workers only ${busy.size} were used`,
        );
      }
    }),
    caseOf("the same seed gives the same history", async () => {
      const text = (): string => JSON.stringify(drive(options, { context: full, seed: 7 }));
      mustHold(text() === text(), "two runs with the same seed differ");
    }),
    ...generators().map(({ name, run }) => caseOf(`its generator ${name}`, run)),
    caseOf("a correct system is valid, whatever it has", async () => {
      for (const context of contexts) {
        for (const seed of SEEDS) {
          const events = drive(options, { context, seed });
          const { verdict, reason } = await judge(workload, context, events);
          mustHold(verdict === "valid", `seed ${seed} is ${verdict}: ${reason}`);
        }
      }
    }),
    ...Object.entries(options.broken).map(([bug, system]) =>
      caseOf(`a system with ${bug} is found invalid`, async () => {
        for (const seed of BUG_SEEDS) {
          const events = drive({ ...options, correct: system }, { context: full, seed });
          if ((await judge(workload, full, events)).verdict === "invalid") return;
        }
        mustHold(false, `${BUG_SEEDS.length} runs did not find ${bug}`);
      }),
    ),
    caseOf("its last phase looks at every key that was used", async () =>
      looksAtAll(options, full),
    ),
    caseOf("its last phase ends, even when nothing answers", async () => givesUp(options, full)),
    caseOf("nothing at all is not an error", async () => {
      await judge(workload, full, []);
    }),
  ];
}

/** A context for each set of optional functions; the last has all of them. */
function contextsOf(workload: Workload): readonly WorkloadContext[] {
  const { requires, optional } = workload;
  return Array.from({ length: 2 ** optional.length }, (_, set) => ({
    functions: new Set([...requires, ...optional.filter((_, bit) => (set & (2 ** bit)) !== 0)]),
    concurrency: 6,
  }));
}

function usesFunctions(options: WorkloadContractOptions, context: WorkloadContext): void {
  const used = new Set(drive(options, { context, seed: 1 }).map(({ f }) => f));
  const own = new Set(options.workload.functions ?? context.functions);
  for (const f of used) mustHold(own.has(f), `it uses ${f}, which is not there`);
  for (const f of own) mustHold(used.has(f), `it never uses ${f}`);
  const observes = options.workload.observes ?? [];
  const known = observes.filter((f) => used.has(f));
  mustHold(known.length > 0 || observes.length === 0, `it never observes: ${observes.join(", ")}`);
}

/** What its client asks of the system is what the workload requires. */
async function asksForFunctions(
  options: WorkloadContractOptions,
  context: WorkloadContext,
): Promise<void> {
  const { workload } = options;
  if (workload.client === undefined) return;
  const asked = new Set<string>();
  let closed = 0;
  const client = workload.client({
    invoke: async ({ f }) => {
      asked.add(f);
      return null;
    },
    close: async () => void closed++,
  });
  const events = drive(options, { context, seed: 4 });
  for (const { type, f, key, value } of events) {
    if (type !== "invoke") continue;
    try {
      await client.invoke(key === undefined ? { f, value } : { f, key, value });
    } catch (error) {
      // It may say that such answers lead nowhere; what it asks for is what counts here.
      if (!(error instanceof OperationError)) throw error;
    }
  }
  await client.close();
  mustHold(closed === 1, "closing its client does not close the system's");
  for (const f of asked) mustHold(context.functions.has(f), `its client asks for ${f}`);
  for (const f of context.functions) mustHold(asked.has(f), `its client never asks for ${f}`);
}

/** Main and last phase against the system, with answers that are late, lost, or failures. */
function drive(
  options: WorkloadContractOptions,
  run: { readonly context: WorkloadContext; readonly seed: number },
): HistoryEvent[] {
  const { workload, operationCount = 600 } = options;
  const { context, seed } = run;
  const system = options.correct();
  const main = simulate(limit(operationCount, workload.generator(context)), {
    concurrency: context.concurrency,
    seed,
    maxEvents: Infinity,
    answer: (event, random) => answerOf(system, event, random),
  });
  const final = workload.finalGenerator?.(context, historyOf(main)) ?? sequence();
  return [...main, ...after(main, { generator: final, context, system })];
}

/**
 * Operations take effect when they are invoked, which makes every history of a correct system
 * linearizable.
 */
function answerOf(
  system: ReturnType<SequentialSystem>,
  event: HistoryEvent,
  random: Random,
): SimulatedAnswer {
  const latencyMs = 1 + random.exponential(5);
  const luck = random.float();
  if (luck < 0.02) return { type: "fail", latencyMs, error: ["refused", "nothing was done"] };
  if (luck < 0.03) return { type: "info", latencyMs, error: ["timeout", "nothing was done"] };
  const answer = system(event);
  if (luck < 0.04) return { type: "info", latencyMs, error: ["timeout", "it was done"] };
  return { ...answer, latencyMs };
}

/** Runs the last phase, and puts its events behind those of the main phase, as other processes. */
function after(
  main: readonly HistoryEvent[],
  last: {
    readonly generator: Generator;
    readonly context: WorkloadContext;
    readonly system: ReturnType<SequentialSystem>;
  },
): HistoryEvent[] {
  const { concurrency } = last.context;
  const processes = main.map(({ process }) => Number(process));
  const firstProcess = Math.ceil((Math.max(-1, ...processes) + 1) / concurrency) * concurrency;
  const startNs = (main.at(-1)?.timeNs ?? 0) + 1;
  const events = simulate(last.generator, {
    concurrency,
    maxEvents: FINAL_EVENTS_MAX,
    answer: (event) => ({ ...last.system(event), latencyMs: 1 }),
  });
  const moved = (event: HistoryEvent): HistoryEvent => ({
    ...event,
    index: event.index + main.length,
    timeNs: event.timeNs + startNs,
    process: Number(event.process) + firstProcess,
  });
  return events.map((event) => moved(event));
}

const FINAL_EVENTS_MAX = 20_000;

function looksAtAll(options: WorkloadContractOptions, context: WorkloadContext): void {
  const { workload, operationCount = 600 } = options;
  if (workload.finalGenerator === undefined) return;
  const events = drive(options, { context, seed: 2 });
  const keyOf = (event: HistoryEvent): string => canonical(event.key ?? null);
  const invocations = events.filter(({ type }) => type === "invoke");
  const touched = new Set(invocations.slice(0, operationCount).map((event) => keyOf(event)));
  const observes = workload.observes ?? workload.functions ?? [...context.functions];
  const lastInvoked = invocations[operationCount - 1]?.index ?? 0;
  const seen = new Set(
    events
      .filter(({ index, f, type }) => index > lastInvoked && type === "ok" && observes.includes(f))
      .map((event) => keyOf(event)),
  );
  for (const key of touched) mustHold(seen.has(key), `the key ${key} is not looked at in the end`);
}

function givesUp(options: WorkloadContractOptions, context: WorkloadContext): void {
  const { workload } = options;
  const main = drive(options, { context, seed: 3 });
  const final = workload.finalGenerator?.(context, historyOf(main));
  if (final === undefined) return;
  for (const type of ["fail", "info"] as const) {
    const events = simulate(final, {
      concurrency: context.concurrency,
      maxEvents: FINAL_EVENTS_MAX,
      answer: () => ({ type, latencyMs: 100, error: ["timeout", "nobody is there"] }),
    });
    mustHold(events.length < FINAL_EVENTS_MAX, `it does not give up when all ends as ${type}`);
  }
}

async function judge(
  workload: Workload,
  context: WorkloadContext,
  events: readonly HistoryEvent[],
): Promise<{ readonly verdict: string; readonly reason: string }> {
  return workload.checker(context).check(historyOf(events), createBudget());
}
