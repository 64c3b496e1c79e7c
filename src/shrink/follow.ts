/** Generators that follow a script. */
import { DONE, dispatched, earlier, pending } from "../generator/ask.js";
import type { Generator, GeneratorContext, Step } from "../generator/generator.js";
import type { ScriptedOperation } from "./script.js";

/** What to follow, and from when times count. */
export interface Following {
  readonly operations: readonly ScriptedOperation[];
  /** Done not before this time. Default 0. */
  readonly untilNs?: number;
  /** What the times of the operations are added to; undefined for when it is first asked. */
  readonly startNs?: number;
}

/**
 * Each worker's operations in order, each at its time or as soon as the worker is free. Operations
 * of workers that are not there are left out.
 */
export function follow({ operations, untilNs = 0, startNs }: Following): Generator {
  const queues: ScriptedOperation[][] = [];
  for (const operation of operations) (queues[operation.worker] ??= []).push(operation);
  const all = Array.from(queues, (queue) => queue ?? []);
  return following({ queues: all, positions: all.map(() => 0), untilNs, startNs });
}

interface State {
  readonly queues: readonly (readonly ScriptedOperation[])[];
  /** How far each worker has come. */
  readonly positions: readonly number[];
  readonly untilNs: number;
  readonly startNs: number | undefined;
}

function following(state: State): Generator {
  const self: Generator = {
    step: (context) => next(state, { self, context }),
    update: () => self,
  };
  return self;
}

interface Question {
  readonly self: Generator;
  readonly context: GeneratorContext;
}

function next(state: State, { self, context }: Question): Step {
  const { timeNs, free, processes } = context;
  const startNs = state.startNs ?? timeNs;
  let due: ScriptedOperation | undefined;
  let left = false;
  let wakeNs = timeNs < state.untilNs ? state.untilNs : undefined;
  for (const [worker, queue] of state.queues.entries()) {
    const operation = queue[state.positions[worker] as number];
    const process = processes[worker];
    if (operation === undefined || process === undefined) continue;
    left = true;
    const atNs = startNs + operation.atNs;
    if (atNs > timeNs) wakeNs = earlier(wakeNs, atNs);
    else if (free.includes(process) && (due === undefined || operation.atNs < due.atNs)) {
      due = operation;
    }
  }
  if (due === undefined) {
    if (!left && wakeNs === undefined) return DONE;
    return pending(startNs === state.startNs ? self : following({ ...state, startNs }), wakeNs);
  }
  const { worker, f, key, value } = due;
  const process = processes[worker] as number;
  const positions = state.positions.with(worker, (state.positions[worker] as number) + 1);
  const invocation = key === undefined ? { f, value } : { f, key, value };
  return dispatched(
    { ...invocation, process, timeNs },
    following({ ...state, positions, startNs }),
  );
}
