/**
 * Where a generator ends: after a number of operations, after a time, or at a success.
 */
import { HarnessError } from "../errors.js";
import type { Process } from "../history/operation.js";
import { DONE, ask, dispatched, earlier, nanoseconds, pending } from "./ask.js";
import type { Generator } from "./generator.js";

/**
 * At most `count` operations.
 * @throws HarnessError `bad-argument` unless `count` is an integer from 0 up.
 */
export function limit(count: number, generator: Generator): Generator {
  if (!Number.isInteger(count) || count < 0) {
    throw new HarnessError("bad-argument", `limit takes a number of operations, not ${count}`);
  }
  const self: Generator = {
    step: (context) => {
      if (count === 0) return DONE;
      const step = ask(generator, context);
      if (step.kind === "dispatch") return dispatched(step.dispatch, limit(count - 1, step.next));
      if (step.kind === "done") return step;
      return { ...step, next: step.next === generator ? self : limit(count, step.next) };
    },
    update: (event) => {
      const next = generator.update(event);
      return next === generator ? self : limit(count, next);
    },
  };
  return self;
}

/**
 * Operations that begin less than `limitMs` milliseconds after the generator was first asked. What
 * is then under way goes on; a generator that waits is ended at the limit.
 */
export function timeLimit(limitMs: number, generator: Generator): Generator {
  return before(nanoseconds("timeLimit", limitMs), undefined, generator);
}

function before(limitNs: number, deadlineNs: number | undefined, generator: Generator): Generator {
  const self: Generator = {
    step: (context) => {
      const deadline = deadlineNs ?? context.timeNs + limitNs;
      if (context.timeNs >= deadline) return DONE;
      const step = ask(generator, context);
      if (step.kind === "done") return DONE;
      const same = step.next === generator && deadline === deadlineNs;
      const next = same ? self : before(limitNs, deadline, step.next);
      return step.kind === "dispatch"
        ? dispatched(step.dispatch, next)
        : pending(next, earlier(step.wakeNs, deadline));
    },
    update: (event) => {
      const next = generator.update(event);
      return next === generator ? self : before(limitNs, deadlineNs, next);
    },
  };
  return self;
}

/**
 * Until one of its own operations ends `ok`. (Operations of the nemesis never do; they end as
 * `info`.)
 */
export function untilOk(generator: Generator): Generator {
  return trying(generator, new Set());
}

/** `open` holds the processes that carry out operations of this generator. */
function trying(generator: Generator, open: ReadonlySet<Process>): Generator {
  const self: Generator = {
    step: (context) => {
      const step = ask(generator, context);
      if (step.kind === "dispatch") {
        const { dispatch } = step;
        return dispatched(dispatch, trying(step.next, new Set(open).add(dispatch.process)));
      }
      if (step.kind === "done") return step;
      return { ...step, next: step.next === generator ? self : trying(step.next, open) };
    },
    update: (event) => {
      const own = event.type !== "invoke" && open.has(event.process);
      if (own && event.type === "ok") return over;
      const next = generator.update(event);
      // The nemesis is told of with two `info` events, of which the second ends it; forgetting it
      // at the first is harmless, for it never ends `ok`.
      if (own) {
        const rest = new Set(open);
        rest.delete(event.process);
        return trying(next, rest);
      }
      return next === generator ? self : trying(next, open);
    },
  };
  return self;
}

const over: Generator = { step: () => DONE, update: () => over };
