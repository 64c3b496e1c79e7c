import { describe, expect, test } from "vitest";
import { limit, simulate } from "../../src/generator/index.js";
import type { HistoryEvent } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";
import { bank, listAppend, predicate, rwRegister, setAppend, writeSkew } from "../index.js";
import type { MicroOperation } from "./workload.js";

const CONTEXT = { functions: new Set(["txn", "rows"]), concurrency: 4 };

type Make = typeof listAppend;

/** Invocations and completions, where every other transaction ends with this error. */
function run(make: Make, retries: number, error: Value, type: "fail" | "info" = "fail") {
  let count = 0;
  const generator = limit(80, make({ retries }).generator(CONTEXT));
  return simulate(generator, {
    concurrency: 4,
    maxEvents: Infinity,
    seed: 5,
    answer: () =>
      count++ % 2 === 0 ? { type, error, latencyMs: 3 } : { type: "ok", latencyMs: 3 },
  });
}

function stepsOf({ value }: HistoryEvent): readonly MicroOperation[] {
  return value as unknown as readonly MicroOperation[];
}

/** What a transaction does, without what only it writes. */
function shapeOf(make: Make, event: HistoryEvent): string {
  const isNamed = make === predicate;
  const shape = stepsOf(event).map(([f, key, value]) => {
    if (f === "r" || f === "rp") return [f, key];
    return isNamed ? [f, value] : [f, key];
  });
  return canonical(shape);
}

/** Transactions of each process after which it began another, with that one. */
function pairs(events: readonly HistoryEvent[]): (readonly [HistoryEvent, HistoryEvent])[] {
  const last = new Map<unknown, HistoryEvent>();
  const found: (readonly [HistoryEvent, HistoryEvent])[] = [];
  for (const event of events) {
    const before = last.get(event.process);
    if (event.type === "invoke" && before !== undefined) found.push([before, event]);
    last.set(event.process, event);
  }
  return found;
}

const MAKES = [listAppend, rwRegister, setAppend, writeSkew, predicate] as const;
const LOST = ["conflict", "could not serialize access"];

describe.each(MAKES.map((make) => [make().name, make] as const))("%s", (_, make) => {
  test("what lost is tried again, with other values, and nothing else is", () => {
    const events = run(make, 100, LOST);
    const shapes = pairs(events).map(([before, next]) => {
      const isSame = shapeOf(make, before) === shapeOf(make, next);
      return `${before.type} ${isSame}`;
    });
    expect(shapes).toContain("fail true");
    expect(shapes).not.toContain("fail false");
    expect(shapes).toContain("ok false");
  });

  test("nothing is written twice", () => {
    const invocations = run(make, 100, LOST).filter(({ type }) => type === "invoke");
    expect(invocations).toHaveLength(80);
    const written = invocations.flatMap((event) =>
      stepsOf(event)
        // Of rows, those that are there are changed as they were to be at first.
        .filter(([f]) => f !== "r" && f !== "rp" && (make !== predicate || f === "insert"))
        .map(([f, key, value]) => canonical(make === predicate ? [f, key] : [key, value])),
    );
    expect(new Set(written).size).toBe(written.length);
  });
});

test("not more often than it is told to", () => {
  const always = (retries: number): number => {
    const events = simulate(limit(60, listAppend({ retries }).generator(CONTEXT)), {
      concurrency: 1,
      maxEvents: Infinity,
      seed: 5,
      answer: () => ({ type: "fail", error: LOST, latencyMs: 3 }),
    }).filter(({ type }) => type === "invoke");
    const shapes = events.map((event) => shapeOf(listAppend, event));
    let longest = 1;
    for (let at = 1, same = 1; at < shapes.length; at++) {
      same = shapes[at] === shapes[at - 1] ? same + 1 : 1;
      longest = Math.max(longest, same);
    }
    return longest;
  };
  expect(always(3)).toBeGreaterThanOrEqual(4);
  expect(always(3)).toBeLessThan(8);
  expect(always(0)).toBeLessThan(4);
});

test.each([
  ["an error that is no loss", ["rolled-back", "by its client"], "fail"],
  ["an outcome that is not known", LOST, "info"],
  ["an error without a code", null, "fail"],
] as const)("%s is no reason to try again", (_, error, type) => {
  const repeated = pairs(run(listAppend, 100, error as Value, type)).filter(
    ([before, next]) =>
      before.type !== "ok" && shapeOf(listAppend, before) === shapeOf(listAppend, next),
  );
  expect(repeated.length).toBeLessThan(3);
});

test("a bank's clients transfer the same again, and no other client does", () => {
  let count = 0;
  const context = { functions: new Set(["bank"]), concurrency: 4 };
  const events = simulate(limit(80, bank({ retries: 9 }).generator(context)), {
    concurrency: 4,
    maxEvents: Infinity,
    seed: 5,
    answer: () => ({ type: count++ % 2 === 0 ? "fail" : "ok", error: LOST, latencyMs: 3 }),
  });
  const outcomes = pairs(events).map(([{ type, f, value }, next]) => {
    return `${type} ${canonical([f, value]) === canonical([next.f, next.value])}`;
  });
  expect(outcomes).toContain("fail true");
  expect(outcomes).not.toContain("fail false");
});

test("a number of retries that is none is refused", () => {
  for (const retries of [-1, 1.5, Number.NaN]) {
    expect(() => listAppend({ retries })).toThrow(/retries is a whole number/);
    expect(() => bank({ retries })).toThrow(/retries is a whole number/);
  }
});
