/**
 * Single moves of the search: which choices a configuration has, what each makes of it, and what is
 * never branched on. Words of rows are written out by hand.
 */
import { describe, expect, test } from "vitest";
import { casRegister } from "../../src/model/cas-register.js";
import { kv } from "../../src/model/kv.js";
import type { Model } from "../../src/model/model.js";
import { historyOfText, prepareSearch, searched } from "../../test/oracle/prepared-search.js";
import { AssumptionFell } from "./assumptions.js";
import { LookAhead } from "./look-ahead.js";
import { LEVEL, Moves, STATE } from "./moves.js";
import type { Problem } from "./problem.js";
import type { Transitions } from "./transitions.js";

const REGISTER = searched(casRegister({ initial: 0 }));
const UNDECLARED = searched(casRegister({ initial: 0 }), ["readOnly"]);
const TEXT = searched(kv({ initial: "" }));

interface Setup {
  readonly moves: Moves;
  readonly problem: Problem;
  readonly transitions: Transitions;
  readonly work: () => number;
}

/** Moves over a history; all groups are counted, but for those whose numbers are `free`. */
function movesOver(model: Model, text: string, free: readonly number[] = []): Setup {
  const prepared = prepareSearch(model, historyOfText(text));
  const { problem, transitions, assumptions, meter, spares } = prepared;
  assumptions.begin();
  const counted = new Uint8Array(problem.groups.length).fill(1);
  for (const group of free) counted[group] = 0;
  const lookAhead =
    model.lookAhead === undefined ? undefined : new LookAhead(problem, model, transitions, meter);
  const parts = { problem, transitions, assumptions, meter, lookAhead, counted, spares };
  const moves = new Moves(parts);
  moves.start();
  return { moves, problem, transitions, work: () => meter.work };
}

/** The row in hand, the number of its state replaced by the state. */
function inHand({ moves, transitions }: Setup): unknown[] {
  return [...moves.row].map((word, at) => (at === STATE ? transitions.stateAt(word) : word));
}

function trailOf(moves: Moves): number[] {
  return [...moves.trail.subarray(0, moves.trailLength)];
}

/** Chooses from a row with these words, whose state is given as a state. */
function choose(
  setup: Setup,
  [level, state, ...words]: readonly [number, number | string, ...number[]],
  choice: number,
): { count: number; row: unknown[] } {
  const number = setup.transitions.numberOf(state);
  const count = setup.moves.choose(Int32Array.of(level, number, ...words), 0, choice, 0);
  return { count, row: inHand(setup) };
}

const writes = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `write${at}=${at}`);

