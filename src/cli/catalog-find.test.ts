import { describe, expect, test } from "vitest";
import { BACKENDS, makeProperty, WORKLOADS } from "./catalog.js";
import { find, type Kind } from "./catalog-find.js";
import { nearestFew } from "../nearest.js";

function errorOf(kind: Kind, entries: readonly { readonly name: string }[], name: string): string {
  try {
    find(kind, entries, name);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("names that are near", () => {
  test.each([
    ["quorun", ["quorum"]],
    ["QUORUM", ["quorum"]],
    ["paxos", ["multi-paxos"]],
    ["prim", ["primary-backup"]],
    ["commit", ["two-phase-commit", "three-phase-commit"]],
    ["zzzzzzzz", []],
    ["q", []],
  ])("%s", (typed, expected) => {
    const names = ["quorum", "multi-paxos", "primary-backup", "two-phase-commit"];
    expect(nearestFew(typed, [...names, "three-phase-commit"])).toEqual(expected);
  });

  test("are a few, the nearest first", () => {
    expect(nearestFew("aaaa", ["aabb", "aaab", "aaba", "abaa", "baaa"])).toEqual([
      "aaab",
      "aaba",
      "abaa",
    ]);
  });
});

describe("a name that nothing has", () => {
  test("is told with names that are near and where all are, never all of them", () => {
    expect(errorOf("system", BACKENDS, "quorun")).toMatch(
      /^no system is called "quorun"; did you mean quorum\? \(ordeal list systems has all \d{3}\)$/,
    );
    expect(errorOf("system", BACKENDS, "mine")).toMatch(
      /^no system is called "mine" \(ordeal list systems has all \d+\)$/,
    );
  });

  test("of a variant is told with those of its system", () => {
    expect(errorOf("system", BACKENDS, "raft:double-votes")).toMatch(
      /^the system raft has no variant double-votes; did you mean raft:double-vote\? \(ordeal /,
    );
    expect(errorOf("system", BACKENDS, "yjs:fast")).toBe(
      "the system yjs has no variants, so no fast either",
    );
  });

  test("without its system is told whose it is", () => {
    expect(errorOf("system", BACKENDS, "double-vote")).toContain("did you mean raft:double-vote?");
  });

  test("of a checker may be near a promise about a model", () => {
    const typed = (name: string) => () => makeProperty(name, {});
    expect(typed("lienarizable")).toThrow(/did you mean --consistency linearizable --model NAME\?/);
    expect(typed("total-queu")).toThrow(/did you mean total-queue/);
    expect(typed("zzzzzzzz")).toThrow(/^no checker is called "zzzzzzzz" \(ordeal list checkers/);
  });

  test("is told in two lines of a terminal, whatever it is", () => {
    for (const [kind, entries] of [
      ["system", BACKENDS],
      ["workload", WORKLOADS],
    ] as const) {
      for (const { name } of entries) {
        for (const typed of [`${name}x`, `x${name}`, name.slice(0, -2), `${name}:nope`]) {
          expect(errorOf(kind, entries, typed).length).toBeLessThanOrEqual(300);
        }
      }
    }
  });
});
