/**
 * The interpreter: asks a generator what comes next, hands each operation to a worker or to the
 * nemesis, and records what everyone saw. It is the same in both worlds; all that it knows of time
 * is the clock it is given.
 *
 * One step at a time, by the rules of `generator/ask.ts`: ask; while there is nothing to do, wait
 * for the time that the generator names or for a completion, whichever comes first, and ask again;
 * when an operation is due, record the invocation *before* anything is sent and go on with the
 * generator that came with it. Jepsen's interpreter works the same way
 * (`jepsen.generator.interpreter`).
 */
import { assert, HarnessError, messageOf } from "../errors.js";
import { decide } from "../generator/ask.js";
import type { Dispatch, Generator, Invocation, Step } from "../generator/generator.js";
import type { NewEvent } from "../history/history.js";
import { newEvent } from "../history/new-event.js";
import type { HistoryEvent, Process } from "../history/operation.js";
import type { Value } from "../history/value.js";
import type { Random } from "../random.js";
import type { Clock, Timer } from "../world/clock.js";
import type { Completion } from "./client.js";
import type { Workers } from "./workers.js";

/** What an interpretation works with. */
export interface InterpreterOptions {
  readonly generator: Generator;
  readonly workers: Workers;
  /** Carries out what is dispatched to the nemesis; absent when there is none. */
  readonly nemesis?: (invocation: Invocation) => Promise<Value>;
  /** Appends to the history; gives the event with its index. */
  readonly record: (event: NewEvent) => HistoryEvent;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the interpretation early; operations that are under way stay without completion. */
  readonly signal: AbortSignal;
}

/**
 * Interprets until the generator is done and every operation has completed, or until the signal
 * aborts.
 * @throws what `record` throws (a full disk), for nothing goes on unrecorded; HarnessError
 *   `harness-failure` when the generator throws.
 */
export function interpret(options: InterpreterOptions): Promise<void> {
  return new Interpretation(options).run();
}

class Interpretation {
  readonly #options: InterpreterOptions;
  readonly #bell: Bell;
  readonly #busy = new Set<Process>();
  #generator: Generator;
  #clients: readonly Process[] = [];
  #everyone: readonly Process[] = [];
  /** What went wrong in the harness itself while an operation was carried out. */
  #failure: { readonly cause: unknown } | undefined;
  /** How the interpretation ends. */
  #finish: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    this.#generator = options.generator;
    this.#bell = createBell(options, this.#goOn);
  }

  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
      this.#goOn();
    });
  }

  /** Does what is due, up to where it has to wait. */
  readonly #goOn = (): void => {
    const { signal } = this.#options;
    this.#bell.hush();
    try {
      while (!signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure.cause;
        const step = this.#next();
        if (step.kind === "dispatch") {
          this.#generator = step.next;
          this.#perform(step.dispatch);
          continue;
        }
        if (step.kind === "pending") this.#generator = step.next;
        else if (this.#busy.size === 0) break;
        this.#bell.wait(step.kind === "pending" ? step.wakeNs : undefined);
        return;
      }
      this.#finish?.resolve();
    } catch (error) {
      this.#finish?.reject(error);
    }
  };

  /** Asks what comes next. */
  #next(): Step {
    const { clock, random } = this.#options;
    const processes = this.#processes();
    const free: Process[] = [];
    for (const process of processes) if (!this.#busy.has(process)) free.push(process);
    try {
      return decide(this.#generator, { timeNs: clock.nowNs(), free, processes, random });
    } catch (error) {
      throw blame(error);
    }
  }

  /** Who there is: the same array until it changes, so that generators need not look again. */
  #processes(): readonly Process[] {
    const { workers, nemesis } = this.#options;
    if (nemesis === undefined) return workers.processes;
    if (workers.processes !== this.#clients) {
      this.#clients = workers.processes;
      this.#everyone = ["nemesis", ...workers.processes];
    }
    return this.#everyone;
  }

  /** Starts an operation; nobody waits for it here. */
  #perform(dispatch: Dispatch): void {
    const { process } = dispatch;
    this.#busy.add(process);
    if (process === "nemesis") this.#performForNemesis(dispatch).catch(this.#fail);
    else this.#performForClient(dispatch as ClientDispatch);
  }

  readonly #fail = (cause: unknown): void => {
    this.#failure ??= { cause };
    this.#bell.ring();
  };

  /** With callbacks: most of what a run does is waiting for these. */
  #performForClient(dispatch: ClientDispatch): void {
    const { workers, clock } = this.#options;
    const { f, key, value, process } = dispatch;
    const about = { f, key, process };
    this.#take(newEvent(about, { type: "invoke", value, timeNs: clock.nowNs() }));
    const finish = (completion: Completion): void => {
      const timeNs = clock.nowNs();
      const { type } = completion;
      try {
        if (type === "ok") {
          this.#complete(newEvent(about, { type, value: completion.value, timeNs }));
          return;
        }
        this.#complete(newEvent(about, { type, value, timeNs }, completion.error));
      } catch (error) {
        this.#fail(error);
        return;
      }
      // After the event: generators know the worker by the process that it had.
      if (type === "info") workers.retire(process);
    };
    workers.perform(dispatch).then(finish, this.#fail);
  }

  async #performForNemesis(dispatch: Dispatch): Promise<void> {
    const { nemesis, clock } = this.#options;
    assert(nemesis !== undefined, `${dispatch.f} is for a nemesis that is not there`);
    const { f, key, value } = dispatch;
    const about = { f, key, process: "nemesis" } as const;
    this.#take(newEvent(about, { type: "info", value, timeNs: clock.nowNs() }));
    let effect: Value = value;
    let error: Value | undefined;
    try {
      effect = await nemesis(invocationOf(dispatch));
    } catch (thrown) {
      error = messageOf(thrown);
    }
    this.#complete(newEvent(about, { type: "info", value: effect, timeNs: clock.nowNs() }, error));
  }

  #complete(event: NewEvent): void {
    // After an abort the run goes on to healing and checking; late answers no longer belong to it.
    if (this.#options.signal.aborted) return;
    this.#busy.delete(event.process);
    this.#take(event);
    this.#bell.ring();
  }

  #take(event: NewEvent): void {
    const whole = this.#options.record(event);
    try {
      this.#generator = this.#generator.update(whole);
    } catch (error) {
      throw blame(error);
    }
  }
}

