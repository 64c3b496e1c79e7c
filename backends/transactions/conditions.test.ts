import { expect, test } from "vitest";
import type { Value } from "../../src/history/value.js";
import { conditionOf, isMeant } from "./conditions.js";

test.each<[Value, Value, boolean]>([
  ["true", 1, true],
  [true, "x", true],
  [["=", 3], 3, true],
  [["=", 3], "3", false],
  [["=", [1]], [1], true],
  [["mod", 2, 0], 4, true],
  [["mod", 2, 1], 4, false],
  [["mod", 2, 1], -3, true],
  [["mod", 2, 0], 0.5, false],
  [["mod", 2, 0], "4", false],
])("%j of %j: %s", (name, value, expected) => {
  expect(isMeant(conditionOf(name), value)).toBe(expected);
});

test.each<Value>([null, "false", ["<", 3], ["mod", 0, 0], ["mod", 2], ["mod", "2", 0], []])(
  "%j is no predicate",
  (name) => {
    expect(() => conditionOf(name)).toThrow(/there is no predicate/);
  },
);
