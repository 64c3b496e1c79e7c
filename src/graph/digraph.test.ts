/** Orders of nodes that keep the edges. */
import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import { createDigraph, depthFirstOrder, EdgeList, topologicalOrder } from "./digraph.js";

test("an order, breadth or depth first, has each node after those that lead to it", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = createRandom(seed);
    const count = 1 + random.below(12);
    const list = new EdgeList();
    for (let edges = random.below(3 * count); edges > 0; edges--) {
      const [a, b] = [random.below(count), random.below(count)];
      // Upwards, but now and then there is a cycle.
      if (a !== b) list.add(Math.min(a, b), Math.max(a, b));
      else if (random.below(10) === 0) list.add(a, Math.max(0, a - 1));
    }
    const graph = createDigraph(count, list);
    const [broad, deep] = [topologicalOrder(graph), depthFirstOrder(graph)];
    expect(new Set(deep)).toEqual(new Set(broad));
    expect(deep.length).toBe(broad.length);
    for (let edge = 0; edge < list.length; edge++) {
      const [from, to] = [list.froms[edge] as number, list.tos[edge] as number];
      for (const order of [broad, deep]) {
        if (order.includes(to)) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
      }
    }
  }
});

test("depth first goes on with what is ready", () => {
  const list = new EdgeList();
  // Three pairs.
  for (let node = 0; node < 3; node++) list.add(node, node + 3);
  const graph = createDigraph(6, list);
  expect([...topologicalOrder(graph)]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...depthFirstOrder(graph)]).toEqual([0, 3, 1, 4, 2, 5]);
});