describe("layout", () => {
  test.each([
    [1, 3],
    [32, 3],
    [33, 4],
    [64, 4],
    [65, 5],
  ])("%i operations open at once: %i words", (width, words) => {
    const all = writes(width);
    const { moves } = movesOver(REGISTER, [...all, ...all.map((one) => `!${one}`)].join(" "));
    expect(moves.layout).toEqual({ headWords: words, guards: new Int32Array(0) });
    expect(moves.row).toHaveLength(words);
  });

  const group = (value: number, size: number): string[] =>
    Array.from({ length: size }, (_, at) => `write${100 * value + at}=${value}`);

  test("counters of one, three, four and eight members, each below a guard bit", () => {
    const optional = [...group(1, 1), ...group(2, 3), ...group(3, 4), ...group(4, 8)].join(" ");
    const setup = movesOver(REGISTER, `${optional} read0 !read0=0`);
    const guard = (1 << 1) | (1 << 4) | (1 << 8) | (1 << 13);
    expect(setup.moves.layout).toEqual({ headWords: 3, guards: Int32Array.of(guard) });
    expect(choose(setup, [0, 0, 0, 0], 1).row).toEqual([0, 1, 0, 1]);
    expect(choose(setup, [0, 0, 0, 0], 2).row).toEqual([0, 2, 0, 1 << 2]);
    expect(choose(setup, [0, 0, 0, 0], 3).row).toEqual([0, 3, 0, 1 << 5]);
    expect(choose(setup, [0, 0, 0, 0], 4).row).toEqual([0, 4, 0, 1 << 9]);
    // Full is full.
    expect(choose(setup, [0, 0, 0, 3 << 2], 2).count).toBe(0);
    expect(choose(setup, [0, 0, 0, 2 << 2], 2).row).toEqual([0, 2, 0, 3 << 2]);
    expect(choose(setup, [0, 0, 0, 8 << 9], 4).count).toBe(0);
    expect(choose(setup, [0, 0, 0, 7 << 9], 4).row).toEqual([0, 4, 0, 8 << 9]);
  });

  test("a word holds sixteen counters of one", () => {
    const optional = Array.from({ length: 17 }, (_, at) => `write${at}=${at + 1}`).join(" ");
    const setup = movesOver(REGISTER, `${optional} read20 !read20=0`);
    const guards = Int32Array.of(0xaaaaaaaa, 0b10);
    expect(setup.moves.layout).toEqual({ headWords: 3, guards });
    expect(choose(setup, [0, 0, 0, 0, 0], 16).row).toEqual([0, 16, 0, 1 << 30, 0]);
    expect(choose(setup, [0, 0, 0, 0, 0], 17).row).toEqual([0, 17, 0, 0, 1]);
    expect(choose(setup, [0, 0, 0, 1 << 30, 0], 16).count).toBe(0);
  });

  test("what changes nothing and what is free has no counter", () => {
    const setup = movesOver(REGISTER, "write1=1 read2 write3=3 read0 !read0=0", [0]);
    expect(setup.problem.groups).toHaveLength(3);
    expect(setup.moves.layout.guards).toEqual(Int32Array.of(0b10));
    expect(choose(setup, [0, 0, 0, 0], 1)).toEqual({ count: 1, row: [0, 1, 0, 0] });
    // The read is no choice.
    expect(setup.moves.choiceCount(0)).toBe(3);
    expect(choose(setup, [0, 0, 0, 0], 2)).toEqual({ count: 1, row: [0, 3, 0, 1] });
  });
});

