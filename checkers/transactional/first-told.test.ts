/** A history told as one that begins with nothing, against the same made event by event. */
import { expect, test } from "vitest";
import { makeTransactions } from "../../bench/transactional/transactions.js";
import { createHistory, historyOf } from "../../src/history/history.js";
import type { History, NewEvent } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { createRandom } from "../../src/random.js";
import { Firsts, toldFrom, withLists } from "./first-told.js";

/** What some keys hold at first, and not all reads of that are told so. */
const INITIAL: { readonly [key: string]: Value } = { 0: 0, 1: "a", 2: [7], 3: { x: 1 }, 5: 3 };

/** Registers of which keys that hold something are read so, beside operations of other kinds. */
function begun(seed: number, transactions: number): History {
  const random = createRandom(seed);
  const stale = random.chance(0.5) ? "old" : "one";
  const made = makeTransactions({ transactions, on: "registers", stale });
  const events: NewEvent[] = [];
  const add = (event: Omit<NewEvent, "timeNs">): void => {
    events.push({ ...event, timeNs: events.length });
  };
  add({ type: "invoke", process: 90, f: "init", value: INITIAL });
  add({ type: "ok", process: 90, f: "init", value: INITIAL });
  for (let index = 0; index < made.length; index++) {
    const { type, process, value } = made.event(index);
    const micro = (value as readonly (readonly Value[])[]).map((each): Value => {
      const [f = null, key = null, read = null] = each;
      const first = INITIAL[canonical(key)];
      if (f !== "r" || read !== null || first === undefined || random.chance(0.1)) return each;
      return random.chance(0.1) ? [f, key] : [f, key, first];
    });
    const kind = type === "ok" && random.chance(0.05) ? "fail" : type;
    add({ type: kind, process, f: "txn", value: micro });
    if (!random.chance(0.1)) continue;
    add({ type: "invoke", process: 91, f: "read", key: random.below(3), value: INITIAL });
    add({ type: "info", process: 91, f: "read", value: null, error: ["late", 0] });
  }
  return historyOf(events);
}

const initial: ReadonlyMap<string, string> = new Map(
  Object.entries(INITIAL).map(([key, value]) => [key, canonical(value)]),
);

/** The same, event by event. */
function toldByEvents(history: History): History {
  const told = (micro: Value): Value => {
    const [f = null, key = null, value = null] = micro as readonly Value[];
    const first = initial.get(typeof key === "string" ? key : canonical(key));
    const isFirst = f === "r" && first !== undefined && canonical(value) === first;
    return isFirst ? [f, key, null] : micro;
  };
  return historyOf(
    Array.from({ length: history.length }, (_, index): NewEvent => {
      const event = history.event(index);
      if (event.f === "init") return { ...event, value: {} };
      if (event.f !== "txn" || event.type !== "ok") return event;
      return { ...event, value: (event.value as readonly Value[]).map(told) };
    }),
  );
}

function told(history: History): History {
  const listed = withLists(history);
  const pool = listed.copyPool();
  return toldFrom(listed, pool, new Firsts(listed, pool, Object.entries(INITIAL)));
}

test.each([1, 2, 3, 4, 5, 6])("seed %i: the same events, the same columns", (seed) => {
  const history = begun(seed, 40 * seed);
  const before = JSON.stringify([history.pool, Array.from(history.values)]);
  const expected = toldByEvents(history);
  // A history that went to another thread has no lists.
  const { length, pool, lists: _, ...columns } = { ...history, pool: history.pool };
  const elsewhere = createHistory({ ...columns, length, pool });
  expect(elsewhere.lists).toBeUndefined();
  for (const each of [history, elsewhere]) {
    const own = told(each);
    for (let index = 0; index < length; index++) {
      expect(own.event(index)).toEqual(expected.event(index));
    }
    // Equal values have equal positions, and those of the history keep theirs.
    expect(new Set(own.pool.map((value) => canonical(value))).size).toBe(own.pool.length);
    expect(own.pool.slice(0, pool.length)).toEqual(pool);
    for (const name of ["types", "processes", "timesNs", "pairs"] as const) {
      expect(own[name], name).toEqual(expected[name]);
    }
    expect(own.functionNames).toEqual(expected.functionNames);
    const { starts, items } = own.lists ?? { starts: [], items: [] };
    own.pool.forEach((value, position) => {
      const start = starts[position] as number;
      if (!Array.isArray(value)) return expect(start).toBeLessThan(0);
      const at = Array.from(items.slice(start + 1, start + 1 + value.length));
      expect(at.map((item) => own.valueAt(item))).toEqual(value);
    });
  }
  expect(JSON.stringify([history.pool, Array.from(history.values)])).toBe(before);
  expect(expected.values).not.toEqual(history.values);
});

test("no event is made", () => {
  const history = begun(7, 200);
  const own = told(
    Object.assign(Object.create(withLists(history)) as History, {
      event: () => {
        throw new Error("an event was made");
      },
    }),
  );
  expect(own.length).toBe(history.length);
});
