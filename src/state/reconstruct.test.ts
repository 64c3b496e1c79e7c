/** Rebuilding in the order of dependencies, against a plain recursive definition. */
import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import { createRandom } from "../random.js";
import { reconstruct, type ReconstructionRules } from "./reconstruct.js";

/** A state is the list of its dependencies; it is rebuilt as its height over those without any. */
const HEIGHT: ReconstructionRules = {
  dependenciesOf: (_, saved) => saved as readonly string[],
  rebuild: (_, __, dependencies) =>
    Math.max(0, ...[...dependencies.values()].map((height) => (height as number) + 1)),
};

const graph = (edges: { readonly [key: string]: readonly string[] }): Map<string, Value> =>
  new Map(Object.entries(edges));

describe("states that depend on each other", () => {
  test("are rebuilt each after its dependencies, as the definition says, or refused", () => {
    let circles = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const random = createRandom(seed);
      const names = Array.from({ length: 1 + random.below(7) }, (_, i) => `s${i}`);
      const saved = new Map<string, Value>(
        names.map((name) => [name, names.filter(() => random.chance(0.18))]),
      );
      const heightOf = (key: string, below: readonly string[]): number => {
        if (below.includes(key)) return Infinity;
        const needed = saved.get(key) as readonly string[];
        return Math.max(0, ...needed.map((each) => heightOf(each, [...below, key]) + 1));
      };
      const heights = names.map((name) => heightOf(name, []));
      if (heights.includes(Infinity)) {
        circles++;
        expect(() => reconstruct(saved, HEIGHT)).toThrow("in a circle");
      } else {
        const rebuilt = reconstruct(saved, HEIGHT);
        expect(names.map((name) => rebuilt.get(name))).toEqual(heights);
      }
    }
    expect(circles).toBeGreaterThan(500);
    expect(circles).toBeLessThan(2500);
  });

  test("a circle is named, without what only leads to it", () => {
    const saved = graph({ out: [], in: ["a"], a: ["out", "b"], b: ["c"], c: ["a"] });
    expect(() => reconstruct(saved, HEIGHT)).toThrow(
      'states depend on each other in a circle: "a" → "b" → "c" → "a"',
    );
    expect(() => reconstruct(graph({ a: ["a"] }), HEIGHT)).toThrow('"a" → "a"');
  });

  test("a missing dependency is named", () => {
    expect(() => reconstruct(graph({ a: ["b"] }), HEIGHT)).toThrow(
      '"a" depends on "b", which is missing',
    );
  });

  test("a dependency that is named twice counts once", () => {
    expect(reconstruct(graph({ a: ["b", "b"], b: [] }), HEIGHT).get("a")).toBe(1);
  });

  test("a long chain needs no deep recursion", () => {
    const saved = new Map<string, Value>();
    for (let i = 0; i < 50_000; i++) saved.set(`s${i}`, i === 49_999 ? [] : [`s${i + 1}`]);
    expect(reconstruct(saved, HEIGHT).get("s0")).toBe(49_999);
  });
});