describe("choices among open operations", () => {
  // By return: 0 the read, 1 and 3 writes of 1, 2 a write of 2; slots by call.
  const text = `write0=1 write1=2 write2=1 read3 !read3=0 !write0=1 !write1=2 !write2=1`;

  test("each changes the state and its bit, and is recorded", () => {
    const setup = movesOver(REGISTER, text);
    expect(setup.moves.choiceCount(0)).toBe(4);
    expect(setup.moves.choiceCount(1)).toBe(3);
    expect(setup.moves.choiceCount(3)).toBe(1);
    expect([...setup.problem.slots]).toEqual([3, 0, 1, 2]);
    expect(choose(setup, [0, 0, 0], 1)).toEqual({ count: 1, row: [0, 1, 0b001] });
    expect(choose(setup, [0, 0, 0], 2)).toEqual({ count: 1, row: [0, 2, 0b010] });
    expect(choose(setup, [0, 2, 0b010], 1)).toEqual({ count: 1, row: [0, 1, 0b011] });
    expect(choose(setup, [1, 2, 0b010], 0)).toEqual({ count: 1, row: [1, 1, 0b011] });
    expect(trailOf(setup.moves)).toEqual([1, 2, 1, 1]);
  });

  test("none that changes nothing, has taken effect, or comes after an equal one", () => {
    const setup = movesOver(REGISTER, text);
    const before = inHand(setup);
    expect(choose(setup, [0, 0, 0], 0).count).toBe(0);
    expect(choose(setup, [0, 1, 0b001], 1).count).toBe(0);
    expect(choose(setup, [0, 0, 0], 3).count).toBe(0);
    expect(inHand(setup)).toEqual(before);
    expect(setup.moves.trailLength).toBe(0);
    expect(choose(setup, [0, 1, 0b001], 3)).toEqual({ count: 1, row: [0, 1, 0b101] });
  });

  test("all equal ones that return earlier come first, not only the next", () => {
    const three = movesOver(REGISTER, `write0=1 write1=1 write2=1 !write0=1 !write1=1 !write2=1`);
    expect(choose(three, [0, 1, 0b010], 2).count).toBe(0);
    expect(choose(three, [0, 1, 0b001], 2).count).toBe(0);
    expect(choose(three, [0, 1, 0b011], 2).row).toEqual([0, 1, 0b111]);
  });

  test("none whose result does not fit", () => {
    const setup = movesOver(REGISTER, "cas0=[1,2] cas1=[0,3] !cas0=true !cas1=true");
    expect(choose(setup, [0, 0, 0], 0).count).toBe(0);
    expect(choose(setup, [0, 1, 0], 0)).toEqual({ count: 1, row: [0, 2, 0b01] });
    expect(choose(setup, [0, 0, 0], 1)).toEqual({ count: 1, row: [0, 3, 0b10] });
  });

  test("a required operation is a move also where it changes nothing", () => {
    const setup = movesOver(REGISTER, "write0=0 !write0=0");
    expect(choose(setup, [0, 0, 0], 0)).toEqual({ count: 1, row: [0, 0, 1] });
  });

  test("bits beyond the first word", () => {
    const all = [...writes(40), "write40=39"];
    const setup = movesOver(REGISTER, [...all, ...all.map((one) => `!${one}`)].join(" "));
    expect(choose(setup, [0, 0, 0, 0], 31).row).toEqual([0, 31, 1 << 31, 0]);
    expect(choose(setup, [0, 0, 0, 0], 32).row).toEqual([0, 32, 0, 1]);
    expect(choose(setup, [0, 0, 0, 1], 32).count).toBe(0);
    expect(choose(setup, [0, 0, 1, 0], 32).row).toEqual([0, 32, 1, 1]);
    // The 40th and the 41st are equal.
    expect(choose(setup, [0, 0, -1, 0], 40).count).toBe(0);
    expect(choose(setup, [0, 0, 0, 1 << 7], 40).row).toEqual([0, 39, 0, 3 << 7]);
    const { moves } = setup;
    moves.take(Int32Array.of(9, 9, 0, 0, -1, 1 << 7), 2);
    expect([...moves.row]).toEqual([0, 0, -1, 1 << 7]);
    const taken = [0, 31, 32, 39, 40].map((operation) => moves.hasTakenEffect(operation));
    expect(taken).toEqual([true, true, false, true, false]);
    moves.pass(39);
    expect([...moves.row]).toEqual([40, 0, -1, 0]);
    moves.pass(31);
    expect([...moves.row]).toEqual([32, 0, 2 ** 31 - 1, 0]);
  });
});

test.each([
  [1, 1],
  [448, 1],
  [449, 2],
])("a choice among %i operations costs %i units of work", (width, work) => {
  const all = writes(width);
  const setup = movesOver(REGISTER, [...all, ...all.map((one) => `!${one}`)].join(" "));
  const { moves } = setup;
  const row = new Int32Array(moves.row.length);
  moves.choose(row, 0, 0, 0);
  const before = setup.work();
  expect(moves.choose(row, 0, 0, 0)).toBe(1);
  expect(setup.work() - before).toBe(work);
});

