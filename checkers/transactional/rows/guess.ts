/**
 * Orders of transactions on rows, guessed. Of those that may be next, who completed first is next;
 * whose reads do not fit waits, and there is no way back. Where the dependencies are all known, as
 * of sets, that succeeds if anything does. Where it ends with transactions whose reads never fit,
 * each of them should have come before whoever wrote over what it read, or that one before whoever
 * wrote what it did read, or it comes after one who is yet to write that (rather so where who wrote
 * over it completed before it was invoked). An edge is added that says the first of these that
 * closes no cycle, and the order is guessed again.
 */
import { Heap } from "../../../src/graph/heap.js";
import type { LabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import type { Undo } from "./replay.js";

/** What is to be ordered. Nodes stand in a graph whose edges every order keeps. */
export interface Steps {
  readonly graph: LabelledDigraph;
  /** Whether an order has to have it, may have it, cannot have it, or it means nothing. */
  readonly roleOf: (node: number) => "must" | "may" | "never" | "nothing";
  readonly take: (node: number) => Undo | undefined;
  /** All ways to take a node, where there may be several. */
  readonly takes?: (node: number) => Iterable<Undo>;
  /** What keeps a node from being taken now. */
  readonly troublesOf: (node: number) => readonly Trouble[];
  readonly key: () => string;
  readonly priorities: Float64Array;
}

/** An edge: who comes first, and who later. */
export type Way = readonly [from: number, to: number];

/** Something that keeps a node from being taken. */
export interface Trouble {
  /** Edges of which one might help. */
  readonly ways: readonly Way[];
  /** Nodes after one of which it is over, and not before. */
  readonly hopes: readonly number[];
}

/** So often, at most, an order is guessed, and so often without getting any further. */
const GUESSES_MAX = 100;
const STANDING_MAX = 8;

/** Looks for an order; `check` throws to end it. */
export function guessOrder(steps: Steps, check: () => void): readonly number[] | undefined {
  const added = new AddedEdges(steps.graph);
  let furthest = 0;
  for (let guess = 0, standing = 0; guess < GUESSES_MAX && standing < STANDING_MAX; guess++) {
    const { order, taken, troubles } = guessOnce(steps, added, check);
    if (order !== undefined) return order;
    standing = taken > furthest ? 0 : standing + 1;
    furthest = Math.max(furthest, taken);
    let isNew = false;
    for (const { ways } of troubles) {
      check();
      const way = ways.find((each) => added.isPossible(each));
      if (way === undefined) continue;
      added.add(way);
      isNew = true;
    }
    if (!isNew) return undefined;
  }
  return undefined;
}

/** Edges beside those of a graph. */
class AddedEdges {
  readonly #graph: LabelledDigraph;
  readonly #targets = new Map<number, number[]>();

  constructor(graph: LabelledDigraph) {
    this.#graph = graph;
  }

  add([from, to]: Way): void {
    const known = this.#targets.get(from);
    if (known === undefined) this.#targets.set(from, [to]);
    else known.push(to);
  }

  /** Whether an edge is none of these, and closes no cycle. */
  isPossible([from, to]: Way): boolean {
    if (from === to || this.#targets.get(from)?.includes(to) === true) return false;
    const seen = new Uint8Array(this.#graph.count);
    const open = [to];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node === from) return false;
      for (const next of this.targetsOf(node)) {
        if (seen[next] === 1) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
    return true;
  }

  *targetsOf(node: number): Iterable<number> {
    const { starts, targets } = this.#graph;
    const end = starts[node + 1] as number;
    for (let place = starts[node] as number; place < end; place++) yield targets[place] as number;
    yield* this.#targets.get(node) ?? [];
  }
}

interface Guess {
  readonly order: readonly number[] | undefined;
  readonly taken: number;
  /** Of those that could never be taken: what was the matter when their turn came first. */
  readonly troubles: readonly Trouble[];
}

function guessOnce(steps: Steps, added: AddedEdges, check: () => void): Guess {
  const { graph, roleOf, take, troublesOf, priorities } = steps;
  const waitsFor = new Int32Array(graph.count);
  for (let node = 0; node < graph.count; node++) {
    for (const target of added.targetsOf(node)) {
      waitsFor[target] = (waitsFor[target] as number) + 1;
    }
  }
  const heap = new Heap(graph.count, priorities);
  for (let node = 0; node < graph.count; node++) if (waitsFor[node] === 0) heap.push(node);
  const order: number[] = [];
  const undone: Undo[] = [];
  const troubles = new Map<number, readonly Trouble[]>();
  const refused = new Set<number>();
  /** Node → who is tried again after it. */
  const waiting = new Map<number, number[]>();
  let left = 0;
  for (let node = 0; node < graph.count; node++) if (roleOf(node) === "must") left++;
  while (heap.size > 0) {
    check();
    const node = heap.pop();
    const role = roleOf(node);
    if (role === "must") {
      const undo = take(node);
      if (undo === undefined) {
        const found = troublesOf(node);
        if (!troubles.has(node)) troubles.set(node, found);
        refused.add(node);
        for (const hope of found.flatMap(({ hopes }) => hopes)) {
          const known = waiting.get(hope);
          if (known === undefined) waiting.set(hope, [node]);
          else known.push(node);
        }
        continue;
      }
      undone.push(undo);
      order.push(node);
      for (const each of waiting.get(node) ?? []) if (refused.delete(each)) heap.push(each);
    }
    for (const target of added.targetsOf(node)) {
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) heap.push(target);
    }
  }
  for (const undo of undone.toReversed()) undo();
  if (order.length === left) return { order, taken: left, troubles: [] };
  const all = [...refused].flatMap((node) => troubles.get(node) ?? []);
  // Who only waits for one that is in trouble has none of its own.
  const taken = new Set(order);
  const isOver = (each: number): boolean => taken.has(each) || roleOf(each) !== "must";
  const own = all.filter(({ hopes }) => hopes.every(isOver));
  return {
    order: undefined,
    taken: order.length,
    troubles: own.length === 0 ? all : own,
  };
}
