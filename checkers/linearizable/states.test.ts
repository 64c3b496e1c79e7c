import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { canonical, type Value } from "../../src/history/value.js";
import { LimitReached, Meter } from "./meter.js";
import { States } from "./states.js";

const statesOf = (memoryBytes = 2 ** 30): { states: States; meter: Meter } => {
  const meter = new Meter(createBudget({ memoryBytes }));
  return { states: new States(meter), meter };
};

describe("states", () => {
  test("are numbered from 0 on, equal ones alike", () => {
    const { states } = statesOf();
    const given = [null, 0, "0", "", [], {}, [0], ["0"], false, true, { b: 1, a: 2 }, 0.5, -1];
    expect(given.map((state) => states.intern(state))).toEqual(given.map((_, place) => place));
    expect(states.count).toBe(given.length);
    expect(states.intern({ a: 2, b: 1 })).toBe(10);
    expect(states.intern(-0)).toBe(1);
    expect(states.count).toBe(given.length);
    expect(given.map((_, number) => states.at(number))).toEqual(given);
  });

  test("a text and a string that look alike are two", () => {
    const { states } = statesOf();
    expect(states.intern([1])).not.toBe(states.intern("[1]"));
    expect(states.intern(null)).not.toBe(states.intern("null"));
  });

  test("agree with a map of canonical texts, whatever the values", () => {
    const value = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Value>;
    const text = fc.string({ unit: "binary" });
    const small = fc.array(fc.nat({ max: 2 }), { maxLength: 3 });
    const odd = fc.constantFrom<Value>(2 ** 53, -(2 ** 60), 1e300, 5e-324, "\ud800", ["\udfff"]);
    const any: fc.Arbitrary<Value> = fc.oneof(value, text, small, odd, fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), (given) => {
        const { states } = statesOf();
        const known = new Map<string, number>();
        for (const each of given.filter((one) => typeof one !== "number" || Number.isFinite(one))) {
          const key = canonical(each);
          if (!known.has(key)) known.set(key, known.size);
          expect(states.intern(each)).toBe(known.get(key));
        }
        for (const [key, number] of known) expect(canonical(states.at(number))).toBe(key);
      }),
      { numRuns: 500 },
    );
  });

  test("are found again when there are many, of all lengths", () => {
    const { states } = statesOf();
    const state = (index: number): Value => {
      if (index % 3 === 0) return index;
      if (index % 3 === 1) return [index, "é".repeat(index % 700)];
      return { index, list: Array.from({ length: index % 50 }, (_, at) => at) };
    };
    for (let index = 0; index < 20_000; index++) expect(states.intern(state(index))).toBe(index);
    for (let index = 0; index < 20_000; index += 7) {
      expect(states.intern(state(index))).toBe(index);
      expect(states.at(index)).toEqual(state(index));
    }
  });

  test("may be longer than a block", () => {
    const { states } = statesOf();
    const long = (letter: string): Value => [letter.repeat(3 << 20)];
    const numbers = ["a", "b", "a"].map((letter) => states.intern(long(letter)));
    expect(numbers).toEqual([0, 1, 0]);
    expect(states.intern(["a"])).toBe(2);
    expect(states.at(1)).toEqual(long("b"));
    expect(states.at(0)).toEqual(long("a"));
    expect(states.at(2)).toEqual(["a"]);
  });

  test("are frozen, through and through, also when they are read again", () => {
    const { states } = statesOf();
    states.intern([{ a: [1] }]);
    for (let index = 0; index < 2_000; index++) states.intern([index]);
    const state = states.at(0) as readonly [{ readonly a: readonly number[] }];
    expect(state).toEqual([{ a: [1] }]);
    expect([state, state[0], state[0].a].every((each) => Object.isFrozen(each))).toBe(true);
  });
});

describe("the memory of states", () => {
  test.each([
    ["numbers", (index: number): Value => index * 1.5],
    ["texts", (index: number): Value => `state ${index}`],
    ["lists", (index: number): Value => [index, index + 1, "x"]],
  ])("of %s ends at the budget", (_, state) => {
    const { states, meter } = statesOf(1 << 20);
    const intern = (): void => {
      for (let index = 0; index < 1_000_000; index++) states.intern(state(index));
    };
    expect(intern).toThrow(LimitReached);
    expect(meter.bytesMax).toBeLessThanOrEqual(1 << 20);
    expect(states.count).toBeGreaterThan(3_000);
    // What was there before the end is there still.
    expect(states.at(17)).toEqual(state(17));
    expect(states.intern(state(17))).toBe(17);
  });
});
