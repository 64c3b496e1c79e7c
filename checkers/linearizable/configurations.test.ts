/**
 * Sets of configurations against a plain list over random operations; what dominates what; and what
 * the meter is told of their memory, to the byte.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { createRandom } from "../../src/random.js";
import { Configurations, Spares, type RowLayout } from "./configurations.js";
import { LimitReached, Meter } from "./meter.js";

/** A word with a counter of three bits and one of 27, and a word with one of 31. */
const GUARDS = Int32Array.of((1 << 3) | (1 << 31), 1 << 31);
const COUNTED: RowLayout = { headWords: 2, guards: GUARDS };
const PLAIN: RowLayout = { headWords: 3, guards: new Int32Array(0) };

function createMeter(memoryBytes = Infinity): Meter {
  return new Meter(createBudget({ memoryBytes, timeMs: Infinity }));
}

/** A row of `COUNTED`: its head, then its three counters. */
function counted(head: readonly [number, number], counters: readonly number[]): Int32Array {
  const [low = 0, high = 0, other = 0] = counters;
  return Int32Array.of(...head, low | (high << 4), other);
}

/** Bytes of so many rows: words, tag, previous and slot; two slots; as much for exact rows. */
function bytesOf(capacity: number, { headWords, guards }: RowLayout): number {
  const words = headWords + guards.length + 3 + 2 + (guards.length > 0 ? 3 : 0);
  return 4 * capacity * words;
}

/** The definition: a list that is searched from end to end. */
class PlainList {
  rows: Int32Array[] = [];
  tags: number[] = [];
  readonly #layout: RowLayout;

  constructor(layout: RowLayout) {
    this.#layout = layout;
  }

  add(row: Int32Array): number {
    const { headWords, guards } = this.#layout;
    const same = this.rows.filter((other) => isPrefix(other, row, headWords));
    if (same.some((other) => isPrefix(other, row, row.length))) return -1;
    if (guards.length === 0 && same.length > 0) return -1;
    const used = countersOf(row, headWords);
    const dominated = same
      .slice(-48)
      .some((other) => countersOf(other, headWords).every((count, at) => count <= used[at]!));
    return dominated ? -1 : this.rows.push(row.slice()) - 1;
  }
}

function isPrefix(one: Int32Array, other: Int32Array, length: number): boolean {
  return one.subarray(0, length).every((word, at) => word === other[at]);
}

function countersOf(row: Int32Array, head: number): number[] {
  const [first = 0, second = 0] = row.subarray(head);
  return [first & 7, (first >>> 4) & (2 ** 27 - 1), second];
}

function expectSame(set: Configurations, list: PlainList): void {
  expect(set.count).toBe(list.rows.length);
  expect([...set.rows.subarray(0, set.count * set.stride)]).toEqual(
    list.rows.flatMap((row) => [...row]),
  );
  expect([...set.tags.subarray(0, set.count)]).toEqual(list.tags);
}

describe("against a plain list", () => {
  test.each([1, 2, 3, 4])("random operations (seed %i)", (seed) => {
    const random = createRandom(seed);
    const draw = (below: number): number => random.below(below);
    let layout = COUNTED;
    const set = new Configurations(layout, createMeter());
    let list = new PlainList(layout);
    const narrow = seed % 2 === 0 ? 3 : 40;
    for (let step = 0; step < 4000; step++) {
      const luck = draw(1000);
      if (luck < 3) {
        expectSame(set, list);
        const numbers = list.rows.map((_, number) => number).filter(() => draw(3) > 0);
        set.keep(Int32Array.from(numbers));
        list.rows = numbers.map((number) => list.rows[number] as Int32Array);
        list.tags = numbers.map((number) => list.tags[number] as number);
      } else if (luck === 3) {
        set.clear();
        list = new PlainList(layout);
      } else if (luck === 4) {
        if (draw(2) === 0) set.free();
        layout = draw(2) === 0 ? COUNTED : PLAIN;
        set.begin(layout);
        list = new PlainList(layout);
      } else {
        const row =
          layout === PLAIN
            ? Int32Array.of(draw(narrow) - 1, draw(narrow), draw(2) << 31)
            : counted(
                [draw(narrow), draw(narrow) << 28],
                [draw(8), draw(50) << draw(22), draw(9) << draw(28)],
              );
        const added = set.add(row);
        expect(added).toBe(list.add(row));
        if (added >= 0) set.tags[added] = list.tags[added] = draw(2 ** 31);
      }
    }
    expectSame(set, list);
  });
});

