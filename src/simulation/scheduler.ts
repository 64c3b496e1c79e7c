/**
 * Virtual time: runs one event after the other, and lets time jump from each to the next.
 *
 * Between two events all promise work must have drained, or the order of things would depend on how
 * many `await`s a path has. `setImmediate` is the one signal for that, and it is also when Node
 * reports the rejections that nobody handled, which therefore belong to the event that has just
 * run. Both hold between any two immediates, also of those that were set at once; setting many at
 * once spares the turn of Node's event loop, with its look at all sockets, that each event would
 * else cost.
 */
import { HarnessError } from "../errors.js";
import type { Address, Message } from "../world/network.js";
import {
  createEvent,
  createEventQueue,
  type Action,
  type EventQueue,
  type Letter,
  type SimulatedEvent,
} from "./event-queue.js";
import { watchRejections, type RejectionWatch } from "./rejections.js";
import { createScope, type Scope } from "./scope.js";

/** Takes a message. */
export type Receiver = (from: Address, message: Message) => void;

/** Schedules and runs events. */
export interface Scheduler {
  /** The scope of the harness itself: what throws there ends the run. */
  readonly harness: Scope;
  nowNs(): number;
  /** Schedules an action of a scope for `delayNs` (0 or more) from now. */
  after(delayNs: number, scope: Scope, action: Action): SimulatedEvent;
  cancel(event: SimulatedEvent): void;
  /** What is going to happen, in no order; undefined where nobody can look. */
  events(): Iterable<SimulatedEvent> | undefined;
  /** Runs an action of a scope as part of the current event, or later when the scope is paused. */
  enter(scope: Scope, action: () => void): void;
  /** The same for a message, for as long as the scope is not paused. */
  receive(scope: Scope, receiver: Receiver, letter: Letter): void;
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
  /** Says which event is next, and when that is. Default: by time. */
  readonly queue?: EventQueue | undefined;
}

/** Makes a scheduler at time 0. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  return new VirtualTime(options);
}

/** A run under way. */
interface Run {
  readonly rejections: RejectionWatch;
  readonly reject: (error: unknown) => void;
  /** Runs the next event; made once, for it is called once an event. */
  readonly step: () => void;
  /** How many calls of `step` are set. */
  ahead: number;
}

/** So many events are run in one turn of Node's event loop. */
const EVENTS_A_TURN = 256;

class VirtualTime implements Scheduler {
  readonly harness: Scope = createScope("harness", (error) => this.#abort(error));
  readonly #options: SchedulerOptions;
  readonly #maxNs: number;
  readonly #queue: EventQueue;
  #nowNs = 0;
  #sequence = 0;
  #externals = 0;
  #closed = false;
  #run: Run | undefined;
  /** Continues the loop after external work. */
  #wake: (() => void) | undefined;
  /** Whom the current event happens to. */
  #current: Scope = this.harness;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#queue = options.queue ?? createEventQueue();
    this.#maxNs = options.maxVirtualMs * 1e6;
  }

  nowNs(): number {
    return this.#nowNs;
  }

  after(delayNs: number, scope: Scope, action: Action): SimulatedEvent {
    const gone = this.#closed || scope.state === "dead";
    const event = createEvent({
      timeNs: this.#nowNs + delayNs,
      sequence: this.#sequence++,
      scope,
      action: gone ? undefined : action,
    });
    if (!gone) this.#queue.push(event);
    return event;
  }

  cancel(event: SimulatedEvent): void {
    this.#queue.cancel(event);
  }

  events(): Iterable<SimulatedEvent> | undefined {
    return this.#queue.events?.();
  }

  enter(scope: Scope, action: () => void): void {
    if (scope.state !== "paused") {
      this.#act(scope, action);
      return;
    }
    scope.held.push(
      createEvent({ timeNs: this.#nowNs, sequence: this.#sequence++, scope, action }),
    );
  }

  /** Runs an event, or lets it wait for a paused scope. */
  #happen(event: SimulatedEvent): void {
    const { scope, action, about } = event;
    if (scope.state === "paused") {
      scope.held.push(event);
      return;
    }
    event.action = undefined;
    if (action !== undefined) this.#act(scope, action, about);
  }

  receive(scope: Scope, receiver: Receiver, { from, message }: Letter): void {
    if (scope.state === "dead") return;
    this.#current = scope;
    try {
      receiver(from, message);
    } catch (error) {
      scope.onError(error);
    }
  }

  #act(scope: Scope, action: Action, about?: Letter | "disk"): void {
    if (scope.state === "dead") return;
    this.#current = scope;
    try {
      // Callbacks of timers are others' functions, and may take what they are told for theirs.
      if (about === undefined) action();
      else action(about);
    } catch (error) {
      scope.onError(error);
    }
  }

  pause(scope: Scope): void {
    if (scope.state === "live") scope.state = "paused";
  }

  resume(scope: Scope): void {
    if (scope.state !== "paused") return;
    scope.state = "live";
    const { held } = scope;
    scope.held = [];
    for (const event of held) {
      event.timeNs = this.#nowNs;
      event.sequence = this.#sequence++;
      this.#queue.push(event);
    }
  }

  kill(scope: Scope): void {
    scope.state = "dead";
    for (const event of scope.held.splice(0)) event.action = undefined;
    this.#queue.discard(scope);
  }

  async external<T>(work: () => Promise<T>): Promise<T> {
    this.#externals++;
    try {
      return await work();
    } finally {
      this.#externals--;
      if (this.#externals === 0) this.#wake?.();
    }
  }

  run<T>(main: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) {
        reject(
          new HarnessError("harness-failure", "this simulated world is closed; make a new one"),
        );
        return;
      }
      if (this.#run !== undefined) {
        reject(new HarnessError("harness-failure", "a simulated world runs one main at a time"));
        return;
      }
      const run: Run = {
        rejections: watchRejections((error) => this.#current.onError(error)),
        reject,
        step: () => this.#step(run),
        ahead: 0,
      };
      this.#run = run;
      this.#current = this.harness;
      run.rejections.mark();
      Promise.resolve()
        .then(main)
        .then(
          (value) => this.#settle(run, () => resolve(value)),
          (error: unknown) => this.#abort(error),
        );
      goOn(run);
    });
  }

  #step(run: Run): void {
    run.ahead--;
    this.#wake = undefined;
    if (this.#run !== run) return;
    if (this.#externals > 0) {
      this.#wake = () => goOn(run);
      return;
    }
    const event = this.#queue.pop();
    if (event === undefined) {
      this.#abort(deadlock(this.#options.describe()));
      return;
    }
    if (event.timeNs > this.#maxNs) {
      this.#abort(tooLong(this.#options));
      return;
    }
    this.#nowNs = event.timeNs;
    run.rejections.mark();
    this.#happen(event);
    goOn(run);
  }

  /** Rejects the run that is under way. */
  #abort(error: unknown): void {
    const run = this.#run;
    if (run !== undefined) this.#settle(run, () => run.reject(error));
  }

  #settle(run: Run, finish: () => void): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#wake = undefined;
    run.rejections.stop();
    finish();
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
    if (this.#run === undefined) return;
    this.#abort(new HarnessError("harness-failure", "the simulated world was closed during a run"));
  }
}

/** Sees to it that the next event is run. */
function goOn(run: Run): void {
  if (run.ahead > 0) return;
  run.ahead = EVENTS_A_TURN;
  for (let i = 0; i < EVENTS_A_TURN; i++) setImmediate(run.step);
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
