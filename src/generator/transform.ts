/**
 * Generators that change or drop the operations of another. What it is told of are the events as
 * they happened, after the change.
 */
import { HarnessError } from "../errors.js";
import { ask, dispatched } from "./ask.js";
import type { Dispatch, Generator, GeneratorContext, Invocation } from "./generator.js";

/** Changes what is done; who does it, and when, stays. The function must be pure. */
export function map(
  change: (dispatch: Dispatch, context: GeneratorContext) => Invocation,
  generator: Generator,
): Generator {
  const self: Generator = {
    step: (context) => {
      const step = ask(generator, context);
      if (step.kind === "done") return step;
      const next = step.next === generator ? self : map(change, step.next);
      if (step.kind === "pending") return { ...step, next };
      const { process, timeNs } = step.dispatch;
      const { f, key, value } = change(step.dispatch, context);
      const invocation: Invocation = key === undefined ? { f, value } : { f, key, value };
      return dispatched({ ...invocation, process, timeNs }, next);
    },
    update: (event) => {
      const next = generator.update(event);
      return next === generator ? self : map(change, next);
    },
  };
  return self;
}

/** So many operations in a row may be dropped. */
const DROP_LIMIT = 10_000;

/**
 * Drops the operations that the predicate does not accept, and goes on to the next at once.
 * @throws HarnessError `bad-argument` when it would drop more than 10,000 in a row.
 */
export function filter(
  predicate: (dispatch: Dispatch) => boolean,
  generator: Generator,
): Generator {
  const self: Generator = {
    step: (context) => {
      let rest = generator;
      for (let dropped = 0; dropped <= DROP_LIMIT; dropped++) {
        const step = ask(rest, context);
        if (step.kind === "done") return step;
        if (step.kind === "pending" || predicate(step.dispatch)) {
          return { ...step, next: step.next === generator ? self : filter(predicate, step.next) };
        }
        rest = step.next;
      }
      const message = `filter dropped ${DROP_LIMIT} operations in a row; its predicate accepts none of them`;
      throw new HarnessError("bad-argument", message);
    },
    update: (event) => {
      const next = generator.update(event);
      return next === generator ? self : filter(predicate, next);
    },
  };
  return self;
}
