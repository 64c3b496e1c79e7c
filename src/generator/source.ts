/**
 * Sources: the generators that make operations. Each operation goes to one of the free workers,
 * drawn uniformly, at once; pace, order and choice of workers are the business of the combinators
 * around them.
 */
import type { HistoryEvent, Process } from "../history/operation.js";
import { DONE, dispatched, pending } from "./ask.js";
import type { Generator, GeneratorContext, Invocation } from "./generator.js";

/** What a function that makes invocations is told. */
export interface SourceContext extends GeneratorContext {
  /** Who will carry it out. */
  readonly process: Process;
  /**
   * How many operations this source has dispatched before: 0, 1, 2 … Makes unique values without a
   * counter.
   */
  readonly index: number;
}

/**
 * An invocation, or a function that makes one. The function must be pure (draw from
 * `context.random`, count with
 * `context.index`): it is also called for steps that are then not carried out.
 */
export type Source = Invocation | ((context: SourceContext) => Invocation);

/** One operation, once. */
export function once(source: Source): Generator {
  return make(source, { index: 0, count: 1 });
}

/** The same operation, or what the function makes, for ever. */
export function repeat(source: Source): Generator {
  return make(source, { index: 0, count: Infinity });
}

/** What `recall` is made from. */
export interface RecallOptions<State> {
  readonly initial: State;
  /** What is remembered after an event; must not change the state that it is given. */
  readonly observe: (state: State, event: HistoryEvent) => State;
  readonly source: (state: State, context: SourceContext) => Invocation;
}

/**
 * Operations for ever that depend on what happened so far: a compare-and-set of a value that was
 * read. It is told of the events that reach it (see `perKey`, `onWorkers`), also of those that are
 * not its own.
 */
export function recall<State>(options: RecallOptions<State>): Generator {
  return recalling(options, { index: 0, memory: options.initial });
}

function recalling<State>(
  options: RecallOptions<State>,
  state: { readonly index: number; readonly memory: State },
): Generator {
  const { index, memory } = state;
  const current = make((context) => options.source(memory, context), { index, count: Infinity });
  const self: Generator = {
    step: (context) => {
      const step = current.step(context);
      if (step.kind === "done") return DONE;
      if (step.kind === "pending") return { ...step, next: self };
      return { ...step, next: recalling(options, { index: index + 1, memory }) };
    },
    update: (event) => {
      const next = options.observe(memory, event);
      return next === memory ? self : recalling(options, { index, memory: next });
    },
  };
  return self;
}

/** An operation of a timetable. */
export interface TimetableEntry {
  /** Nanoseconds after the timetable's start. */
  readonly atNs: number;
  readonly invocation: Invocation;
}

/**
 * Each operation at its time, in the order given; late when no worker is free. For schedules that
 * are written down, such as the recorded faults of a run that is driven again. It starts when it is
 * first asked, unless `startNs` says when.
 */
export function timetable(entries: readonly TimetableEntry[], startNs?: number): Generator {
  return onTime(entries, { index: 0, startNs });
}

function onTime(
  entries: readonly TimetableEntry[],
  state: { readonly index: number; readonly startNs: number | undefined },
): Generator {
  const self: Generator = {
    step: (context) => {
      const { index } = state;
      const entry = entries[index];
      if (entry === undefined) return DONE;
      const startNs = state.startNs ?? context.timeNs;
      const dueNs = startNs + entry.atNs;
      const waiting = startNs === state.startNs ? self : onTime(entries, { index, startNs });
      if (dueNs > context.timeNs) return pending(waiting, dueNs);
      if (context.free.length === 0) return pending(waiting);
      const process = context.random.pick(context.free);
      return dispatched(
        { ...entry.invocation, process, timeNs: context.timeNs },
        onTime(entries, { index: index + 1, startNs }),
      );
    },
    update: () => self,
  };
  return self;
}

function make(
  source: Source,
  state: { readonly index: number; readonly count: number },
): Generator {
  const { index, count } = state;
  const self: Generator = {
    step: (context) => {
      if (index >= count) return DONE;
      if (context.free.length === 0) return pending(self);
      const process = context.random.pick(context.free);
      const { timeNs, free, processes, random } = context;
      const { f, key, value } =
        typeof source === "function"
          ? source({ timeNs, free, processes, random, process, index })
          : source;
      const dispatch =
        key === undefined ? { f, value, process, timeNs } : { f, key, value, process, timeNs };
      return dispatched(dispatch, make(source, { index: index + 1, count }));
    },
    update: () => self,
  };
  return self;
}
