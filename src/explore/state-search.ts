/**
 * The search through all states: an execution ends where it comes to a state that was reached
 * before, however that was, and what else could have happened at each new state becomes an errand
 * for another execution.
 *
 * Beside the states it keeps sleep sets (Godefroid, "Partial-Order Methods for the Verification of
 * Concurrent Systems", LNCS 1032, 1996, chapters 5 and 6): an event that happens from here anyway,
 * by another errand, need not happen after what is independent of it. Together both are sound only
 * with care, for the state that is reached by a path on which much may sleep is also reached by one
 * on which less may. So the events that slept are kept with a state; when it is reached with fewer
 * asleep, those that slept each time before and do not now are made up for, and what is kept is
 * what slept every time.
 *
 * Why each reachable state is reached, whatever order errands are carried out in (so that many can
 * be at once): let w lead from s to x, and I be the events that can come first in what is
 * equivalent to w. If I is disjoint from what is kept with s, x is reached. By induction on the
 * length of w: consider the first arrival at s after which I was disjoint from what is kept. At
 * this arrival an event of I was set out for: if s was new, every event not asleep was, and I was
 * disjoint from the sleep set; if not, some event of I was kept before and is not now, and those
 * are made up for. Let t be the first of I among the events that were set out for, and w equivalent
 * to t w'. The sleep set after t has what is kept with s, and the events that were set out for
 * before t, as far as they are independent of t. If one of them could come first in w', it could in
 * w too, and would be in I: but I is disjoint from what is kept, and t is the first of it. So what
 * could come first in w' is disjoint from the sleep set with which t arrives, hence from what is
 * kept there, and w' is shorter. At the start nothing sleeps.
 *
 * This needs that independent events commute, and that equal states have equal futures. Unlike
 * races (`search.ts`) it passes through all states, also those that no outcome depends on: the
 * combination of both needs a summary of what follows each state (Yang et al., "Efficient Stateful
 * Dynamic Partial Order Reduction", SPIN 2008), and in a protocol that merges what it hears the
 * states are few.
 */
import { createRandom } from "../random.js";
import { ErrandQueue } from "./errand-queue.js";
import {
  asleepAmong,
  independentOf,
  isAwake,
  type Choice,
  type Errand,
  type Met,
  type Option,
} from "./path.js";

/** A choice after the choices before it; shared by all that go on from there. */
interface Way {
  readonly before: Way | undefined;
  readonly choice: Choice;
}

/** An errand that is waiting, or being carried out. */
export interface Task {
  readonly way: Way | undefined;
  readonly asleep: readonly Option[];
  /** How many events were put off on the way. */
  readonly delays: number;
  /** Its share of everything, by Knuth's weights (see `Search.share`). */
  readonly weight: number;
  /** See `Sighting`. */
  readonly situation: string;
}

const START: Task = { way: undefined, asleep: [], delays: 0, weight: 1, situation: "" };

/** The search; whoever carries out the errands tells it what they met. */
export class StateSearch {
  /** With each state the names of the events that slept whenever it was reached. */
  readonly #kept = new Map<string, readonly string[]>();
  readonly #waiting: ErrandQueue<Task>;
  #share = 0;
  #leftOut = 0;
  #steps = 0;

  /** With the seed from which the errands out of turn are drawn. */
  constructor(seed: number) {
    this.#waiting = new ErrandQueue(createRandom(seed).fork("errands"));
    this.#waiting.add(START);
  }

  /** The states that were reached. */
  get states(): number {
    return this.#kept.size;
  }

  /** How many errands wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The situations from which errands set out; see `ErrandQueue`. */
  get situations(): number {
    return this.#waiting.situations;
  }

