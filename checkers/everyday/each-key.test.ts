/** Judging each key for itself: what the parts are, and how their verdicts are merged. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import {
  createHistory,
  historyOf,
  type History,
  type NewEvent,
} from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { NO_LIST, objectStart, type Lists } from "../../src/history/value-pool.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { causalReverse } from "../causal-reverse.js";
import { exactlyOnce } from "../exactly-once.js";
import { setFull } from "../set-full.js";
import { partsOf } from "./each-key.js";

type Call = readonly [f: string, key: number, input: Value, output: Value];

/** Calls one after the other, each by one of two processes. */
function callsOf(...calls: readonly Call[]): History {
  return historyOf(
    calls.flatMap(([f, key, input, output], at): readonly NewEvent[] => {
      const shared = { process: at % 2, f, key };
      return [
        { ...shared, type: "invoke", value: input, timeNs: at * 2_000 },
        { ...shared, type: "ok", value: output, timeNs: at * 2_000 + 1_000 },
      ];
    }),
  );
}

/** The same history as it comes from elsewhere: its pool does not say what is in its lists. */
const withoutLists = (history: History): History =>
  createHistory({ ...history, pool: history.pool, lists: undefined });

/** A value, made of what its columns say. */
function fromColumns(history: History, position: number): Value {
  const { starts, items } = history.lists as Lists;
  const given = starts[position] as number;
  if (given === NO_LIST) return history.valueAt(position);
  const start = given >= 0 ? given : objectStart(given);
  const places = items.subarray(start + 1, start + 1 + (items[start] as number));
  const own = Array.from(places, (place) => fromColumns(history, place));
  if (given >= 0) return own;
  return Object.fromEntries(
    own.flatMap((name, at) => (at % 2 === 0 ? [[name as string, own[at + 1] as Value]] : [])),
  );
}

const value = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom<Value>("x", null, [1], [1, [2]], [], { a: [1] }, -1, 0.5),
);
const call = fc.oneof(
  fc.tuple(fc.constantFrom("add", "remove"), fc.nat(2), value, value),
  fc.tuple(fc.constant("read"), fc.nat(2), fc.constant(null), fc.array(value, { maxLength: 5 })),
);
const calls = fc.array(call, { minLength: 1, maxLength: 16 });

test("a part has the operations of its key, with the values that they have in the whole", () => {
  fc.assert(
    fc.property(calls, fc.boolean(), (given, isBare) => {
      const whole = isBare ? withoutLists(callsOf(...given)) : callsOf(...given);
      let operations = 0;
      for (const { key, history, indices } of partsOf(whole, { withFaults: false })) {
        expect(history.pool.length).toBeLessThanOrEqual(whole.pool.length);
        for (const invocation of history.invocations()) {
          const { completion, ...own } = history.operation(invocation);
          const there = whole.operation(indices[invocation] as number);
          expect(own.key).toEqual(key);
          expect({ ...own, invocation: there.invocation, completion: there.completion }).toEqual(
            there,
          );
          const position = history.values[invocation] as number;
          const input = history.lists === undefined ? own.input : fromColumns(history, position);
          expect(input).toEqual(own.input);
          expect(indices[completion as number]).toBe(there.completion);
          operations++;
        }
      }
      expect(operations).toBe(given.length);
    }),
  );
});

test("lists of a part are its own values, also lists in lists", () => {
  fc.assert(
    fc.property(calls, (given) => {
      for (const { history } of partsOf(callsOf(...given), { withFaults: false })) {
        const { starts, items } = history.lists ?? {};
        expect(starts).toHaveLength(history.pool.length);
        for (const [position, shown] of history.pool.entries()) {
          const start = starts?.[position] as number;
          expect(start >= 0).toBe(Array.isArray(shown));
          if (!Array.isArray(shown)) continue;
          const length = items?.[start] as number;
          const listed = items?.slice(start + 1, start + 1 + length) ?? [];
          expect(Array.from(listed, (item) => history.pool[item])).toEqual(shown);
        }
      }
    }),
  );
});

test("a history that does not say what is in its lists is judged in the same way", async () => {
  const timeless = (verdict: Verdict): unknown =>
    JSON.parse(JSON.stringify(verdict, (name, of: unknown) => (name === "elapsedMs" ? 0 : of)));
  await fc.assert(
    fc.asyncProperty(calls, async (given) => {
      const history = callsOf(...given);
      for (const checker of [setFull(), causalReverse(), exactlyOnce()]) {
        const verdict = await checker.check(history, createBudget());
        const bare = await checker.check(withoutLists(history), createBudget());
        expect(timeless(bare)).toEqual(timeless(verdict));
      }
    }),
    { numRuns: 500 },
  );
});

test("keys where nothing happened are counted when there are no others", async () => {
  const read = (key: number): Call => ["read", key, null, []];
  const { verdict, reason } = await setFull().check(
    callsOf(read(1), read(2), read(3)),
    createBudget(),
  );
  expect(verdict).toBe("unknown");
  expect(reason).toMatch(/^Key 1: Nothing was proved: .* \(And 2 more keys\.\)$/);
});

test("keys where nothing happened take nothing from the others", async () => {
  const history = callsOf(["read", 1, null, []], ["add", 2, 7, 7], ["read", 2, null, [7]]);
  const { verdict, reason, details } = await setFull().check(history, createBudget());
  expect(verdict).toBe("valid");
  expect(reason).toMatch(/^It holds for one key\. Of 1 element, /);
  expect(details).toMatchObject({ keys: 2, valid: 1, unknown: 1, empty: 1 });
});