describe("domination", () => {
  const head = [7, 9] as const;

  test("fewer in every counter dominates, fewer in some does not", () => {
    const set = new Configurations(COUNTED, createMeter());
    expect(set.add(counted(head, [3, 5, 2]))).toBe(0);
    expect(set.add(counted(head, [3, 5, 2]))).toBe(-1);
    for (const at of [0, 1, 2]) {
      const more = [3, 5, 2].with(at, 7);
      expect(set.add(counted(head, more))).toBe(-1);
      expect(set.add(counted(head, more.with((at + 1) % 3, 1)))).toBe(at + 1);
    }
    // Fewer of all comes too late to take the place of the others.
    expect(set.add(counted(head, [1, 1, 1]))).toBe(4);
    expect(set.add(counted(head, [7, 7, 7]))).toBe(-1);
    expect(set.count).toBe(5);
  });

  test("only within a head", () => {
    const set = new Configurations(COUNTED, createMeter());
    expect(set.add(counted([7, 9], [0, 0, 0]))).toBe(0);
    expect(set.add(counted([7, 8], [1, 1, 1]))).toBe(1);
    expect(set.add(counted([6, 9], [1, 1, 1]))).toBe(2);
  });

  test("a new row is compared with the last 48 of its head", () => {
    const set = new Configurations(COUNTED, createMeter());
    const row = (step: number): Int32Array => counted(head, [0, 2 * step, 300 - 2 * step]);
    for (let step = 0; step < 120; step++) expect(set.add(row(step))).toBe(step);
    // Each of these is dominated by one row alone.
    const above = (step: number): Int32Array => counted(head, [0, 2 * step + 1, 300 - 2 * step]);
    expect(set.add(above(72))).toBe(-1);
    expect(set.add(above(71))).toBe(120);
    expect(set.add(above(72))).toBe(121);
    // What is there exactly is found however far back it is, added before it grew or after.
    expect(set.add(row(0))).toBe(-1);
    expect(set.add(row(66))).toBe(-1);
  });
});