  /** The share that was gone through, an estimate that only grows; 1 at the end. */
  get share(): number {
    return this.waiting === 0 ? 1 : Math.min(this.#share, 1);
  }

  /** Events that could have come next somewhere, and slept. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Steps to states, or to the ends of executions. */
  get steps(): number {
    return this.#steps;
  }

  /** All of them. */
  digests(): Iterable<string> {
    return this.#kept.keys();
  }

  isKnown(digest: string): boolean {
    return this.#kept.has(digest);
  }

  /** The next errands, at most so many; always the same ones of a seed after the same answers. */
  next(most: number): readonly Task[] {
    const tasks: Task[] = [];
    while (tasks.length < most && this.waiting > 0) tasks.push(this.#waiting.take());
    return tasks;
  }

  /**
   * Takes what an errand met; says whether its execution counts, which it does not when it went on
   * beyond a state that is known by now.
   */
  take(task: Task, trace: readonly Met[], onNew?: (digest: string) => void): boolean {
    let { way, asleep, delays, weight, situation } = task;
    for (const met of trace) {
      if (met.kind === "idle") way = { before: way, choice: met.id };
      else if (met.kind === "alternatives") {
        weight /= met.words.length;
        for (let choice = 1; choice < met.words.length; choice++) {
          const other = { before: way, choice };
          this.#waiting.add({ way: other, asleep, delays, weight, situation });
        }
        way = { before: way, choice: 0 };
      } else {
        this.#steps++;
        const isNew = !this.#kept.has(met.digest);
        if (isNew) onNew?.(met.digest);
        const chosen = isNew ? met.taken : undefined;
        const arriving = { way, asleep, delays, weight, situation };
        const going = this.#arrive(arriving, met, chosen);
        if (going === undefined) return false;
        ({ way, asleep, delays, weight, situation } = going);
      }
    }
    this.#share += weight;
    return true;
  }

  /** Sets out from a state; what the execution has gone on with, if it has. */
  #arrive(
    { way, asleep, delays, weight }: Task,
    { digest, options, situation }: Extract<Met, { readonly kind: "state" }>,
    taken: number | undefined,
  ): Task | undefined {
    const kept = this.#kept.get(digest);
    const still = asleepAmong(options, asleep);
    const wasKept = new Set(kept ?? still.map(({ name }) => name));
    const stays = still.filter(({ name }) => wasKept.has(name));
    this.#kept.set(digest, stays.length === 0 ? NONE : stays.map(({ name }) => name as string));
    const todo = options
      .filter(isAwake(still))
      .filter(({ name }) => kept === undefined || (name !== undefined && wasKept.has(name)));
    if (kept === undefined) this.#leftOut += still.length;
    if (todo.length === 0) {
      this.#share += weight;
      return undefined;
    }
    // What the execution has gone on with is the first that was set out for.
    const isFirst = (option: Option): boolean => taken !== undefined && option === options[taken];
    let going: Task | undefined;
    const before = [...stays];
    const tasks: Task[] = [];
    for (const option of [...todo.filter(isFirst), ...todo.filter((each) => !isFirst(each))]) {
      const next: Task = {
        way: { before: way, choice: option.id },
        asleep: independentOf(before, option),
        delays: delays + delaysOf(options, option),
        weight: weight / todo.length,
        situation,
      };
      if (isFirst(option)) going = next;
      else tasks.push(next);
      if (option.name !== undefined) before.push(option);
    }
    for (const next of tasks) this.#waiting.add(next);
    return going;
  }
}

/** What an execution is told to do. */
export function errandOf({ way, asleep }: Task): Errand {
  const choices: Choice[] = [];
  for (let at = way; at !== undefined; at = at.before) choices.push(at.choice);
  return { choices: choices.reverse(), asleep };
}

/** Most states are reached with nothing asleep at some time; they share this. */
const NONE: readonly string[] = [];

/** How many events are put off when this one is taken. */
function delaysOf(options: readonly Option[], chosen: Option): number {
  let delays = 0;
  for (const each of options) {
    if (each === chosen) break;
    if (each.free !== true) delays++;
  }
  return delays;
}
