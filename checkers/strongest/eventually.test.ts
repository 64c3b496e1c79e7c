/**
 * The eventual levels among the others: asked where a history comes to rest and is read after that,
 * and not so much as named where it is not.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { makeChecker } from "../../src/cli/catalog.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { counter } from "../../src/model/counter.js";
import { fifoQueue } from "../../src/model/fifo-queue.js";
import { log } from "../../src/model/log.js";
import type { Model } from "../../src/model/model.js";
import { register } from "../../src/model/register.js";
import { set } from "../../src/model/set.js";

type Call = readonly [
  process: number,
  f: string,
  input: Value,
  output: Value,
  seconds: number,
  key?: string,
];

function history(...calls: readonly Call[]): History {
  return historyOf(
    calls.flatMap(([process, f, input, output, seconds, key]): NewEvent[] => {
      const about = { process, f, timeNs: seconds * 1e9, ...(key === undefined ? {} : { key }) };
      return [
        { ...about, type: "invoke", value: input },
        { ...about, type: "ok", value: output },
      ];
    }),
  );
}

/** What is said of the eventual levels: `+`, `-`, or nothing. */
async function ask(model: Model, of: History): Promise<{ strong?: string; eventual?: string }> {
  const { details } = await makeChecker("strongest", model).check(of, createBudget());
  const levels = details?.["levels"] as readonly { level: string; verdict: string }[];
  const said = (name: string): string | undefined =>
    levels.find(({ level }) => level === name)?.verdict;
  const strong = said("strong-eventual");
  const plain = said("eventual");
  return {
    ...(strong === undefined ? {} : { strong }),
    ...(plain === undefined ? {} : { eventual: plain }),
  };
}

const CASES: readonly (readonly [
  string,
  Model,
  History,
  { readonly strong?: string; readonly eventual?: string },
])[] = [
  [
    "a set that all see alike in the end",
    set(),
    history(
      [0, "add", "a", "a", 0],
      [1, "read", null, [], 0.5],
      [0, "read", null, ["a"], 3],
      [1, "read", null, ["a"], 3],
    ),
    { strong: "valid", eventual: "valid" },
  ],
  [
    "a set that is read in another order",
    set(),
    history(
      [0, "add", "a", "a", 0],
      [1, "add", "b", "b", 0],
      [0, "read", null, ["a", "b"], 3],
      [1, "read", null, ["b", "a"], 3],
    ),
    { strong: "valid", eventual: "valid" },
  ],
  [
    "a set of which one knows less in the end",
    set(),
    history(
      [0, "add", "a", "a", 0],
      [0, "read", null, ["a"], 3],
      [1, "contains", "a", false, 4],
      [1, "read", null, [], 5],
    ),
    { strong: "invalid", eventual: "invalid" },
  ],
  [
    "a log that is in two orders for a while",
    log(),
    history(
      [0, "append", "a", "a", 0],
      [1, "append", "b", "b", 0],
      [0, "read", null, ["a", "b"], 0.1],
      [1, "read", null, ["b", "a"], 0.1],
      [0, "read", null, ["a", "b"], 3],
      [1, "read", null, ["a", "b"], 3],
    ),
    { strong: "invalid", eventual: "valid" },
  ],
  [
    "two keys, each an object of its own",
    register(),
    history(
      [0, "write", 1, 1, 0, "x"],
      [1, "write", 2, 2, 0, "y"],
      [0, "read", null, 1, 3, "x"],
      [1, "read", null, 1, 3, "x"],
      [0, "read", null, 2, 3, "y"],
      [1, "read", null, 2, 3, "y"],
    ),
    { eventual: "valid" },
  ],
  [
    "replicas that are named by the input of reads",
    counter(),
    history([0, "add", 1, 1, 0], [0, "read", "n1", 1, 3], [0, "read", "n2", 0, 3]),
    { eventual: "invalid" },
  ],
  [
    "no reads in the end",
    set(),
    history([0, "add", "a", "a", 0], [0, "read", null, ["a"], 0.1], [1, "read", null, ["a"], 0.2]),
    {},
  ],
  [
    "slices of a log",
    log(),
    history(
      [0, "append", "a", "a", 0],
      [0, "append", "b", "b", 0],
      [0, "read", { from: 0, limit: 1 }, ["a"], 3],
      [1, "read", { from: 1, limit: 1 }, ["b"], 3],
    ),
    {},
  ],
  [
    "a set from which something is removed: what was seen is not known",
    set(),
    history(
      [0, "add", "a", true, 0],
      [0, "remove", "a", true, 0],
      [0, "read", null, [], 3],
      [1, "read", null, [], 3],
    ),
    { eventual: "valid" },
  ],
  [
    "a queue, which nobody reads",
    fifoQueue(),
    history([0, "enqueue", 1, 1, 0], [1, "dequeue", null, 1, 3]),
    {},
  ],
];

describe.each(CASES)("%s", (_, model, of, expected) => {
  test(JSON.stringify(expected), async () => {
    expect(await ask(model, of)).toEqual(expected);
  });
});

test("what is not decided is not counted as open", async () => {
  const of = history([0, "add", "a", "a", 0], [0, "read", null, ["a"], 0.1]);
  const { verdict, parts, details } = await makeChecker("strongest", set()).check(
    of,
    createBudget(),
  );
  expect(verdict).toBe("valid");
  expect(details?.["undecided"]).toEqual([]);
  expect(Object.keys(parts ?? {})).toEqual(["linearizable"]);
});

test("what breaks the eventual levels is told with the others", async () => {
  const [, model, of] = CASES[3] as (typeof CASES)[number];
  const { anomalies } = await makeChecker("strongest", model).check(of, createBudget());
  const told = anomalies.find(({ details }) => details?.["breaks"] === "strong-eventual");
  expect(told?.kind).toBe("conflicting-states");
  expect(told?.operations).toEqual([4, 6]);
});
