/**
 * The port of generators: pure, immutable descriptions of which operation comes next, for whom and
 * when.
 *
 * The interpreter asks a generator for its next step and holds on to the generator that comes back
 * with it; nothing happens until the step's time has come. Because asking changes nothing (but the
 * random stream of the context), generators combine freely, and are tested without a world by
 * `simulator.ts`. The idea is Jepsen's (`jepsen.generator`, 0.2 and later).
 */
import type { HistoryEvent, Process } from "../history/operation.js";
import type { Value } from "../history/value.js";
import type { Random } from "../random.js";

/** What to do: a history event in the making. */
export interface Invocation {
  readonly f: string;
  readonly key?: Value;
  readonly value: Value;
}

/** An invocation for a process at a time. */
export interface Dispatch extends Invocation {
  readonly process: Process;
  /** Not before this time; the past means at once. */
  readonly timeNs: number;
}

/** What a generator sees when it is asked. */
export interface GeneratorContext {
  readonly timeNs: number;
  /**
   * The workers that this generator may use and that are idle now, as their current processes.
   * A worker whose operation was indeterminate goes on as a new process (`process + concurrency`).
   */
  readonly free: readonly Process[];
  /** All workers that this generator may use, as their current processes. */
  readonly processes: readonly Process[];
  readonly random: Random;
}

/** The answer of a generator. */
export type Step =
  /** Do this; then go on with `next`. */
  | { readonly kind: "dispatch"; readonly dispatch: Dispatch; readonly next: Generator }
  /** Nothing now: ask again when a worker becomes free, or at `wakeNs`. */
  | { readonly kind: "pending"; readonly wakeNs?: number; readonly next: Generator }
  /** Nothing ever again. */
  | { readonly kind: "done" };

/** An immutable source of operations. */
export interface Generator {
  step(context: GeneratorContext): Step;
  /**
   * Tells of an event that happened (an invocation or a completion), and gives the generator to go
   * on with.
   */
  update(event: HistoryEvent): Generator;
}
