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

/** Of more, orders are only guessed. */
const NODES_MAX = 80;
const STEPS_MAX = 100_000;

/** Looks for an order, guessed first, and then as `choose` does; `check` throws to end it. */
export function searchOrder(
  steps: Steps,
  choose: (() => Searched) | undefined,
  check: () => void,
): Searched {
  const guessed = guessOrder(steps, check);
  if (guessed !== undefined || choose === undefined) return guessed ?? "open";
  const chosen = choose();
  if (typeof chosen !== "string") return chosen;
  const { graph, roleOf } = steps;
  let count = 0;
  for (let node = 0; node < graph.count; node++) if (roleOf(node) !== "nothing") count++;
  return count > NODES_MAX ? "open" : new DepthFirst(steps, check).run();
}

function indegrees(graph: LabelledDigraph): Int32Array {
  const waitsFor = new Int32Array(graph.count);
  for (const target of graph.targets) waitsFor[target] = (waitsFor[target] as number) + 1;
  return waitsFor;
}

class DepthFirst {
  readonly #steps: Steps;
  readonly #check: () => void;
  readonly #waitsFor: Int32Array;
  readonly #taken: Uint8Array;
  readonly #failed = new Set<string>();
  readonly #order: number[] = [];
  readonly #sorted: readonly number[];
  #left = 0;
  #work = 0;

  constructor(steps: Steps, check: () => void) {
    const { graph, roleOf, priorities } = steps;
    this.#steps = steps;
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
    return this.#work > STEPS_MAX ? "open" : "none";
  }

  /** At most as deep as there are nodes, which are few. */
  #go(): boolean {
    this.#check();
    if (this.#left === 0) return true;
    if (this.#work++ > STEPS_MAX) return false;
    const free = this.#sorted.filter(
      (node) => this.#taken[node] === 0 && this.#waitsFor[node] === 0,
    );
    const { roleOf, take, key } = this.#steps;
    const nothing = free.find((node) => roleOf(node) === "nothing");
    if (nothing !== undefined) return this.#with(nothing, () => {});
    const name = key();
    if (this.#failed.has(name)) return false;
    for (const node of free) {
      if (roleOf(node) === "never") continue;
      const undo = take(node);
      if (undo !== undefined && this.#with(node, undo)) return true;
    }
    this.#failed.add(name);
    return false;
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
