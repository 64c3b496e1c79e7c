/** Edges come and go at random: the order keeps those that are there, and cycles are real. */
import { expect, test } from "vitest";
import { createBudget } from "../../../src/checker/checker.js";
import { createDigraph, EdgeList } from "../../../src/graph/digraph.js";
import { createRandom, type Random } from "../../../src/random.js";
import { Meter } from "../../linearizable/meter.js";
import { knownGraph, type KnownGraph } from "./known-graph.js";
import { OrderedGraph } from "./ordered-graph.js";
import type { Problem } from "./problem.js";

const NONE = new Int32Array(0);
const NO_PROBLEM: Problem = {
  isSnapshot: false,
  alone: true,
  minded: "all",
  members: NONE,
  invocations: NONE,
  completions: NONE,
  processes: NONE,
  keys: NONE,
  writeCount: 0,
  writeStarts: new Int32Array(1),
  keyOf: NONE,
  writerOf: NONE,
  readStarts: new Int32Array(1),
  reads: NONE,
  readerStarts: new Int32Array(1),
  readers: NONE,
  otherReads: NONE,
  otherReaders: NONE,
};

/** A graph of nodes that stand for nobody, whose known edges ascend. */
function randomGraph(count: number, random: Random): KnownGraph {
  const edges = new EdgeList();
  for (let edge = 0; edge < count; edge++) {
    const [a, b] = [random.below(count), random.below(count)];
    if (a !== b) edges.add(Math.min(a, b), Math.max(a, b));
  }
  return {
    ...knownGraph(NO_PROBLEM, ""),
    count,
    froms: edges.froms.subarray(0, edges.length),
    tos: edges.tos.subarray(0, edges.length),
    out: createDigraph(count, edges),
    into: createDigraph(count, edges, true),
  };
}

function reaches(edges: readonly (readonly [number, number])[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const node of seen) for (const [a, b] of edges) if (a === node) seen.add(b);
  return seen.has(to);
}

test("an edge is refused exactly when it would close a cycle, which is named", () => {
  let refused = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = createRandom(seed);
    const count = 2 + random.below(15);
    const graph = randomGraph(count, random);
    const nodes = Int32Array.from({ length: count }, (_, node) => node);
    const ordered = new OrderedGraph(graph, nodes, new Meter(createBudget()));
    const known = Array.from(graph.froms, (from, at) => [from, graph.tos[at] as number] as const);
    const there = new Map<number, readonly [number, number]>();
    for (let turn = 0; turn < 60; turn++) {
      const [gone] = there.keys();
      if (random.chance(0.3) && gone !== undefined) {
        ordered.remove(gone);
        there.delete(gone);
        continue;
      }
      const [from, to] = [random.below(count), random.below(count)];
      const edge = ordered.create(from, to);
      const edges = [...known, ...there.values()];
      const isCycle = reaches(edges, to, from);
      expect(ordered.insert(edge)).toBe(!isCycle);
      if (isCycle) {
        refused++;
        const { cycle } = ordered;
        expect(cycle.at(-1)).toBe(edge);
        for (const [place, each] of cycle.entries()) {
          const next = cycle[(place + 1) % cycle.length] as number;
          expect(ordered.to(each)).toBe(ordered.from(next));
          const isThere = each < known.length || there.has(each) || each === edge;
          expect(isThere).toBe(true);
        }
      } else {
        there.set(edge, [from, to]);
      }
      for (const [a, b] of [...known, ...there.values()]) {
        expect(ordered.places[a] as number).toBeLessThan(ordered.places[b] as number);
      }
      expect(Array.from(ordered.nodes).toSorted((a, b) => a - b)).toEqual([...nodes.keys()]);
    }
  }
  expect(refused).toBeGreaterThan(500);
});
