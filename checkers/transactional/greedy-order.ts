/**
 * A serial order for registers, whose edges do not determine it: one transaction after the other is
 * carried out, never one that could not be the next of any order that goes on from here. A
 * transaction may be next when all that must precede it is done, every register that it reads has
 * the value that it read, and nobody else still has to read what it overwrites. Of those that may,
 * the one that completed first is taken; there is no way back, so that failing proves nothing.
 * O((transactions + edges) log transactions).
 */
import { Heap } from "../../src/graph/heap.js";
import type { LabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { NONE } from "../../src/history/history.js";
import type { Dependencies } from "./dependencies.js";
import { READ, WRITE, type Transactions } from "./layout.js";

/** The order, or undefined when it came to a dead end. */
export function greedyOrder(
  graph: LabelledDigraph,
  dependencies: Dependencies,
  priorities: Float64Array,
): readonly number[] | undefined {
  return new Greedy(graph, dependencies, priorities).run();
}

class Greedy {
  readonly #graph: LabelledDigraph;
  readonly #dependencies: Dependencies;
  readonly #transactions: Transactions;
  readonly #waitsFor: Int32Array;
  readonly #free: Heap;
  readonly #isFree: Uint8Array;
  /** Register → its value now. */
  readonly #values: Int32Array;
  /** Register and value → who still has to read it before anything else is written. */
  readonly #readers = new Map<number, number[]>();
  readonly #pending = new Map<number, number>();
  /** Register → who waits until nobody has to read its value any more. */
  readonly #writers = new Map<number, number[]>();

  constructor(graph: LabelledDigraph, dependencies: Dependencies, priorities: Float64Array) {
    const { transactions } = dependencies;
    this.#graph = graph;
    this.#dependencies = dependencies;
    this.#transactions = transactions;
    this.#waitsFor = new Int32Array(graph.count);
    for (const target of graph.targets) {
      this.#waitsFor[target] = (this.#waitsFor[target] as number) + 1;
    }
    this.#free = new Heap(graph.count, priorities);
    this.#isFree = new Uint8Array(graph.count);
    this.#values = new Int32Array(transactions.keyCount).fill(transactions.nullAt);
    for (let each = 0; each < transactions.count; each++) {
      for (const at of this.#firstReads(each)) {
        const name = this.#nameOf(at);
        this.#pending.set(name, (this.#pending.get(name) ?? 0) + 1);
      }
    }
  }

  run(): readonly number[] | undefined {
    const order: number[] = [];
    const { count } = this.#transactions;
    let left = 0;
    for (let each = 0; each < count; each++) left += this.#dependencies.happened[each] as number;
    for (let node = 0; node < this.#graph.count; node++) {
      if (this.#waitsFor[node] === 0) this.#release(node);
    }
    while (this.#free.size > 0) {
      const node = this.#free.pop();
      this.#isFree[node] = 0;
      if (node < count && this.#dependencies.happened[node] === 1) {
        if (!this.#mayBeNext(node)) continue;
        this.#carryOut(node);
        order.push(node);
      }
      const end = this.#graph.starts[node + 1] as number;
      for (let place = this.#graph.starts[node] as number; place < end; place++) {
        const target = this.#graph.targets[place] as number;
        const waits = (this.#waitsFor[target] as number) - 1;
        this.#waitsFor[target] = waits;
        if (waits === 0) this.#release(target);
      }
    }
    return order.length === left ? order : undefined;
  }

  #release(node: number): void {
    if (this.#isFree[node] === 1) return;
    this.#isFree[node] = 1;
    this.#free.push(node);
  }

  /** The reads of registers that a transaction had not written before, one for each. */
  *#firstReads(transaction: number): Iterable<number> {
    const { starts, keys, kinds, values } = this.#transactions;
    const { registers, happened } = this.#dependencies;
    if (happened[transaction] === 0) return;
    const seen = new Set<number>();
    const end = starts[transaction + 1] as number;
    for (let at = starts[transaction] as number; at < end; at++) {
      const key = keys[at] as number;
      if (!registers.has(key) || seen.has(key)) continue;
      seen.add(key);
      if (kinds[at] === READ && values[at] !== NONE) yield at;
    }
  }

  *#writes(transaction: number): Iterable<number> {
    const { starts, kinds } = this.#transactions;
    const end = starts[transaction + 1] as number;
    for (let at = starts[transaction] as number; at < end; at++) {
      if (kinds[at] === WRITE) yield at;
    }
  }

  #nameOf(at: number): number {
    const { keys, values, valueCount } = this.#transactions;
    return (keys[at] as number) * valueCount + (values[at] as number);
  }

  /** Whether it may; if not, it is woken when what it waits for has come. */
  #mayBeNext(transaction: number): boolean {
    const { keys, values, valueCount } = this.#transactions;
    const own = new Map<number, number>();
    for (const at of this.#firstReads(transaction)) {
      const key = keys[at] as number;
      own.set(key, values[at] as number);
      if (this.#values[key] === values[at]) continue;
      addTo(this.#readers, this.#nameOf(at), transaction);
      return false;
    }
    for (const at of this.#writes(transaction)) {
      const key = keys[at] as number;
      const value = this.#values[key] as number;
      const others =
        (this.#pending.get(key * valueCount + value) ?? 0) - (own.get(key) === value ? 1 : 0);
      if (others === 0) continue;
      addTo(this.#writers, key, transaction);
      return false;
    }
    return true;
  }

  #carryOut(transaction: number): void {
    const { keys, values, valueCount } = this.#transactions;
    for (const at of this.#firstReads(transaction)) {
      const name = this.#nameOf(at);
      const pending = (this.#pending.get(name) ?? 0) - 1;
      this.#pending.set(name, pending);
      // One of those who wait may be the last reader itself.
      if (pending <= 1) this.#wake(this.#writers, keys[at] as number);
    }
    const written = new Set<number>();
    for (const at of this.#writes(transaction)) {
      const key = keys[at] as number;
      this.#values[key] = values[at] as number;
      written.add(key);
    }
    for (const key of written) {
      this.#wake(this.#readers, key * valueCount + (this.#values[key] as number));
      this.#wake(this.#writers, key);
    }
  }

  #wake(waiting: Map<number, number[]>, name: number): void {
    const nodes = waiting.get(name);
    if (nodes === undefined) return;
    waiting.delete(name);
    for (const node of nodes) this.#release(node);
  }
}

function addTo(waiting: Map<number, number[]>, name: number, node: number): void {
  const nodes = waiting.get(name);
  if (nodes === undefined) waiting.set(name, [node]);
  else nodes.push(node);
}
