/**
 * What is left of a generator that is driven inside of others: who drives the whole does not see
 * it, but a run that asks on after its main phase goes on with it, so that nothing is said twice.
 */
import type { Generator } from "../generator/generator.js";

/** Where a generator stands that is driven inside of others. */
export interface Standing {
  rest: Generator;
}

/** The same generator, which leaves in `standing` what is left of it. */
export function followed(generator: Generator, standing: Standing): Generator {
  const self: Generator = {
    step: (context) => {
      standing.rest = generator;
      const step = generator.step(context);
      if (step.kind === "done") return step;
      // What is dispatched is told of at once, if it is carried out at all, and then that counts.
      return { ...step, next: step.next === generator ? self : followed(step.next, standing) };
    },
    update: (event) => {
      const next = generator.update(event);
      standing.rest = next;
      return next === generator ? self : followed(next, standing);
    },
  };
  return self;
}
