/** What each lock accepts and rejects, in pairs that differ in one thing. */
import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import { fencedMutex } from "./fenced-mutex.js";
import type { Model, ModelOperation } from "./model.js";
import { mutex } from "./mutex.js";
import { reentrantMutex } from "./reentrant-mutex.js";
import { semaphore } from "./semaphore.js";

/** An operation of a process that returned. */
const by = (process: number, f: string, input: Value = null, output: Value = input) =>
  ({ process, f, key: undefined, input, output, outcome: "ok" }) satisfies ModelOperation;
const acquire = (process: number, input?: Value, output?: Value): ModelOperation =>
  by(process, "acquire", input, output);
const release = (process: number, input?: Value, output?: Value): ModelOperation =>
  by(process, "release", input, output);
const info = (operation: ModelOperation): ModelOperation => ({
  ...operation,
  output: undefined,
  outcome: "info",
});

function run(model: Model, operations: readonly ModelOperation[]): readonly Value[] {
  let states: readonly Value[] = [model.initial()];
  for (const operation of operations) {
    states = states.flatMap((state) => model.step(state, operation));
  }
  return states;
}

type Case = readonly [string, Model, accepts: ModelOperation[], rejects: ModelOperation[]];

const checked = fencedMutex({ checkToken: true });
const again = fencedMutex({ reentrant: true });

const cases: readonly Case[] = [
  [
    "mutex: to acquire needs it free",
    mutex(),
    [acquire(0), release(0), acquire(1)],
    [acquire(0), acquire(1)],
  ],
  ["mutex: to release needs it held", mutex(), [acquire(0), release(0)], [release(0)]],
  [
    "mutex: without owners anyone releases, with them the holder",
    mutex(),
    [acquire(0), release(1)],
    [acquire(0), release(1), release(0)],
  ],
  [
    "mutex: only the process that holds it releases",
    mutex({ owner: "process" }),
    [acquire(0), release(0)],
    [acquire(0), release(1)],
  ],
  [
    "mutex: owners that clients name are not their processes",
    mutex({ owner: "input" }),
    [acquire(0, "a"), release(1, { owner: "a" })],
    [acquire(0, "a"), release(0, "b")],
  ],
  [
    "mutex: a refusal needs it held",
    mutex(),
    [acquire(0), acquire(1, null, false), release(0)],
    [acquire(1, null, false)],
  ],
  [
    "mutex: a refused release needs it free, or another's",
    mutex({ owner: "process" }),
    [acquire(0), release(1, null, false), release(0), release(0, null, false)],
    [acquire(0), release(0, null, false)],
  ],
  [
    "mutex: an indeterminate acquire takes it",
    mutex(),
    [info(acquire(0)), release(0)],
    [info(acquire(0)), acquire(1)],
  ],
  [
    "reentrant-mutex: its holder enters again, nobody else",
    reentrantMutex(),
    [acquire(0), acquire(0)],
    [acquire(0), acquire(1)],
  ],
  [
    "reentrant-mutex: is free after as many releases",
    reentrantMutex(),
    [acquire(0), acquire(0), release(0), release(0), acquire(1)],
    [acquire(0), acquire(0), release(0), acquire(1)],
  ],
  [
    "reentrant-mutex: and after no more",
    reentrantMutex(),
    [acquire(0), release(0), release(0, null, false)],
    [acquire(0), release(0), release(0)],
  ],
  [
    "reentrant-mutex: at most so often",
    reentrantMutex({ max: 2, owner: "input" }),
    [acquire(0, "a"), acquire(1, "a"), acquire(0, "a", false)],
    [acquire(0, "a"), acquire(1, "a"), acquire(0, "a")],
  ],
  [
    "fenced-mutex: tokens grow",
    fencedMutex(),
    [acquire(0, null, 1), release(0), acquire(1, null, 2)],
    [acquire(0, null, 1), release(0), acquire(1, null, 1)],
  ],
  [
    "fenced-mutex: a token that nobody knows bounds nothing, what is known does",
    fencedMutex(),
    [acquire(0, null, 3), release(0), info(acquire(1)), release(1), acquire(1, null, 4)],
    [acquire(0, null, 3), release(0), info(acquire(1)), release(1), acquire(1, null, 2)],
  ],
  [
    "fenced-mutex: a release needs the holder's token where they are checked",
    checked,
    [acquire(0, null, 5), release(0, 4, false), release(0, 5)],
    [acquire(0, null, 5), release(0, 4)],
  ],
  [
    "fenced-mutex: is not refused the right one",
    checked,
    [acquire(0, null, 5), release(0, { token: 6 }, false)],
    [acquire(0, null, 5), release(0, { token: 5 }, false)],
  ],
  [
    "fenced-mutex: a checked release tells a token that was not known",
    checked,
    [acquire(0, null, 5), release(0), info(acquire(0)), release(0, 7), acquire(1, null, 8)],
    [acquire(0, null, 5), release(0), info(acquire(0)), release(0, 7), acquire(1, null, 6)],
  ],
  [
    "fenced-mutex: tokens are not looked at where they are not checked",
    fencedMutex(),
    [acquire(0, null, 5), release(0, 4)],
    [acquire(0, null, 5), release(0, 4, false)],
  ],
  [
    "fenced-mutex: the holder gets the same token again",
    again,
    [acquire(0, null, 5), acquire(0, null, 5), release(0), release(0), acquire(1, null, 6)],
    [acquire(0, null, 5), acquire(0, null, 6)],
  ],
  [
    "fenced-mutex: the second acquire tells the token of the first",
    again,
    [info(acquire(0)), acquire(0, null, 5), acquire(0, null, 5)],
    [info(acquire(0)), acquire(0, null, 5), acquire(0, null, 6)],
  ],
  [
    "semaphore: no more permits than there are",
    semaphore({ permits: 3 }),
    [acquire(0, 2), acquire(1)],
    [acquire(0, 2), acquire(1, 2)],
  ],
  [
    "semaphore: no more are given back than were taken",
    semaphore({ permits: 3 }),
    [acquire(0, 2), release(1, 2), acquire(1, 3)],
    [acquire(0, 2), release(0, 3)],
  ],
  [
    "semaphore: a refusal needs too few to be left",
    semaphore({ permits: 3 }),
    [acquire(0, 2), acquire(1, 2, false)],
    [acquire(0, 2), acquire(1, 1, false)],
  ],
  [
    "semaphore: with owners each gives back his own",
    semaphore({ permits: 3, owner: "process" }),
    [acquire(0, 2), acquire(1), release(0, 2), release(1)],
    [acquire(0, 2), acquire(1), release(1, 2)],
  ],
];

