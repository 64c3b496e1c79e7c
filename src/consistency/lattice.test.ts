/**
 * The lattice as data: names are unique, every edge joins levels, nothing goes round, no edge is a
 * consequence of others, and closures and extremes are what they say.
 */
import { describe, expect, test } from "vitest";
import type { LevelName } from "./level.js";
import {
  IMPLICATIONS,
  implies,
  levelNamed,
  LEVELS,
  strongerThan,
  strongest,
  weakerThan,
  weakestViolated,
} from "./lattice.js";

const names = LEVELS.map(({ name }) => name);

describe("the data", () => {
  test("names and aliases mean one level each", () => {
    const all = LEVELS.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(all.map((each) => each.toLowerCase())).size).toBe(all.length);
    for (const { name, aliases } of LEVELS) {
      for (const each of [name, ...aliases]) expect(levelNamed(each)?.name).toBe(name);
    }
    expect(levelNamed("anything")).toBeUndefined();
  });

  test("names are words for a command line, and every level and edge has its source", () => {
    for (const { name, says, source } of LEVELS) {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(says.length).toBeGreaterThan(20);
      expect(source).toMatch(/\d{4}/);
    }
    for (const { source } of IMPLICATIONS) expect(source).toMatch(/\d{4}|by definition/);
  });

  test("edges join levels, none twice and none in vain", () => {
    for (const { from, to } of IMPLICATIONS) {
      expect(names).toContain(from);
      expect(names).toContain(to);
      // No other level lies between: the edge says something new.
      const between = names.filter(
        (name) => name !== from && name !== to && implies(from, name) && implies(name, to),
      );
      expect(`${from} → ${between.join(" or ")} → ${to}`).toBe(`${from} →  → ${to}`);
    }
    const told = IMPLICATIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(told).size).toBe(told.length);
  });

  test("no level implies itself by way of others", () => {
    for (const name of names) expect(weakerThan(name).has(name)).toBe(false);
  });
});

describe("implies", () => {
  const cases: readonly (readonly [LevelName, LevelName, boolean])[] = [
    ["linearizable", "monotonic-writes", true],
    ["sequential", "sequential", true],
    ["pram", "causal", false],
    ["causal", "pram", false],
    ["causal-memory", "read-your-writes", false],
    ["causal-convergence", "pram", false],
    ["linearizable", "serializable", false],
    ["strict-serializable", "pram", true],
    ["strict-serializable", "strong-session-snapshot-isolation", true],
    ["serializable", "read-uncommitted", true],
    ["serializable", "strong-session-read-uncommitted", false],
    ["snapshot-isolation", "repeatable-read", false],
    ["prefix", "parallel-snapshot-isolation", false],
    ["strong-session-prefix", "causal-convergence", true],
  ];
  test.each(cases)("%s → %s: %s", (stronger, weaker, expected) => {
    expect(implies(stronger, weaker)).toBe(expected);
  });

  test("goes both ways round", () => {
    for (const one of names) {
      for (const other of names) {
        if (one === other) continue;
        expect(implies(one, other)).toBe(strongerThan(other).has(one));
      }
    }
  });
});

test("the strongest of what is satisfied, and the weakest of what is not", () => {
  expect(strongest(["pram", "causal", "monotonic-reads", "causal-memory"])).toEqual([
    "causal-memory",
    "monotonic-reads",
  ]);
  expect(strongest([])).toEqual([]);
  expect(weakestViolated(["linearizable", "sequential", "causal-convergence", "pram"])).toEqual([
    "causal-convergence",
    "pram",
  ]);
});