describe("choices among optional operations", () => {
  test("a member may happen once it has begun", () => {
    // Two writes of 1 begin before the first return, the third before the second one.
    const setup = movesOver(
      REGISTER,
      "write1=1 write2=1 read0 !read0=0 write3=1 write4=2 read0 !read0=0 write5=3",
    );
    const { moves } = setup;
    expect([moves.choiceCount(0), moves.choiceCount(1)]).toEqual([2, 3]);
    expect(choose(setup, [0, 0, 0, 0], 1)).toEqual({ count: 1, row: [0, 1, 0, 1] });
    expect(choose(setup, [0, 0, 0, 1], 1).row).toEqual([0, 1, 0, 2]);
    expect(choose(setup, [0, 0, 0, 2], 1).count).toBe(0);
    expect(choose(setup, [1, 0, 0, 2], 1).row).toEqual([1, 1, 0, 3]);
    expect(choose(setup, [1, 0, 0, 3], 1).count).toBe(0);
    expect(trailOf(moves)).toEqual([-1, -1, -1]);
    expect(choose(setup, [1, 0, 0, 0], 2).row).toEqual([1, 2, 0, 1 << 3]);
    expect(trailOf(moves)).toEqual([-1, -1, -1, -2]);
  });

  test("one that changes nothing where it stands need not happen", () => {
    const setup = movesOver(REGISTER, "write1=1 read0 !read0=0");
    expect(choose(setup, [0, 1, 0, 0], 1).count).toBe(0);
    expect(choose(setup, [0, 2, 0, 0], 1).count).toBe(1);
  });

  test("a free group may happen again and again", () => {
    const setup = movesOver(REGISTER, "write1=1 read0 !read0=0", [0]);
    expect(choose(setup, [0, 0, 0], 1)).toEqual({ count: 1, row: [0, 1, 0] });
    expect(choose(setup, [0, 2, 0], 1)).toEqual({ count: 1, row: [0, 1, 0] });
    expect(trailOf(setup.moves)).toEqual([-1, -1]);
    // Whatever stands before it in a table of rows.
    const table = Int32Array.of(-1, 0, 0, 0);
    expect(setup.moves.choose(table, 1, 1, 0)).toBe(1);
  });

  test("how much of a group is left, and when", () => {
    const setup = movesOver(
      REGISTER,
      "write1=1 read0 !read0=0 write2=1 read0 !read0=0 read3 read0 !read0=0",
    );
    const { moves } = setup;
    const may = (counter: number): boolean[] => {
      moves.take(Int32Array.of(0, 0, 0, counter), 0);
      return [0, 1, 2].map((level) => moves.mayHappen(0, level));
    };
    expect(may(0)).toEqual([true, true, true]);
    expect(may(1)).toEqual([false, true, true]);
    expect(may(2)).toEqual([false, false, false]);
    // Reads of unknown outcome change nothing.
    expect(moves.mayHappen(1, 2)).toBe(false);
    const free = movesOver(REGISTER, "read0 !read0=0 write1=1 read0 !read0=0", [0]);
    expect([0, 1].map((level) => free.moves.mayHappen(0, level))).toEqual([false, true]);
  });
});

test("ignored groups are no choices, wherever they stand among the others", () => {
  const setup = movesOver(
    REGISTER,
    `read1 write2=2 read3 !read3=0 write4=4 cas5=[0,5] read3 !read3=0 read6 write7=7 read3 !read3=0
      read3 !read3=0`,
  );
  const { moves } = setup;
  // Groups: 0 reads, from level 0 on; 1 writes of 2; 2 and 3 from level 1 on; 4 from level 2 on.
  expect([0, 1, 2, 3].map((level) => moves.choiceCount(level))).toEqual([2, 4, 5, 5]);
  const last = [1, 2, 3, 4].map((choice) => {
    setup.moves.start();
    choose(setup, [3, 0, 0, 0], choice);
    return trailOf(moves);
  });
  expect(last).toEqual([[-2], [-3], [-4], [-5]]);
});

