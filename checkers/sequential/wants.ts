/**
 * What registers tell beforehand: the state that an operation needs, and the state that it makes.
 * From it the search sees that a process waits for a value which nobody can write any more.
 */
import { FAIL, INFO, NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import type { Transitions } from "../linearizable/transitions.js";
import type { Layout } from "./layout.js";

/** By operation: numbers of states, or `NONE`. */
export interface Wants {
  /** The state that it needs. */
  readonly needs: Int32Array;
  /** The state that it makes, when it happens and changes anything. */
  readonly makes: Int32Array;
  /** False where some operation says more than that: a compare-and-set, whatever came of it. */
  readonly whole: boolean;
}

/** For register models; undefined for others, and when some operation is none of a register's. */
export function wantsOf(layout: Layout, model: Model, transitions: Transitions): Wants | undefined {
  if (model.type?.name !== "register") return undefined;
  const { history, invocations, count } = layout;
  const roles = history.functionNames.map((f) => model.type?.roles[f]);
  const needs = new Int32Array(count).fill(NONE);
  const makes = new Int32Array(count).fill(NONE);
  const numbers = new Map<number, number>();
  let whole = true;
  const numberOf = (position: number): number => {
    let number = numbers.get(position);
    if (number === undefined) {
      number = transitions.numberOf(history.pool[position] as Value);
      numbers.set(position, number);
    }
    return number;
  };
  for (let operation = 0; operation < count; operation++) {
    const invocation = invocations[operation] as number;
    const role = roles[history.functions[invocation] as number];
    const { type, output } = completionOf(history, invocation);
    if (role === "write") makes[operation] = numberOf(history.values[invocation] as number);
    else if (role === "read") {
      const says = type !== INFO && (output !== null || model.options["nilReads"] !== "unknown");
      if (says) needs[operation] = transitions.numberOf(output);
    } else if (role === "cas") {
      const input = history.pool[history.values[invocation] as number] as readonly Value[];
      whole = false;
      if (type === FAIL || output === false) continue;
      if (type !== INFO) needs[operation] = transitions.numberOf(input[0] as Value);
      makes[operation] = transitions.numberOf(input[1] as Value);
    } else return undefined;
  }
  // What is optional need not happen, and so needs nothing.
  for (const { operation } of layout.optional) needs[operation] = NONE;
  return { needs, makes, whole };
}

function completionOf(
  history: History,
  invocation: number,
): { readonly type: number; readonly output: Value } {
  const completion = history.pairs[invocation] as number;
  if (completion === NONE) return { type: INFO, output: null };
  const output = history.pool[history.values[completion] as number] as Value;
  return { type: history.types[completion] as number, output };
}

/** Counts who is left to make each state of each part, and who is left that needs it. */
export class Makers {
  readonly #layout: Layout;
  readonly #wants: Wants;
  readonly #left = new Map<number, number>();
  readonly #needed = new Map<number, number>();

  constructor(layout: Layout, wants: Wants) {
    this.#layout = layout;
    this.#wants = wants;
    for (let operation = 0; operation < layout.count; operation++) this.count(operation, 1);
  }

  /** An operation has happened (-1), or has not after all (1). */
  count(operation: number, by: number): void {
    this.#count(this.#left, operation, this.#wants.makes, by);
    this.#count(this.#needed, operation, this.#wants.needs, by);
  }

  #count(counts: Map<number, number>, operation: number, states: Int32Array, by: number): void {
    const state = states[operation] as number;
    if (state === NONE) return;
    const name = this.#name(this.#layout.parts[operation] as number, state);
    counts.set(name, (counts.get(name) ?? 0) + by);
  }

  /** Whether the part must not leave this state yet: somebody needs it, and it cannot come back. */
  mustStay(part: number, state: number): boolean {
    const name = this.#name(part, state);
    return (this.#needed.get(name) ?? 0) > 0 && (this.#left.get(name) ?? 0) === 0;
  }

  /** Whether what the operation waits for is neither there nor to come. */
  isHopeless(operation: number, state: number): boolean {
    const needed = this.#wants.needs[operation] as number;
    if (needed === NONE || needed === state) return false;
    return (this.#left.get(this.#name(this.#layout.parts[operation] as number, needed)) ?? 0) === 0;
  }

  #name(part: number, state: number): number {
    return state * this.#layout.partNames.length + part;
  }
}
