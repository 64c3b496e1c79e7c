/**
 * Which operations a verdict is about, and in what order: histories taken apart by hand, by key and
 * by other partitions, with failures, unknown outcomes and events of the nemesis.
 */
import { describe, expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import { byKey, type Model } from "../../src/model/model.js";
import { register } from "../../src/model/register.js";
import { searched } from "../../test/oracle/prepared-search.js";
import { asOnePart, isKeyless, splitIntoParts, type Parts } from "./parts.js";

type Line = readonly [NewEvent["type"], NewEvent["process"], string, (Value | undefined)?, Value?];

/** Type, process, function, key, value. */
function history(...lines: readonly Line[]): History {
  return historyOf(lines.map(eventOf));
}

function eventOf([type, process, f, key, value = null]: Line, timeNs: number): NewEvent {
  const event: NewEvent = { type, process, f, value, timeNs };
  return key === undefined ? event : { ...event, key };
}

/** What the parts are, as plain data. */
function told({ parts, operations, ok }: Parts): unknown {
  const plain = parts.map(({ part, completed, indeterminate }) => [part, completed, indeterminate]);
  return { parts: plain, operations, ok };
}

/** Of two keys and of none; with every way that an operation may end. */
const mixed = history(
  ["invoke", 0, "write", "x", 1],
  ["invoke", 1, "write", "y", 1],
  ["invoke", "nemesis", "kill", "z"],
  ["invoke", 2, "read", "x"],
  ["ok", 2, "read", "x", 1],
  ["info", "nemesis", "kill", "z"],
  ["info", 1, "write", "y"],
  ["invoke", 3, "cas", "y", [1, 2]],
  ["ok", 0, "write", "x", 1],
  ["invoke", 4, "read"],
  ["invoke", 5, "read", null],
  ["fail", 3, "cas", "y", [1, 2]],
  ["ok", 5, "read", null, 7],
  ["ok", 4, "read", undefined, 7],
  ["invoke", 6, "write", "x", 3],
);

describe("by key", () => {
  test("in the order of first operations; completed ones in the order of completions", () => {
    expect(told(splitIntoParts(mixed, casRegister()))).toEqual({
      parts: [
        ["x", [3, 0], [14]],
        ["y", [], [1]],
        [null, [10, 9], []],
      ],
      operations: 7,
      ok: 4,
    });
  });

  test("a failure that says something counts as completed", () => {
    expect(told(splitIntoParts(mixed, casRegister({ failedCas: "observe" })))).toEqual({
      parts: [
        ["x", [3, 0], [14]],
        ["y", [7], [1]],
        [null, [10, 9], []],
      ],
      operations: 7,
      ok: 4,
    });
  });

  test("a key of which all failed is no part", () => {
    const failed = history(
      ["invoke", 0, "write", "x", 1],
      ["fail", 0, "write", "x", 1],
      ["invoke", 0, "write", "y", 1],
    );
    expect(told(splitIntoParts(failed, register()))).toEqual({
      parts: [["y", [], [2]]],
      operations: 2,
      ok: 0,
    });
  });

  test("a history without keys is one part, which knows its invocations", () => {
    const keyless = history(
      ["invoke", 0, "write", undefined, 1],
      ["invoke", "nemesis", "kill"],
      ["invoke", 1, "write", undefined, 2],
      ["invoke", 2, "read"],
      ["fail", 1, "write", undefined, 2],
      ["ok", 2, "read", undefined, 1],
      ["ok", 0, "write", undefined, 1],
      ["invoke", 2, "read"],
      ["info", 2, "read"],
      ["invoke", 3, "write", undefined, 3],
    );
    const parts = splitIntoParts(keyless, register());
    expect(told(parts)).toEqual({ parts: [[null, [3, 0], [7, 9]]], operations: 5, ok: 2 });
    expect(parts.parts[0]?.invocations).toEqual(Int32Array.of(0, 3, 7, 9));
    // The lists are made once.
    expect(parts.parts[0]?.completed).toBe(parts.parts[0]?.completed);
    expect(parts.parts[0]?.indeterminate).toBe(parts.parts[0]?.indeterminate);
    const [other] = splitIntoParts(keyless, register()).parts;
    expect(other?.indeterminate).toEqual([7, 9]);
  });

  test.each([
    [[], true],
    [[["invoke", 0, "read"]], true],
    [[["invoke", 0, "read", null]], false],
    [
      [
        ["invoke", 0, "read"],
        ["invoke", 1, "read", "x"],
      ],
      false,
    ],
    [
      [
        ["invoke", 0, "read", "x"],
        ["invoke", 1, "read"],
      ],
      false,
    ],
  ] satisfies [Line[], boolean][])("%j is keyless: %s", (lines, keyless) => {
    expect(isKeyless(history(...lines))).toBe(keyless);
  });
});

describe("as one part", () => {
  const all = {
    parts: [[null, [3, 10, 0, 9].toSorted(byCompletion), [1, 14]]],
    operations: 7,
    ok: 4,
  };

  test("when the model has none, or somebody asks for it", () => {
    expect(told(splitIntoParts(mixed, searched(casRegister(), ["partition"])))).toEqual(all);
    expect(told(asOnePart(mixed, casRegister()))).toEqual(all);
  });

  test("with the failures that say something", () => {
    const { parts } = asOnePart(mixed, casRegister({ failedCas: "observe" }));
    expect(parts[0]?.completed).toEqual([3, 0, 7, 10, 9]);
    expect(parts[0]?.invocations).toEqual(Int32Array.of(0, 1, 3, 7, 9, 10, 14));
  });

  test.each([
    ["no events", [], 0],
    [
      "the nemesis alone",
      [
        ["invoke", "nemesis", "kill"],
        ["info", "nemesis", "kill"],
      ],
      0,
    ],
    [
      "failures alone",
      [
        ["invoke", 0, "write"],
        ["fail", 0, "write"],
      ],
      1,
    ],
  ] satisfies [string, Line[], number][])("%s is no part", (_, lines, operations) => {
    expect(asOnePart(history(...lines), register())).toEqual({ parts: [], operations, ok: 0 });
    expect(splitIntoParts(history(...lines), register())).toEqual({ parts: [], operations, ok: 0 });
  });

  function byCompletion(one: number, other: number): number {
    return (mixed.pairs[one] as number) - (mixed.pairs[other] as number);
  }
});

describe("by another partition", () => {
  const byInput: Model = {
    name: "by input",
    options: {},
    initial: () => 0,
    step: (state) => [state],
    partition: ({ input }) => (input === "all" ? undefined : input),
  };
  const lines: readonly Line[] = [
    ["invoke", 0, "add", undefined, { a: 1, b: 2 }],
    ["invoke", 1, "add", undefined, 3],
    ["invoke", 2, "add", undefined, { b: 2, a: 1 }],
    ["ok", 2, "add"],
    ["ok", 0, "add"],
  ];

  test("equal parts are one", () => {
    expect(told(splitIntoParts(history(...lines), byInput))).toEqual({
      parts: [
        [{ a: 1, b: 2 }, [2, 0], []],
        [3, [], [1]],
      ],
      operations: 3,
      ok: 2,
    });
  });

  test("an operation about all of them makes the history one part", () => {
    const about = history(...lines, ["invoke", 3, "add", undefined, "all"]);
    expect(told(splitIntoParts(about, byInput))).toEqual({
      parts: [[null, [2, 0], [1, 5]]],
      operations: 4,
      ok: 2,
    });
  });

  test("unless it failed", () => {
    const failed = history(
      ...lines,
      ["invoke", 3, "add", undefined, "all"],
      ["fail", 3, "add", undefined, "all"],
    );
    expect(splitIntoParts(failed, byInput)).toMatchObject({ parts: [{}, {}], operations: 4 });
  });
});

describe("functions that the model does not know", () => {
  const refusal = (f: string, functions: readonly string[]): (() => Parts) => {
    const model: Model = { ...register(), functions };
    return () => splitIntoParts(history(["invoke", 0, "read"], ["invoke", 1, f]), model);
  };
  const start = (f: string, has: string): string =>
    `the model register has no function "${f}" (event 1); it has ${has}. `;

  test.each([
    ["writ", "write"],
    ["writes", "write"],
    ["wrote", "write"],
    ["rwite", "write"],
    ["wri", "write"],
    ["writexy", "write"],
    ["xywrite", "write"],
    ["waite", "write"],
    ["", "cas"],
  ])("%s is taken for %s", (f, near) => {
    const functions = ["read", near];
    if (f === "") functions[1] = "ca";
    expect(refusal(f, functions)).toThrow(
      `${start(f, functions.join(", "))}Did you mean "${functions[1]}"?`,
    );
  });

  test.each(["wr", "writexyz", "etirw", "enqueue", ""])("%s for none", (f) => {
    expect(refusal(f, ["read", "write"])).toThrow(
      `${start(f, "read, write")}Choose a model that has it.`,
    );
    expect(refusal(f, ["read", "write"])).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
    expect(() => asOnePart(history(["invoke", 0, f]), register())).toThrow("(event 0)");
  });

  test("are those of clients, of models that name theirs", () => {
    const { functions: _, ...any } = register();
    const unknown = history(["invoke", 0, "jump"], ["ok", 0, "jump"]);
    expect(splitIntoParts(unknown, any)).toMatchObject({ operations: 1 });
    const nemesis = history(["invoke", "nemesis", "jump"], ["invoke", 0, "read"]);
    expect(splitIntoParts(nemesis, register())).toMatchObject({ operations: 1 });
  });
});

test("a partition of one's own by key is like the one by key", () => {
  const own: Model = { ...casRegister(), partition: (operation) => byKey(operation) };
  expect(told(splitIntoParts(mixed, own))).toEqual(told(splitIntoParts(mixed, casRegister())));
});