describe("several next states", () => {
  const dice: Model = {
    name: "dice",
    options: {},
    initial: () => 0,
    readOnly: ({ f }) => f === "look",
    step: (state, { f, output, outcome }) => {
      if (f === "roll") return [1, 2, 0];
      if (f === "same") return [4, 4];
      return outcome === "info" || output === state ? [state] : [];
    },
  };
  const text = "roll0 same1 roll2 look3 !look3=0 !roll0 !same1";

  test("each is an alternative of its choice", () => {
    const setup = movesOver(dice, text);
    const { moves, transitions } = setup;
    const row = Int32Array.of(0, transitions.numberOf(0), 0, 0);
    expect(moves.choose(row, 0, 1, 0)).toBe(3);
    expect(inHand(setup)).toEqual([0, 1, 1, 0]);
    expect(moves.choose(row, 0, 1, 1)).toBe(3);
    expect(inHand(setup)).toEqual([0, 2, 1, 0]);
    // Of an optional one too, and although one of them is the same state.
    expect(moves.choose(row, 0, 3, 2)).toBe(3);
    expect(inHand(setup)).toEqual([0, 0, 0, 1]);
  });

  test("equal ones are one", () => {
    const setup = movesOver(dice, text);
    expect(choose(setup, [0, 0, 0, 0], 2)).toEqual({ count: 1, row: [0, 4, 0b10, 0] });
  });
});

