/**
 * Virtual time: runs one event after the other, and lets time jump from each to the next.
 *
 * Between two events all promise work must have drained, or the order of things would depend on how
 * many `await`s a path has. `setImmediate` is the one signal for that, and it is also when Node
 * reports the rejections that nobody handled, which therefore belong to the event that has just
 * run.
 */
import { HarnessError } from "../errors.js";
import { createEventQueue, type SimulatedEvent } from "./event-queue.js";
import { watchRejections } from "./rejections.js";
import { createScope, type Scope } from "./scope.js";

/** Schedules and runs events. */
export interface Scheduler {
  /** The scope of the harness itself: what throws there ends the run. */
  readonly harness: Scope;
  nowNs(): number;
  /** Schedules an action of a scope for `delayNs` (0 or more) from now. */
  after(delayNs: number, scope: Scope, action: () => void): SimulatedEvent;
  cancel(event: SimulatedEvent): void;
  /** Runs an action of a scope as part of the current event, or later when the scope is paused. */
  enter(scope: Scope, action: () => void): void;
  pause(scope: Scope): void;
  resume(scope: Scope): void;
  kill(scope: Scope): void;
  /** Waits for something real (an import); virtual time stands still meanwhile. */
  external<T>(work: () => Promise<T>): Promise<T>;
  run<T>(main: () => Promise<T>): Promise<T>;
  close(): void;
}

/** What a scheduler needs to know. */
export interface SchedulerOptions {
  readonly maxVirtualMs: number;
  /** Says what everyone is waiting for, for the message of a deadlock. */
  readonly describe: () => string;
}

/** Makes a scheduler at time 0. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const queue = createEventQueue();
  const maxNs = options.maxVirtualMs * 1e6;
  let nowNs = 0;
  let sequence = 0;
  let externals = 0;
  let closed = false;
  /** Rejects the run that is under way. */
  let abort: ((error: unknown) => void) | undefined;
  /** Continues the loop after external work. */
  let wake: (() => void) | undefined;

  const harness = createScope("harness", (error) => abort?.(error));
  let current: Scope = harness;

  const after = (delayNs: number, scope: Scope, action: () => void): SimulatedEvent => {
    const gone = closed || scope.state === "dead";
    const event: SimulatedEvent = {
      timeNs: nowNs + delayNs,
      sequence: sequence++,
      scope,
      action: gone ? undefined : action,
      queued: false,
    };
    if (!gone) queue.push(event);
    return event;
  };

  /** Runs an event, or lets it wait for a paused scope. */
  const happen = (event: SimulatedEvent): void => {
    const { scope, action } = event;
    if (scope.state === "paused") {
      scope.held.push(event);
      return;
    }
    event.action = undefined;
    if (action === undefined || scope.state === "dead") return;
    current = scope;
    try {
      action();
    } catch (error) {
      scope.onError(error);
    }
  };

  const enter = (scope: Scope, action: () => void): void => {
    happen({ timeNs: nowNs, sequence: sequence++, scope, action, queued: false });
  };

  const run = <T>(main: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closed) {
        reject(
          new HarnessError("harness-failure", "this simulated world is closed; make a new one"),
        );
        return;
      }
      if (abort !== undefined) {
        reject(new HarnessError("harness-failure", "a simulated world runs one main at a time"));
        return;
      }
      let settled = false;
      const rejections = watchRejections((error) => current.onError(error));
      const settle = (finish: () => void): void => {
        if (settled) return;
        settled = true;
        abort = undefined;
        wake = undefined;
        rejections.stop();
        finish();
      };
      abort = (error) => settle(() => reject(error));

      const step = (): void => {
        wake = undefined;
        if (settled) return;
        if (externals > 0) {
          wake = () => setImmediate(step);
          return;
        }
        const event = queue.pop();
        if (event === undefined) {
          abort?.(deadlock(options.describe()));
          return;
        }
        if (event.timeNs > maxNs) {
          abort?.(tooLong(options));
          return;
        }
        nowNs = event.timeNs;
        rejections.mark();
        happen(event);
        setImmediate(step);
      };

      current = harness;
      rejections.mark();
      Promise.resolve()
        .then(main)
        .then(
          (value) => settle(() => resolve(value)),
          (error: unknown) => abort?.(error),
        );
      setImmediate(step);
    });

  return {
    harness,
    nowNs: () => nowNs,
    after,
    cancel: (event) => queue.cancel(event),
    enter,
    pause: (scope) => {
      if (scope.state === "live") scope.state = "paused";
    },
    resume: (scope) => {
      if (scope.state !== "paused") return;
      scope.state = "live";
      const { held } = scope;
      scope.held = [];
      for (const event of held) {
        event.timeNs = nowNs;
        event.sequence = sequence++;
        queue.push(event);
      }
    },
    kill: (scope) => {
      scope.state = "dead";
      for (const event of scope.held.splice(0)) event.action = undefined;
      queue.discard(scope);
    },
    external: async (work) => {
      externals++;
      try {
        return await work();
      } finally {
        externals--;
        if (externals === 0) wake?.();
      }
    },
    run,
    close: () => {
      closed = true;
      queue.clear();
      abort?.(new HarnessError("harness-failure", "the simulated world was closed during a run"));
    },
  };
}

function deadlock(waiting: string): HarnessError {
  return new HarnessError(
    "harness-failure",
    "deadlock: the run waits for something that can never happen, because no timer, message or disk " +
      `operation is left (${waiting})`,
  );
}

function tooLong({ maxVirtualMs, describe }: SchedulerOptions): HarnessError {
  return new HarnessError(
    "harness-failure",
    `the run has not ended after ${maxVirtualMs} ms of virtual time (${describe()}); ` +
      "it hangs, or needs a larger maxVirtualMs",
  );
}
