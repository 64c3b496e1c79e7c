/**
 * Orders of transactions on rows that explain their reads. First they are guessed, then searched
 * for by choices, and then, for histories of a few dozen transactions, depth first with a memory of
 * what failed, so that finding none proves that there is none.
 */
import type { LabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import { guessOrder, type Steps } from "./guess.js";
import type { Undo } from "./replay.js";

/** The order; none exists; or that is not known. */
export type Searched = readonly number[] | "none" | "open";

/** Of how many nodes all orders are tried, and in how many steps. */
export interface Limits {
  readonly nodes: number;
  readonly steps: number;
}

const LIMITS: Limits = { nodes: 80, steps: 100_000 };

/** Looks for an order, guessed, or as `choose` does and then all; `check` throws to end it. */
export function searchOrder(
  steps: Steps,
  choose: (() => Searched) | undefined,
  check: () => void,
): Searched {
  if (choose === undefined) return guessOrder(steps, check) ?? "open";
  const chosen = choose();
  return typeof chosen === "string" ? tryAllOrders(steps, LIMITS, check) : chosen;
}

/** Tries all orders within limits. */
export function tryAllOrders(steps: Steps, limits: Limits, check: () => void): Searched {
  const { graph, roleOf } = steps;
  let count = 0;
  for (let node = 0; node < graph.count; node++) if (roleOf(node) !== "nothing") count++;
  return count > limits.nodes ? "open" : new DepthFirst(steps, limits.steps, check).run();
}

function indegrees(graph: LabelledDigraph): Int32Array {
  const waitsFor = new Int32Array(graph.count);
  for (const target of graph.targets) waitsFor[target] = (waitsFor[target] as number) + 1;
  return waitsFor;
}

class DepthFirst {
  readonly #steps: Steps;
  readonly #stepsMax: number;
  readonly #check: () => void;
  readonly #waitsFor: Int32Array;
  readonly #taken: Uint8Array;
  readonly #failed = new Set<string>();
  readonly #order: number[] = [];
  readonly #sorted: readonly number[];
  #left = 0;
  #work = 0;

  constructor(steps: Steps, stepsMax: number, check: () => void) {
    const { graph, roleOf, priorities } = steps;
    this.#steps = steps;
    this.#stepsMax = stepsMax;
    this.#check = check;
    this.#waitsFor = indegrees(graph);
    this.#taken = new Uint8Array(graph.count);
    const nodes = Array.from({ length: graph.count }, (_, node) => node);
    this.#sorted = nodes.toSorted(
      (a, b) => (priorities[a] as number) - (priorities[b] as number) || a - b,
    );
    for (const node of nodes) if (roleOf(node) === "must") this.#left++;
  }

  run(): Searched {
    if (this.#go()) return this.#order;
    return this.#work > this.#stepsMax ? "open" : "none";
  }

  /** At most as deep as there are nodes, which are few. */
  #go(): boolean {
    this.#check();
    if (this.#left === 0) return true;
    if (this.#work++ > this.#stepsMax) return false;
    const free = this.#sorted.filter(
      (node) => this.#taken[node] === 0 && this.#waitsFor[node] === 0,
    );
    const { roleOf, key } = this.#steps;
    const nothing = free.find((node) => roleOf(node) === "nothing");
    if (nothing !== undefined) return this.#with(nothing, () => {});
    const name = key();
    if (this.#failed.has(name)) return false;
    for (const node of free) {
      if (roleOf(node) === "never") continue;
      for (const undo of this.#takesOf(node)) if (this.#with(node, undo)) return true;
    }
    this.#failed.add(name);
    return false;
  }

  #takesOf(node: number): Iterable<Undo> {
    const { take, takes } = this.#steps;
    if (takes !== undefined) return takes(node);
    const undo = take(node);
    return undo === undefined ? [] : [undo];
  }

  #with(node: number, undo: Undo): boolean {
    const { graph, roleOf } = this.#steps;
    const role = roleOf(node);
    const end = graph.starts[node + 1] as number;
    const release = (by: number): void => {
      for (let place = graph.starts[node] as number; place < end; place++) {
        const target = graph.targets[place] as number;
        this.#waitsFor[target] = (this.#waitsFor[target] as number) - by;
      }
    };
    this.#taken[node] = 1;
    if (role !== "nothing") this.#order.push(node);
    if (role === "must") this.#left--;
    release(1);
    if (this.#go()) return true;
    release(-1);
    if (role === "must") this.#left++;
    if (role !== "nothing") this.#order.pop();
    this.#taken[node] = 0;
    undo();
    return false;
  }
}