describe("settling", () => {
  const text =
    "read0 read1 read2 write3=5 !read0=0 !read1=0 !read2=1 !write3=5 read4 !read4=5 read5";

  test("what is open, fits and changes nothing takes effect at once", () => {
    const setup = movesOver(REGISTER, text);
    const { moves } = setup;
    // Reads of 0 by return: 0 and 1; 2 saw something else.
    expect(moves.settle(0)).toBe(true);
    expect(inHand(setup)).toEqual([0, 0, 0b0011]);
    expect(trailOf(moves)).toEqual([0, 1]);
    // Again: nothing happens twice, and it costs no more than to look at each.
    const before = setup.work();
    expect(moves.settle(0)).toBe(true);
    expect(setup.work() - before).toBe(4);
    expect(trailOf(moves)).toEqual([0, 1]);
  });

  test("only what is open at the level, in whichever word its bit is", () => {
    const reads = Array.from({ length: 40 }, (_, at) => `read${at}`);
    const returns = reads.map((read) => `!${read}=0`);
    const setup = movesOver(REGISTER, `read50 !read50=0 ${[...reads, ...returns].join(" ")}`);
    const { moves } = setup;
    expect(moves.settle(0)).toBe(true);
    expect(trailOf(moves)).toEqual([0]);
    moves.pass(0);
    const before = setup.work();
    expect(moves.settle(1)).toBe(true);
    expect(inHand(setup)).toEqual([1, 0, -1, 2 ** 8 - 1]);
    expect(trailOf(moves)).toEqual(Array.from({ length: 41 }, (_, at) => at));
    // A read of 0 was known.
    expect(setup.work() - before).toBe(40);
    // What begins at the next level has the bit of what returned, which did not take effect.
    const wrong = movesOver(REGISTER, "read0 !read0=5 read1 !read1=0");
    expect(wrong.moves.settle(0)).toBe(false);
    expect(trailOf(wrong.moves)).toEqual([]);
  });

  test("it advances to the first level whose operation does not fit", () => {
    const setup = movesOver(REGISTER, text);
    expect(setup.moves.advance()).toBe(2);
    expect(inHand(setup)).toEqual([2, 0, 0]);
    expect(trailOf(setup.moves)).toEqual([0, 1]);
  });

  test("to the end, when all fit", () => {
    const setup = movesOver(REGISTER, "read0 !read0=0 read0 read1 !read1=0 !read0=0");
    expect(setup.moves.advance()).toBe(3);
    expect(inHand(setup)).toEqual([3, 0, 0]);
    expect(trailOf(setup.moves)).toEqual([0, 1, 2]);
    expect(setup.moves.advance()).toBe(3);
    expect(setup.moves.isHopeless()).toBe(false);
  });

  test("a kind that changes a state is branched on from then on", () => {
    const setup = movesOver(UNDECLARED, "write0=1 cas1=[1,1] !write0=1 !cas1=true");
    const { moves } = setup;
    expect(choose(setup, [0, 0, 0], 0).count).toBe(0);
    expect(moves.settle(0)).toBe(false);
    expect(trailOf(moves)).toEqual([]);
    // Where it would be none, the swap still counts as one that changes nothing.
    expect(choose(setup, [0, 0, 0], 0)).toEqual({ count: 1, row: [0, 1, 0b01] });
    expect(moves.settle(0)).toBe(true);
    expect(inHand(setup)).toEqual([0, 1, 0b11]);
  });

  test("what was relied on and falls ends the attempt", () => {
    const setup = movesOver(UNDECLARED, "write0=0 write1=0 !write0=0 !write1=0");
    const { moves, transitions } = setup;
    expect(moves.settle(0)).toBe(true);
    moves.start();
    moves.row[STATE] = transitions.numberOf(7);
    expect(() => moves.settle(0)).toThrow(AssumptionFell);
  });

  test("a model's claim is asked of one ignored group at a time, those that have begun", () => {
    const liar: Model = {
      name: "liar",
      options: {},
      initial: () => 0,
      readOnly: () => true,
      step: (state, { f }) => (f === "change" ? [9] : f === "never" ? [] : [state]),
    };
    const setup = movesOver(liar, "look1 never2 look0 !look0 change3 look0 !look0");
    const settle = (level: number, times: number): void => {
      for (let time = 0; time < times; time++) setup.moves.settle(level);
    };
    // The third of each three would be asked about the change, which has not begun.
    settle(0, 5);
    expect(() => settle(1, 1)).toThrow("it calls change read-only");
    settle(1, 2);
    expect(() => settle(1, 1)).toThrow("it calls change read-only");
  });

  test("an inert group that would change a state ends it too, once it has begun", () => {
    const later = "read0 !read0=0 read0 write1=1 !read0=0";
    const setup = movesOver(UNDECLARED, later);
    expect(setup.moves.settle(0)).toBe(true);
    setup.moves.pass(0);
    expect(() => setup.moves.settle(1)).toThrow(AssumptionFell);
    // Each of them is asked at once.
    const second = movesOver(UNDECLARED, "write1=0 write2=1 read0 !read0=0");
    expect(() => second.moves.settle(0)).toThrow(AssumptionFell);
    // Not where it changes nothing, or is impossible.
    const same = movesOver(UNDECLARED, "write1=0 read0 !read0=0");
    expect(same.moves.advance()).toBe(1);
    const picky: Model = {
      name: "picky",
      options: {},
      initial: () => 0,
      step: (state, { f }) => (f === "never" ? [] : [state]),
    };
    expect(movesOver(picky, "never1 look0 !look0").moves.advance()).toBe(1);
  });
});