type ClientDispatch = Dispatch & { readonly process: number };

/** A workload may be the user's own, and what its generator throws is no bug of ours. */
function blame(error: unknown): HarnessError {
  if (error instanceof HarnessError) return error;
  return new HarnessError(
    "harness-failure",
    `the generator of the workload threw: ${messageOf(error)}; correct it (ORDEAL_DEBUG=1 shows where)`,
    { cause: error },
  );
}

function invocationOf({ f, key, value }: Dispatch): Invocation {
  return key === undefined ? { f, value } : { f, key, value };
}

interface Bell {
  ring(): void;
  /**
   * Calls once: soon after the next ring, at `wakeNs`, or soon after the abort; soon when it rings
   * already.
   */
  wait(wakeNs: number | undefined): void;
  /** It rings no longer: who has waited looks again at everything. */
  hush(): void;
}

const AT_ONCE = Promise.resolve();

function createBell(
  { clock, signal }: Pick<InterpreterOptions, "clock" | "signal">,
  action: () => void,
): Bell {
  let isAwaited = false;
  let timer: Timer | undefined;
  // Rings that nobody waits for are kept, else a completion between two waits would be slept
  // through.
  let rung = false;
  const soon = (): void => {
    isAwaited = false;
    timer?.cancel();
    // Who rings is not done yet.
    void AT_ONCE.then(action);
  };
  const onTime = (): void => {
    if (!isAwaited) return;
    isAwaited = false;
    action();
  };
  const ring = (): void => {
    rung = true;
    if (isAwaited) soon();
  };
  signal.addEventListener("abort", ring, { once: true });
  return {
    ring,
    wait: (wakeNs) => {
      timer = undefined;
      if (rung) {
        soon();
        return;
      }
      isAwaited = true;
      if (wakeNs === undefined) return;
      timer = clock.timer(Math.max(0, wakeNs - clock.nowNs()) / 1e6, onTime);
    },
    hush: () => {
      rung = false;
    },
  };
}