describe("memory", () => {
  const fill = (set: Configurations, count: number): void => {
    for (let row = 0; row < count; row++)
      set.add(Int32Array.of(row, 1, 2, 0).subarray(0, set.stride));
  };

  test.each([
    ["with counters", COUNTED],
    ["without", PLAIN],
  ])("doubles when it is full, %s", (_, layout) => {
    const meter = createMeter();
    const set = new Configurations(layout, meter);
    expect(meter.bytes).toBe(bytesOf(16, layout));
    fill(set, 16);
    expect(meter.bytes).toBe(bytesOf(16, layout));
    fill(set, 17);
    expect(meter.bytes).toBe(bytesOf(32, layout));
    // Old and new are there together for a moment.
    expect(meter.bytesMax).toBe(bytesOf(16, layout) + bytesOf(32, layout));
    fill(set, 300);
    expect(meter.bytes).toBe(bytesOf(512, layout));
    set.clear();
    expect(meter.bytes).toBe(bytesOf(512, layout));
    set.free();
    expect(meter.bytes).toBe(0);
    set.free();
    expect(meter.bytes).toBe(0);
  });

  test("a limit stops it before it grows, and leaves it whole", () => {
    const meter = createMeter(bytesOf(16, PLAIN) + bytesOf(32, PLAIN) - 1);
    const set = new Configurations(PLAIN, meter);
    expect(() => fill(set, 17)).toThrow(LimitReached);
    expect(set.count).toBe(16);
    expect(meter.bytes).toBe(bytesOf(16, PLAIN));
    expect([...set.rows.subarray(45, 48)]).toEqual([15, 1, 2]);
  });

  test.each([
    // Rows → words that there are → the largest power of two of rows that fits.
    [64, 2, 64],
    [64, 3, 64],
    [64, 5, 32],
    [64, 12, 16],
    [64, 13, 16],
    [1000, 3, 1024],
    [1025, 3, 16],
  ])("%i rows of three words make room for rows of %i words: %i", (count, headWords, room) => {
    const meter = createMeter();
    const set = new Configurations(PLAIN, meter);
    fill(set, count);
    set.free();
    const layout = { headWords, guards: PLAIN.guards };
    set.begin(layout);
    expect(set.stride).toBe(headWords);
    expect(set.count).toBe(0);
    expect(meter.bytes).toBe(bytesOf(room, layout));
    const row = new Int32Array(headWords);
    for (let number = 0; number < 3 * room; number++) {
      row[headWords - 1] = number;
      expect(set.add(row)).toBe(number);
    }
    expect(meter.bytes).toBe(bytesOf(4 * room, layout));
  });

  test("a set that had no counters gets tables for them, in the same room", () => {
    const meter = createMeter();
    const set = new Configurations({ headWords: 4, guards: PLAIN.guards }, meter);
    fill(set, 40);
    set.begin(COUNTED);
    expect(meter.bytes).toBe(bytesOf(64, COUNTED));
    expect(set.add(counted([1, 2], [1, 1, 1]))).toBe(0);
    expect(set.add(counted([1, 2], [1, 1, 1]))).toBe(-1);
    // And keeps them for the next time.
    set.begin(PLAIN);
    set.begin(COUNTED);
    expect(set.add(counted([1, 2], [1, 1, 1]))).toBe(0);
    expect(meter.bytes).toBe(bytesOf(64, COUNTED));
  });

  test.each([
    ["with counters", COUNTED, 16],
    ["without", PLAIN, 16],
    ["without, with more room", PLAIN, 64],
  ])("tables that suffice are not made again, %s", (_, layout, count) => {
    const set = new Configurations(layout, createMeter());
    fill(set, count);
    const { rows, tags } = set;
    set.begin(layout);
    expect(set.rows).toBe(rows);
    expect(set.tags).toBe(tags);
  });

  test("rows without counters leave no trace among those with them", () => {
    const set = new Configurations(COUNTED, createMeter());
    for (let number = 0; number < 200; number++) {
      const row = Int32Array.of(number, 9, 1, 1);
      set.begin(COUNTED);
      expect(set.add(row)).toBe(0);
      set.begin(PLAIN);
      expect(set.add(Int32Array.of(number + 1, 9, 1))).toBe(0);
    }
  });

  test("to keep rows costs work in proportion", () => {
    const meter = createMeter();
    const set = new Configurations(PLAIN, meter);
    fill(set, 10);
    expect(meter.work).toBe(0);
    set.keep(Int32Array.of(2, 3, 7));
    expect(meter.work).toBe(3);
    expect([...set.rows.subarray(0, 9)]).toEqual([2, 1, 2, 3, 1, 2, 7, 1, 2]);
    expect(set.add(Int32Array.of(7, 1, 2))).toBe(-1);
    expect(set.add(Int32Array.of(0, 1, 2))).toBe(3);
  });
});

test("spare sets are used again, the last one first, and hold no memory meanwhile", () => {
  const meter = createMeter();
  const spares = new Spares(meter);
  const [one, other] = [spares.take(PLAIN), spares.take(PLAIN)];
  expect(one).not.toBe(other);
  one.add(Int32Array.of(1, 2, 3));
  spares.give(one);
  spares.give(other);
  expect(meter.bytes).toBe(0);
  expect(spares.take(COUNTED)).toBe(other);
  expect(other.stride).toBe(4);
  expect(spares.take(PLAIN)).toBe(one);
  expect(one.count).toBe(0);
  expect(one.add(Int32Array.of(1, 2, 3))).toBe(0);
});