describe("orders", () => {
  test("a trail that reaches the end as invocations", () => {
    const setup = movesOver(
      REGISTER,
      "write1=1 write0=2 !write0=2 write2=1 read0 !read0=1 write3=3 read0 !read0=3",
    );
    const { moves } = setup;
    // Operations 0 (call 1), 1 (call 4), 2 (call 7); groups 0 (calls 0, 3), 1 (call 6).
    const order = (...trail: number[]): unknown => moves.orderOf([...trail, 99], trail.length);
    expect(order(0, -1, 1, -2, 2)).toEqual({ order: [1, 0, 4, 6, 7], overused: [] });
    expect(order(-1, 0, -1, 1, -2, 2)).toEqual({ order: [0, 1, 3, 4, 6, 7], overused: [] });
    // The second write of 1 and the write of 3 had not begun; and there is no third.
    expect(order(-1, -1, 0, 1, -2, 2)).toEqual({ order: [0, 1, 4, 6, 7], overused: [0] });
    expect(order(0, -2, -1, 1, 2)).toEqual({ order: [1, 0, 4, 7], overused: [1] });
    expect(order(0, -1, -1, -1, -2, 1, 2)).toEqual({ order: [1, 0, 3, 4, 7], overused: [0, 1] });
    expect(order(0, 1, -2, -2, -2, 2)).toEqual({ order: [1, 4, 6, 7], overused: [1] });
  });

  test("levels are passed in the order of returns, whatever took effect first", () => {
    const setup = movesOver(
      REGISTER,
      "write0=1 read1 !write0=1 write2=2 !read1=1 write3=3 read0 !read0=2",
    );
    expect(setup.moves.orderOf([1, 0, -1, 2], 4)).toEqual({ order: [1, 0, 3, 6], overused: [] });
    expect(setup.moves.orderOf([1, -1, 0, 2], 4)).toEqual({ order: [1, 0, 6], overused: [0] });
  });

  test("trails grow", () => {
    const all = writes(40);
    const setup = movesOver(REGISTER, [...all, ...all.map((one) => `!${one}`)].join(" "));
    for (let choice = 0; choice < 40; choice++) choose(setup, [0, 0, 0, 0], choice);
    expect(trailOf(setup.moves)).toEqual(all.map((_, at) => at));
    setup.moves.start();
    expect(setup.moves.trailLength).toBe(0);
    expect(inHand(setup)).toEqual([0, 0, 0, 0]);
  });
});

describe("looking ahead", () => {
  const text = 'append0="a" append1="b" !append0="a" !append1="b" get0 !get0="ab"';

  test("a state that rules out a later result is hopeless, and the level is kept", () => {
    const setup = movesOver(TEXT, text);
    const { moves, transitions } = setup;
    const at = (level: number, state: string, bits: number): boolean => {
      moves.take(Int32Array.of(level, transitions.numberOf(state), bits), 0);
      return moves.isHopeless();
    };
    expect(moves.looksAhead).toBe(true);
    expect(at(0, "", 0)).toBe(false);
    expect(at(0, "a", 0b01)).toBe(false);
    expect(moves.levelRuledOut).toBe(-1);
    expect(at(0, "b", 0b10)).toBe(true);
    expect(moves.levelRuledOut).toBe(2);
    expect(at(3, "b", 0)).toBe(false);
    expect(moves.levelRuledOut).toBe(2);
  });

  test("the last level that was ruled out is kept, the first level too", () => {
    const setup = movesOver(
      TEXT,
      `append0="a" get1 !get1="b" !append0="a" append0="c" !append0="c" get1 !get1="ac"`,
    );
    const { moves, transitions } = setup;
    const at = (level: number, state: string): number => {
      moves.take(Int32Array.of(level, transitions.numberOf(state), 0), 0);
      expect(moves.isHopeless()).toBe(true);
      return moves.levelRuledOut;
    };
    expect(at(0, "a")).toBe(0);
    expect(at(2, "b")).toBe(3);
    expect(at(0, "a")).toBe(3);
  });

  test("a state is promising when the next result may come of it", () => {
    const setup = movesOver(TEXT, text);
    const { moves, transitions } = setup;
    const promises = (state: string): boolean => {
      moves.take(Int32Array.of(0, transitions.numberOf(state), 0), 0);
      return moves.isPromising();
    };
    expect(["", "a", "ab", "b", "aba"].map(promises)).toEqual([true, true, true, false, false]);
  });

  test("without a look-ahead nothing is hopeless", () => {
    const setup = movesOver(searched(TEXT, ["lookAhead"]), text);
    const { moves, transitions } = setup;
    moves.take(Int32Array.of(0, transitions.numberOf("b"), 0b10), 0);
    expect(moves.looksAhead).toBe(false);
    expect(moves.isPromising()).toBe(true);
    expect(moves.isHopeless()).toBe(false);
    expect(moves.row[LEVEL]).toBe(0);
  });
});
