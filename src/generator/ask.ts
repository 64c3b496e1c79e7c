/**
 * How a generator is asked, by combinators and by whoever drives one (the runner's interpreter, the
 * simulator).
 *
 * The rules that everything in this folder keeps:
 *
 * 1. **Asking changes nothing** but the random stream. The same generator, context and stream give
 *    an equal step.
 * 2. **Who asks keeps `next`.** A pending step's `next` holds what was decided while waiting (a
 *    drawn delay, the start of a time limit); a dispatch's `next` is taken only when the dispatch
 *    is carried out.
 * 3. **Waiting is pending.** A dispatch that lies in the future is treated as `pending` until its
 *    time, and the generator is then asked again, for by then another worker may be free or another
 *    operation due.
 * 4. **A wake time lies ahead**: `wakeNs` is later than the context's time. Without one, the
 *    generator waits for an event; it may do so only while one of its workers is busy.
 * 5. **With no free worker nothing is dispatched**, but time still counts and `done` is still
 *    found.
 * 6. **Done stays done**, whatever time passes and whatever happens.
 */
import { HarnessError } from "../errors.js";
import type { Process } from "../history/operation.js";
import type { Dispatch, Generator, GeneratorContext, Step } from "./generator.js";

/**
 * Asks for the next step; a dispatch in the future comes back as pending until its time (rule 3).
 */
export function ask(generator: Generator, context: GeneratorContext): Step {
  const step = generator.step(context);
  return step.kind === "dispatch" && step.dispatch.timeNs > context.timeNs
    ? pending(generator, step.dispatch.timeNs)
    : step;
}

/**
 * Asks as the driver of a generator does: like `ask`, and refuses steps that break the rules, which
 * would otherwise hang a run or break its history.
 * @throws HarnessError `harness-failure` when the step goes to a worker that is not free, or waits
 *   for nothing.
 */
export function decide(generator: Generator, context: GeneratorContext): Step {
  const step = ask(generator, context);
  if (step.kind === "dispatch" && !context.free.includes(step.dispatch.process)) {
    throw broken(
      `dispatches ${step.dispatch.f} to process ${step.dispatch.process}, which is not free`,
    );
  }
  if (step.kind === "pending") {
    if (step.wakeNs === undefined) {
      if (context.free.length === context.processes.length) {
        throw broken("waits for an event while every worker is idle, so that none can come");
      }
    } else if (!(step.wakeNs > context.timeNs)) {
      throw broken(`asks to be woken at ${step.wakeNs} ns, but it is ${context.timeNs} ns already`);
    }
  }
  return step;
}

/** Do this now, then go on with `next`. */
export function dispatched(dispatch: Dispatch, next: Generator): Step {
  return { kind: "dispatch", dispatch, next };
}

/** Nothing before `wakeNs`, or before something happens. */
export function pending(next: Generator, wakeNs?: number): Step {
  return wakeNs === undefined ? { kind: "pending", next } : { kind: "pending", wakeNs, next };
}

/** Nothing ever again. */
export const DONE: Step = { kind: "done" };

/** The same question, as if only these workers of the same ones were free. */
export function withFree(
  { timeNs, processes, random }: GeneratorContext,
  free: readonly Process[],
): GeneratorContext {
  return { timeNs, free, processes, random };
}

/** The earlier of two wake times, of which either may be absent. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

/**
 * Checks a duration that a combinator was given, and gives it in nanoseconds.
 * @throws HarnessError `bad-argument` unless it is a finite number from 0 up.
 */
export function nanoseconds(what: string, durationMs: number): number {
  if (!Number.isFinite(durationMs) || durationMs < 0) {
    throw new HarnessError(
      "bad-argument",
      `${what} takes milliseconds from 0 up, not ${durationMs}`,
    );
  }
  return Math.round(durationMs * 1e6);
}

function broken(what: string): HarnessError {
  return new HarnessError(
    "harness-failure",
    `the generator ${what}; see the rules in generator/ask.ts`,
  );
}
