/**
 * When operations begin. A pace holds for all workers together that its generator may use, not for
 * each.
 *
 * While a pace waits, it asks its generator with no free worker, so that a generator that has come
 * to its end is found at once and clocks inside it (time limits, sleeps) run.
 */
import { HarnessError } from "../errors.js";
import type { Process } from "../history/operation.js";
import { DONE, ask, dispatched, nanoseconds, pending, withFree } from "./ask.js";
import { stands, type Standing } from "./standing.js";
import type { Generator, GeneratorContext } from "./generator.js";

/**
 * How far behind its schedule `stagger` may fall and still make up for it, in nanoseconds. It
 * covers timers that fire late; a system that keeps every worker waiting does not get a burst
 * afterwards.
 */
const CATCH_UP_NS = 10e6;

/**
 * Operations at random times, on average one in `meanMs` milliseconds, as long as a worker is free:
 * the waits are drawn from an exponential distribution, so that any two operations may come
 * arbitrarily close.
 */
export function stagger(meanMs: number, generator: Generator): Generator {
  const meanNs = nanoseconds("stagger", meanMs);
  const wait = (context: GeneratorContext): number =>
    Math.round(context.random.exponential(meanNs));
  return paced(generator, {
    dueNs: undefined,
    first: (context) => context.timeNs + wait(context),
    following: (dueNs, context) => Math.max(dueNs, context.timeNs - CATCH_UP_NS) + wait(context),
  });
}

/**
 * At least `delayMs` milliseconds from the beginning of one operation to that of the next; the
 * first at once.
 */
export function delay(delayMs: number, generator: Generator): Generator {
  const delayNs = nanoseconds("delay", delayMs);
  return paced(generator, {
    dueNs: undefined,
    first: (context) => context.timeNs,
    following: (_, context) => context.timeNs + delayNs,
  });
}

/**
 * A fixed beat of so many operations per second, the first at once. Operations that were late
 * because no worker was free are made up for, so that a slow system meets the whole load (an open
 * loop).
 * @throws HarnessError `bad-argument` unless `perSecond` is a finite number above 0.
 */
export function rate(perSecond: number, generator: Generator): Generator {
  if (!(Number.isFinite(perSecond) && perSecond > 0)) {
    throw new HarnessError("bad-argument", `rate takes operations per second, not ${perSecond}`);
  }
  return paced(generator, {
    dueNs: undefined,
    first: (context) => context.timeNs,
    following: (dueNs) => dueNs + 1e9 / perSecond,
  });
}

/**
 * Nothing for `durationMs` milliseconds after it is first asked; then done. For sequences and
 * phases.
 */
export function sleep(durationMs: number): Generator {
  return sleeping(nanoseconds("sleep", durationMs), undefined);
}

const NOBODY: readonly Process[] = [];

interface Pace {
  /** When the next operation is due; undefined before the first question. */
  readonly dueNs: number | undefined;
  readonly first: (context: GeneratorContext) => number;
  /** When the operation after the one that was due then, and is dispatched now, is due. */
  readonly following: (dueNs: number, context: GeneratorContext) => number;
}

function paced(generator: Generator, pace: Pace): Generator {
  let standing: Standing | undefined;
  const self: Generator = {
    step: (context) => {
      if (standing !== undefined && stands(standing, context, undefined)) return standing.step;
      const dueNs = pace.dueNs ?? pace.first(context);
      const early = dueNs > context.timeNs;
      // What draws is asked each time: the stream would else be elsewhere.
      const drawn = context.random.drawn();
      const step = ask(generator, early ? withFree(context, NOBODY) : context);
      if (step.kind === "done") return DONE;
      if (step.kind === "dispatch") {
        const following = onward(pace, pace.following(dueNs, context));
        return dispatched(step.dispatch, paced(step.next, following));
      }
      const same = step.next === generator && dueNs === pace.dueNs;
      const next = same ? self : paced(step.next, onward(pace, dueNs));
      if (!early) return pending(next, step.wakeNs);
      const wakeNs = Math.min(dueNs, step.wakeNs ?? Infinity);
      const answer = pending(next, wakeNs);
      if (same && context.random.drawn() === drawn) {
        const { timeNs, processes } = context;
        standing = { step: answer, processes, free: undefined, fromNs: timeNs, untilNs: wakeNs };
      }
      return answer;
    },
    update: (event) => {
      const next = generator.update(event);
      return next === generator ? self : paced(next, pace);
    },
  };
  return self;
}

function onward({ first, following }: Pace, dueNs: number): Pace {
  return { dueNs, first, following };
}

function sleeping(durationNs: number, wakeNs: number | undefined): Generator {
  const self: Generator = {
    step: (context) => {
      const until = wakeNs ?? context.timeNs + durationNs;
      if (context.timeNs >= until) return DONE;
      return pending(until === wakeNs ? self : sleeping(durationNs, until), until);
    },
    update: () => self,
  };
  return self;
}
