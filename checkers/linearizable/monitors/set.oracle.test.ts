/**
 * Sets whose elements are added and removed once, against brute force.
 */
import { describe, expect, test } from "vitest";
import type { Model } from "../../../src/model/model.js";
import { expectAgreement, type Counts } from "../../../test/oracle/differential.js";
import type { CallShape, Dice, Moment } from "../../../test/oracle/random-history.js";

/** A set of numbers, an element a part. */
const set = (): Model<readonly number[]> => ({
  name: "set",
  options: {},
  initial: () => [],
  step: (members, { f, input, output, outcome }) => {
    const element = input as number;
    const others = members.filter((member) => member !== element);
    const present = others.length < members.length;
    const found = f === "add" ? !present : present;
    if (outcome === "ok" && typeof output === "boolean" && output !== found) return [];
    if (f === "contains") return [members];
    return [f === "add" ? [...others, element].sort((a, b) => a - b) : others];
  },
  partition: ({ input }) => input,
  type: { name: "set", roles: { add: "add", remove: "remove", contains: "contains" } },
  readOnly: ({ f }) => f === "contains",
});

/** A multiset of numbers, an element a part. */
const multiset = (): Model<readonly number[]> => ({
  name: "multiset",
  options: {},
  initial: () => [],
  step: (members, { f, input, output, outcome }) => {
    const element = input as number;
    if (f === "add") return [[...members, element].sort((a, b) => a - b)];
    const count = members.filter((member) => member === element).length;
    const found = f === "count" ? count : count > 0;
    const said = outcome === "ok" && output !== null;
    if (said && output !== found) return [];
    const at = members.indexOf(element);
    return [f === "remove" && at >= 0 ? members.toSpliced(at, 1) : members];
  },
  partition: ({ input }) => input,
  type: { name: "multiset", roles: { add: "add", remove: "remove", count: "count" } },
  readOnly: ({ f }) => f === "count",
});

function expectDecided(counts: Counts, search: string): void {
  const all = counts.valid + counts.invalid;
  expect(counts.valid / all).toBeGreaterThan(0.1);
  expect(counts.invalid / all).toBeGreaterThan(0.1);
  const decided = counts.searches[search] ?? 0;
  const others = Object.values(counts.searches).reduce((sum, count) => sum + count, 0) - decided;
  expect(decided / (decided + others)).toBeGreaterThan(0.5);
}

const answers = ({ dice }: Moment): (boolean | null)[] => (dice(8) === 0 ? [null] : [true, false]);

/** Elements that are added once. */
const once = (dice: Dice): CallShape[] => [
  { f: "add", input: ({ fresh }) => fresh(), outputs: answers },
  { f: "remove", input: ({ known }) => known(), outputs: answers },
  { f: "contains", weight: 1 + dice(2), input: ({ known }) => known(), outputs: answers },
];

/** Few elements, and everything about them. */
const few = (dice: Dice, elements: number): CallShape[] =>
  ["add", "remove", "contains"].flatMap((f) => {
    if (f === "remove" && dice(3) === 0) return [];
    return [
      {
        f,
        weight: f === "contains" ? 3 : 1,
        input: ({ dice: pick }) => pick(elements),
        outputs: answers,
      },
    ];
  });

describe("sets", { timeout: 3_600_000 }, () => {
  test("elements that are added once", async () => {
    const counts = await expectAgreement((dice) => ({
      model: set(),
      operationsMax: 10,
      processesMax: 5,
      indeterminate: dice(3) === 0 ? 3 : 6,
      calls: once(dice),
    }));
    expectDecided(counts, "set-lives");
  });

  test("one element, or two", async () => {
    const counts = await expectAgreement((dice) => ({
      model: set(),
      operationsMax: 7,
      processesMax: 5,
      indeterminate: dice(3) === 0 ? 3 : 8,
      calls: few(dice, 1 + dice(2)),
    }));
    expectDecided(counts, "set-lives");
  });

  test("multisets whose elements are added once, mostly", async () => {
    const counts = await expectAgreement((dice) => ({
      model: multiset(),
      operationsMax: 8,
      processesMax: 5,
      indeterminate: dice(3) === 0 ? 3 : 6,
      calls: [
        {
          f: "add",
          input: ({ fresh, known }) => (dice(9) === 0 ? known() : fresh()),
          outputs: () => [null],
        },
        { f: "remove", input: ({ known }) => known(), outputs: answers },
        {
          f: "count",
          weight: 2,
          input: ({ known }) => known(),
          outputs: () => (dice(8) === 0 ? [null] : [0, 1, 0, 1, 2]),
        },
      ],
    }));
    expectDecided(counts, "multiset-lives");
  });
});
