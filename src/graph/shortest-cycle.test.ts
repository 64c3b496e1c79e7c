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
