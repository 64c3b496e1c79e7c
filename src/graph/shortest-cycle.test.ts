import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createDigraph, EdgeList } from "./digraph.js";
import { shortestCycle } from "./shortest-cycle.js";

/** A ring of so many nodes, in which one edge leads back from node `at` to the one before. */
function ring(count: number, at?: number): EdgeList {
  const edges = new EdgeList();
  for (let node = 0; node < count; node++) edges.add(node, (node + 1) % count);
  if (at !== undefined) edges.add(at, at - 1);
  return edges;
}

test("where there is no cycle, there is none", () => {
  const edges = new EdgeList();
  edges.add(0, 1);
  edges.add(1, 2);
  expect(shortestCycle(createDigraph(3, edges))).toBeUndefined();
});

test("a later beginning finds a shorter one", () => {
  // The only short cycle is far from the first nodes that are tried.
  const found = shortestCycle(createDigraph(60, ring(60, 50))) ?? [];
  expect(found.toSorted((a, b) => a - b)).toEqual([49, 60]);
});

test("its edges are a cycle, in order", () => {
  const edges = ring(7);
  const found = shortestCycle(createDigraph(7, edges)) ?? [];
  expect(found).toHaveLength(7);
  for (const [place, edge] of found.entries()) {
    const next = found[(place + 1) % found.length] as number;
    expect(edges.tos[edge]).toBe(edges.froms[next]);
  }
});

test("in a large graph few beginnings are tried", () => {
  const count = 300_000;
  // The short cycle is the 60th node's; only the first few are tried, each walks the whole ring.
  expect(shortestCycle(createDigraph(count, ring(count, 60)))).toHaveLength(count);
});

/** How many edges a shortest way round through a node has; Infinity when there is none. */
function shortestThrough(edges: readonly (readonly [number, number])[], node: number): number {
  let border = new Set([node]);
  const seen = new Set<number>();
  for (let length = 1; border.size > 0; length++) {
    const next = edges.filter(([from]) => border.has(from)).map(([, to]) => to);
    if (next.includes(node)) return length;
    border = new Set(next.filter((each) => !seen.has(each)));
    for (const each of border) seen.add(each);
  }
  return Infinity;
}

test("a shortest cycle of a small graph is found", () => {
  const node = fc.nat(7);
  const edge = fc.tuple(node, node).filter(([from, to]) => from !== to);
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 14 }), (edges) => {
      const list = new EdgeList();
      for (const [from, to] of edges) list.add(from, to);
      const cycle = shortestCycle(createDigraph(8, list));
      const lengths = Array.from({ length: 8 }, (_, each) => shortestThrough(edges, each));
      expect(cycle?.length ?? Infinity).toBe(Math.min(...lengths));
      if (cycle === undefined) return;
      for (const [at, position] of cycle.entries()) {
        const after = cycle[(at + 1) % cycle.length] as number;
        expect(list.tos[position]).toBe(list.froms[after]);
      }
    }),
    { numRuns: 2_000 },
  );
});