describe("what locks accept and reject", () => {
  test.each(cases)("%s", (_, model, accepts, rejects) => {
    expect(run(model, accepts)).not.toEqual([]);
    expect(run(model, rejects)).toEqual([]);
  });
});

describe("what is wrong with the question is an error", () => {
  const errors: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no such owner", () => mutex({ owner: "me" as "none" }), /owner is "none" or "process"/],
    ["no owner", () => reentrantMutex({ owner: "none" as "input" }), /owner is "input" or/],
    ["no permits", () => semaphore({ permits: 0 }), /permits is a positive integer/],
    ["an unnamed owner", () => run(mutex({ owner: "input" }), [acquire(0)]), /name of the owner/],
    ["half a permit", () => run(semaphore(), [acquire(0, 0.5)]), /positive number of permits/],
    ["a token of letters", () => run(fencedMutex(), [acquire(0, null, "x")]), /tokens are numbers/],
  ];
  test.each(errors)("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test("the type says what is not by nature so", () => {
  const rolesOf = (model: Model): unknown => model.type?.roles;
  expect(rolesOf(mutex())).toEqual({ acquire: "acquire", release: "release" });
  expect(rolesOf(reentrantMutex())).toEqual({ acquire: "acquire", release: "release" });
  expect(rolesOf(mutex({ owner: "input" }))).toEqual({
    acquire: "input-acquire",
    release: "input-release",
  });
  expect(rolesOf(fencedMutex({ reentrant: true, checkToken: true }))).toEqual({
    acquire: "process-reentrant-checked-acquire",
    release: "process-reentrant-checked-release",
  });
});
