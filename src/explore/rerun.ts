/** A case whose order of events was chosen: carries it out in that order again. */
import type { Generator, Invocation } from "../generator/generator.js";
import type { MessageTripLike } from "../runner/recorded-message.js";
import type { RunOptions } from "../runner/run.js";
import type { System } from "../runner/system.js";
import type { ChosenOrder, FailingCase } from "../shrink/failing-case.js";
import type { EventQueue } from "../simulation/event-queue.js";
import { DEFAULT_BOUNDS, type ExploreBounds } from "./bounds.js";
import { ChosenQueue } from "./chosen-queue.js";
import { drive } from "./drive.js";
import { Moments } from "./moments.js";
import { recordedChooser } from "./recorded.js";

/** What a run is given, to happen in a chosen order. */
export interface OrderedRun {
  /** For its world. */
  readonly queue: EventQueue;
  readonly options: (system: System) => Pick<RunOptions, "main" | "script">;
  /** For its world: messages are handed on with the times at which they are shown. */
  readonly onMessage: (trip: MessageTripLike) => void;
}

/** Prepares one run of the case; `take` is told of messages, also of those lost by choice. */
export function orderOf(
  failing: FailingCase,
  take: (trip: MessageTripLike) => void = () => undefined,
): OrderedRun {
  const { order } = failing;
  const bounds = boundsOf(order);
  let fail: (error: unknown) => void = () => undefined;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve, reject) => {
    stop = resolve;
    fail = reject;
  });
  stopped.catch(() => undefined);
  const moments = new Moments(() => queue.steps);
  const queue: ChosenQueue = new ChosenQueue({
    chooser: moments.watching(recordedChooser(order?.choices ?? [])),
    bounds,
    waitMs: failing.test.operationTimeoutMs,
    onCut: () => stop(),
    onError: (error) => fail(error),
    onLost: ({ from, to, message, sentNs }, endNs) =>
      take(moments.lost({ from, to, message, sentNs, endNs })),
  });
  const operations = operationsOf(failing);
  return {
    queue,
    onMessage: (trip) => take(moments.trip(trip)),
    options: (system) => ({
      main: async (parts) =>
        drive(parts, {
          operations,
          queue,
          warmUpMs: bounds.warmUpMs,
          shared: system.open !== undefined,
          stopped,
          shownNs: (clockNs) => moments.nowNs(clockNs),
        }),
      // Nothing is read at the end, unless it was when the order was found.
      ...(bounds.final ? {} : { script: { main: NOTHING } }),
    }),
  };
}

/** No operations: they are driven. */
const NOTHING: Generator = { step: () => ({ kind: "done" }), update: () => NOTHING };

/** The case of an execution. */
export function caseOf(found: {
  readonly test: FailingCase["test"];
  readonly operations: readonly (readonly Invocation[])[];
  readonly bounds: ExploreBounds;
  readonly choices: readonly string[];
}): FailingCase {
  const { test, operations, bounds, choices } = found;
  // What bounded the search does not change what is chosen.
  const { delays: _, ...kept } = bounds;
  return {
    test,
    script: {
      operations: operations.flatMap((own, worker) =>
        own.map((operation) => ({ worker, atNs: 0, ...operation })),
      ),
      faults: [],
      untilNs: 0,
      final: [],
    },
    world: {},
    order: { bounds: kept, choices },
  };
}

/** The operations of each worker of a case. */
export function operationsOf({ test, script }: FailingCase): readonly (readonly Invocation[])[] {
  return Array.from({ length: test.concurrency }, (_, worker) =>
    script.operations
      .filter((operation) => operation.worker === worker)
      .map(({ f, key, value }): Invocation =>
        key === undefined ? { f, value } : { f, key, value },
      ),
  );
}

/** What might go wrong in a case. */
export function boundsOf(order: ChosenOrder | undefined): ExploreBounds {
  return { ...DEFAULT_BOUNDS, ...order?.bounds };
}
