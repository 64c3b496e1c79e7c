/**
 * Why no order explains a counterexample: every order of its operations that real time allows, up
 * to the first one whose result is impossible there, and the states that were possible then. Data
 * for reports; the claim itself is the certificate's.
 *
 * Orders are prefixes in a tree, depth first. At each prefix all that the forgotten operations may
 * have done meanwhile is done: any of them may have taken effect, unless it began after an
 * operation had returned that is still to come. Of two ways to the same state, of which one uses
 * all forgotten operations of the other and more, only the other counts: what the first leads to,
 * it leads to as well, for a forgotten operation need not happen.
 */
import type { History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { addsUp } from "./attempt.js";
import type { Kinds } from "./kinds.js";
import { LimitReached, type Meter } from "./meter.js";
import { IMPOSSIBLE, type Transitions } from "./transitions.js";

/** Longer counterexamples have too many orders for anybody to read. */
const OPERATIONS_MAX = 8;
const FORGOTTEN_MAX = 1 << 10;
const ORDERS_MAX = 64;
const STATES_MAX = 8;
/** Possibilities at one prefix, and work of all. */
const POSSIBILITIES_MAX = 1 << 8;
const WORK_MAX = 1 << 15;

/** An order up to the operation that is impossible there; operations by their invocations. */
export type ExcludedOrder = {
  readonly after: readonly number[];
  readonly refused: number;
  /** Some of the states that were possible before it, and how many there were. */
  readonly states: readonly Value[];
  readonly stateCount: number;
};

/** All that there is to say; plain JSON. */
export type Excluded = {
  readonly orders: readonly ExcludedOrder[];
  /** Pairs of operations of which the first returned before the second began. */
  readonly realTime: readonly (readonly [number, number])[];
  /** Whether these are all orders. */
  readonly complete: boolean;
};

/** What is to be explained. */
export interface ExcludedQuestion {
  readonly history: History;
  readonly kinds: Kinds;
  readonly transitions: Transitions;
  readonly meter: Meter;
  /** Invocations, ascending. */
  readonly required: readonly number[];
  readonly forgotten: readonly number[];
}

/** The excluded orders; undefined where there are too many to look at. */
export function excludedOrders(question: ExcludedQuestion): Excluded | undefined {
  const { required, forgotten, meter } = question;
  if (required.length > OPERATIONS_MAX || forgotten.length > FORGOTTEN_MAX) return undefined;
  const orders: ExcludedOrder[] = [];
  let complete = false;
  try {
    complete = meter.within(WORK_MAX, () => {
      if (!someAddUp(question)) {
        if (new Orders(question, orders, "as often as they like").walk()) return true;
        orders.length = 0;
      }
      return new Orders(question, orders, "once").walk();
    });
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  return orders.length === 0 ? undefined : { orders, realTime: realTimeOf(question), complete };
}

function someAddUp({ forgotten, kinds, transitions }: ExcludedQuestion): boolean {
  return forgotten.some((one) => addsUp(transitions, kinds.forgotten(one)));
}

/** The same with other names for the operations. */
export function renamed(
  { orders, realTime, complete }: Excluded,
  nameOf: (invocation: number) => number,
): Excluded {
  return {
    orders: orders.map(({ after, refused, ...states }) => ({
      after: after.map(nameOf),
      refused: nameOf(refused),
      ...states,
    })),
    realTime: realTime.map(([one, other]) => [nameOf(one), nameOf(other)] as const),
    complete,
  };
}

/** What may be the case at a prefix: a state, and which forgotten operations led to it. */
interface Possibility {
  readonly state: number;
  /** Positions in the forgotten ones, ascending. */
  readonly used: readonly number[];
}

/**
 * How often a forgotten operation may happen. What is impossible although each may happen as often
 * as it likes is impossible, and takes less to see.
 */
type Happen = "as often as they like" | "once";

class Orders {
  readonly #question: ExcludedQuestion;
  readonly #found: ExcludedOrder[];
  readonly #happen: Happen;
  readonly #requiredKinds: readonly number[];
  readonly #forgottenKinds: readonly number[];
  /** By forgotten operation: the one of the same kind before it, -1 without one. */
  readonly #twins: readonly number[];

  constructor(question: ExcludedQuestion, found: ExcludedOrder[], happen: Happen) {
    const { kinds, required, forgotten } = question;
    this.#question = question;
    this.#happen = happen;
    this.#found = found;
    this.#requiredKinds = required.map((one) => kinds.recorded(one));
    this.#forgottenKinds = forgotten.map((one) => kinds.forgotten(one));
    this.#twins = this.#forgottenKinds.map((kind, at) =>
      this.#forgottenKinds.slice(0, at).lastIndexOf(kind),
    );
  }

  /** Whether all orders were found. */
  walk(): boolean {
    const { transitions, required } = this.#question;
    const start = [{ state: transitions.initial(), used: [] }];
    return this.#extend([], [...required.keys()], start);
  }

  #extend(after: readonly number[], left: readonly number[], start: Possibility[]): boolean {
    const { history, required } = this.#question;
    const firstReturn = Math.min(...left.map((at) => history.pairs[required[at] as number] ?? 0));
    const possible = this.#closed(start, firstReturn);
    if (possible === undefined) return false;
    let complete = true;
    for (const at of left) {
      const invocation = required[at] as number;
      if (invocation > firstReturn) continue;
      const next = possible.flatMap(({ state, used }) =>
        this.#next(state, this.#requiredKinds[at] as number).map((to) => ({ state: to, used })),
      );
      if (next.length > 0) {
        const others = left.filter((other) => other !== at);
        // An order of all would be an explanation: then what is forgotten was looked at too little.
        if (others.length === 0) return false;
        if (!this.#extend([...after, invocation], others, next)) complete = false;
        continue;
      }
      if (this.#found.length === ORDERS_MAX) return false;
      this.#found.push({ after, refused: invocation, ...this.#statesOf(possible) });
    }
    return complete;
  }

  /** With everything that forgotten operations may do; undefined when that is too much. */
  #closed(start: Possibility[], firstReturn: number): Possibility[] | undefined {
    const { forgotten, meter } = this.#question;
    const found = new Possibilities();
    for (const one of start) found.add(one);
    for (const { state, used } of found.all()) {
      if (found.count > POSSIBILITIES_MAX) return undefined;
      meter.spend(forgotten.length);
      for (let at = 0; at < forgotten.length; at++) {
        if ((forgotten[at] as number) > firstReturn) break;
        const twin = this.#twins[at] as number;
        // Of equal ones the first that began is enough.
        if (this.#happen === "once" && (used.includes(at) || (twin >= 0 && !used.includes(twin))))
          continue;
        for (const next of this.#next(state, this.#forgottenKinds[at] as number)) {
          if (next === state) continue;
          found.add({ state: next, used: this.#happen === "once" ? withOne(used, at) : used });
        }
      }
    }
    return found.left();
  }

  #next(state: number, kind: number): readonly number[] {
    const { transitions, meter } = this.#question;
    meter.spend(1);
    const next = transitions.next(state, kind);
    if (next === IMPOSSIBLE) return [];
    return next < IMPOSSIBLE ? transitions.several(next) : [next];
  }

  #statesOf(possible: readonly Possibility[]): Pick<ExcludedOrder, "states" | "stateCount"> {
    const { transitions } = this.#question;
    const numbers = [...new Set(possible.map(({ state }) => state))];
    return {
      states: numbers.slice(0, STATES_MAX).map((number) => transitions.stateAt(number)),
      stateCount: numbers.length,
    };
  }
}

/** Possibilities of which none uses all that another one of the same state uses. */
class Possibilities {
  readonly #added: Possibility[] = [];
  readonly #byState = new Map<number, Possibility[]>();
  count = 0;

  add(one: Possibility): void {
    const same = this.#byState.get(one.state) ?? [];
    if (same.some(({ used }) => isWithin(used, one.used))) return;
    const rest = same.filter(({ used }) => !isWithin(one.used, used));
    this.count += 1 + rest.length - same.length;
    rest.push(one);
    this.#byState.set(one.state, rest);
    this.#added.push(one);
  }

  /** Those that are left when their turn comes, also those that are added meanwhile. */
  *all(): Iterable<Possibility> {
    for (const one of this.#added) if (this.#byState.get(one.state)?.includes(one)) yield one;
  }

  left(): Possibility[] {
    return [...this.#byState.values()].flat();
  }
}

/** Whether all of the first list, ascending as both are, are in the second. */
function isWithin(one: readonly number[], other: readonly number[]): boolean {
  let at = 0;
  for (const each of other) if (each === one[at]) at++;
  return at === one.length;
}

function withOne(used: readonly number[], at: number): readonly number[] {
  return [...used, at].sort((a, b) => a - b);
}

/** Without those that follow from others. */
function realTimeOf({ history, required }: ExcludedQuestion): [number, number][] {
  const isBefore = (one: number, other: number): boolean => (history.pairs[one] as number) < other;
  return required.flatMap((one) =>
    required
      .filter((other) => isBefore(one, other))
      .filter((other) => !required.some((third) => isBefore(one, third) && isBefore(third, other)))
      .map((other): [number, number] => [one, other]),
  );
}
