/**
 * The contract of generators: the rules of `generator/ask.ts`, for the combinators that ordeal
 * ships and for generators of others. It walks through random histories and looks at every single
 * step.
 */
import type { Generator, GeneratorContext, Step } from "../generator/generator.js";
import type { HistoryEvent, Process } from "../history/operation.js";
import { sameValue, type Value } from "../history/value.js";
import { createRandom, type Random } from "../random.js";
import { mustHold, type ContractCase } from "./contract.js";
import { assertShapes } from "./property/given.js";

/** What a generator is tested with. */
export interface GeneratorContractOptions {
  readonly generator: Generator;
  /** Client workers. Default 4. */
  readonly concurrency?: number;
  /** Whether there is a nemesis. Default false. */
  readonly nemesis?: boolean;
  /** How many random histories are tried. Default 20. */
  readonly seedCount?: number;
  /** Steps in each of them. Default 200. */
  readonly stepCount?: number;
}

/** All that a generator has to do. */
export function generatorContract(options: GeneratorContractOptions): readonly ContractCase[] {
  assertShapes(
    "generatorContract",
    options,
    { generator: ["step", "update"] },
    "generatorContract({ generator: workload.generator(context) })",
  );
  const law = (name: string, check: (visit: Visit) => void): ContractCase => ({
    name,
    run: async () => {
      for (let seed = 0; seed < (options.seedCount ?? 20); seed++) walk(options, { seed, check });
    },
  });
  return [
    law("dispatches to idle workers only", ({ step, context }) => {
      if (step.kind !== "dispatch") return;
      const { process, f } = step.dispatch;
      mustHold(
        context.free.includes(process),
        `${f} goes to process ${process}, which is not free`,
      );
    }),
    law("dispatches operations that a history can hold", ({ step }) => {
      if (step.kind !== "dispatch") return;
      const { f, key = null, value, timeNs } = step.dispatch;
      mustHold(typeof f === "string" && f !== "", "an operation has no function");
      mustHold(Number.isFinite(timeNs), `${f} is for the time ${timeNs}`);
      mustHold(isPlain(value) && isPlain(key), `the value or key of ${f} is not plain JSON`);
    }),
    law("names a wake time that lies ahead, or waits for an event that can come", (visit) => {
      const { step, context } = visit;
      if (step.kind !== "pending") return;
      const ahead = step.wakeNs === undefined || step.wakeNs > context.timeNs;
      mustHold(ahead, `it wants to be woken at ${step.wakeNs} ns, but it is ${context.timeNs} ns`);
      const possible = step.wakeNs !== undefined || context.free.length < context.processes.length;
      mustHold(possible, "it waits for an event while every worker is idle");
    }),
    law("dispatches nothing when no worker is free", ({ generator, context, ask }) => {
      const step = ask(generator, { ...context, free: [] });
      mustHold(step.kind !== "dispatch", "it dispatches although no worker is free");
    }),
    law("answers the same question in the same way", ({ generator, context, step, ask }) => {
      mustHold(alike(ask(generator, context), step), "a second, equal question has another answer");
      ask(generator, { ...context, free: [] });
      mustHold(alike(ask(generator, context), step), "a question in between changed the answer");
    }),
    law("stays done", ({ generator, context, step, ask }) => {
      if (step.kind !== "done") return;
      for (const laterNs of [0, 1, 1e6, 1e12]) {
        const again = ask(generator, { ...context, timeNs: context.timeNs + laterNs });
        mustHold(again.kind === "done", `it was done, and goes on ${laterNs} ns later`);
      }
    }),
  ];
}

/** One step of a walk. */
interface Visit {
  readonly generator: Generator;
  readonly context: Omit<GeneratorContext, "random">;
  readonly step: Step;
  /** Asks, with the same randomness each time. */
  readonly ask: (generator: Generator, context: Omit<GeneratorContext, "random">) => Step;
}

interface Open {
  readonly process: Process;
  readonly f: string;
  readonly key?: Value;
  readonly value: Value;
}

const OUTCOMES = ["ok", "ok", "fail", "info"] as const;

/** Goes on for so many steps after the generator is done, to see that it stays so. */
const AFTERWARDS = 5;

/**
 * Drives the generator through a random history: answers come in any order, and it is also asked
 * too early.
 */
function walk(
  options: GeneratorContractOptions,
  { seed, check }: { readonly seed: number; readonly check: (visit: Visit) => void },
): void {
  const { concurrency = 4, stepCount = 200 } = options;
  const random = createRandom(seed).fork("walk");
  const workers: Process[] = Array.from({ length: concurrency }, (_, worker) => worker);
  const open: Open[] = [];
  let { generator } = options;
  let timeNs = 0;
  let index = 0;
  let afterwards = 0;

  const tell = (event: Pick<HistoryEvent, "type"> & Open): void => {
    generator = generator.update({ index: index++, timeNs, ...event });
  };
  const complete = (): void => {
    const [done] = open.splice(random.below(open.length), 1);
    if (done === undefined) return;
    const { process } = done;
    const type = process === "nemesis" ? "info" : random.pick(OUTCOMES);
    tell({ ...done, type });
    if (type === "info" && process !== "nemesis") {
      workers[process % concurrency] = process + concurrency;
    }
  };

  for (let count = 0; count < stepCount && afterwards < AFTERWARDS; count++) {
    const processes = options.nemesis === true ? ["nemesis" as const, ...workers] : [...workers];
    const free = processes.filter((process) => !open.some((other) => other.process === process));
    const ask: Visit["ask"] = (asked, context) =>
      asked.step({ ...context, random: streamOf(seed, count) });
    const context = { timeNs, free, processes };
    const step = ask(generator, context);
    check({ generator, context, step, ask });

    if (step.kind === "dispatch" && step.dispatch.timeNs <= timeNs) {
      const { process, f, key, value } = step.dispatch;
      const operation = key === undefined ? { process, f, value } : { process, f, key, value };
      generator = step.next;
      open.push(operation);
      tell({ ...operation, type: process === "nemesis" ? "info" : "invoke" });
      if (random.chance(0.6)) timeNs += random.below(3e6);
      continue;
    }
    if (step.kind === "pending") generator = step.next;
    if (step.kind === "done") afterwards++;
    if (open.length > 0 && random.chance(0.5)) complete();
    const target =
      step.kind === "pending" ? step.wakeNs : step.kind === "dispatch" ? step.dispatch.timeNs : 0;
    // Now and then it is asked before its time, as happens when something else wakes the driver.
    if (target === undefined) timeNs += random.below(2e6);
    else if (random.chance(0.7)) timeNs = Math.max(timeNs, target);
    else timeNs = Math.max(timeNs, timeNs + Math.floor((target - timeNs) / 2));
  }
}

function streamOf(seed: number, count: number): Random {
  return createRandom(seed).fork(`step ${count}`);
}

function alike(one: Step, other: Step): boolean {
  const shown = (step: Step): string =>
    JSON.stringify({ ...step, next: undefined }, (_, value: unknown) => value ?? null);
  return shown(one) === shown(other);
}

function isPlain(value: Value): boolean {
  const text = JSON.stringify(value) as string | undefined;
  return text !== undefined && sameValue(JSON.parse(text) as Value, value);
}
