/**
 * One generator after another. Events reach only the generator whose turn it is.
 */
import { DONE, ask, pending } from "./ask.js";
import type { Generator, GeneratorContext, Step } from "./generator.js";

/**
 * Each in turn; the next begins as soon as the last is done, while its operations may still be
 * under way.
 */
export function sequence(...generators: readonly Generator[]): Generator {
  return from(generators, 0, generators[0]);
}

/** `head` is the generator at `position`, as far as it has got. */
function from(
  generators: readonly Generator[],
  position: number,
  head: Generator | undefined,
): Generator {
  const self: Generator = {
    step: (context) => {
      let current = head;
      for (let at = position; current !== undefined; current = generators[++at]) {
        const step = ask(current, context);
        if (step.kind === "done") continue;
        const same = at === position && step.next === head;
        return { ...step, next: same ? self : from(generators, at, step.next) };
      }
      return DONE;
    },
    update: (event) => {
      const next = head?.update(event);
      return next === head ? self : from(generators, position, next);
    },
  };
  return self;
}

/**
 * Each in turn, with a barrier between: a phase begins when the last is done and all workers that
 * this generator may use are idle. A worker whose operation was indeterminate counts as idle,
 * though the operation may still take effect.
 */
export function phases(...generators: readonly Generator[]): Generator {
  return sequence(
    ...generators.map((generator, index) => (index === 0 ? generator : whenIdle(generator))),
  );
}

/**
 * The generator over and over, each time as it was at first; done only if it is done before it does
 * anything.
 */
export function cycle(generator: Generator): Generator {
  return turn(generator, generator);
}

function turn(fresh: Generator, current: Generator): Generator {
  const on = (step: Step): Step => {
    if (step.kind === "done") return DONE;
    return { ...step, next: step.next === current ? self : turn(fresh, step.next) };
  };
  const self: Generator = {
    step: (context: GeneratorContext) => {
      const step = ask(current, context);
      return on(step.kind === "done" && current !== fresh ? ask(fresh, context) : step);
    },
    update: (event) => {
      const next = current.update(event);
      return next === current ? self : turn(fresh, next);
    },
  };
  return self;
}

function whenIdle(generator: Generator): Generator {
  const self: Generator = {
    step: (context) => {
      if (context.free.length < context.processes.length) return pending(self);
      return ask(generator, context);
    },
    update: () => self,
  };
  return self;
}
