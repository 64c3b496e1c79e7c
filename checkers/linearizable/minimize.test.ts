/**
 * Which trials are made to get a counterexample small, one by one, and what is left in the end. The
 * trials are scripted here: what they answer of real histories is tested where they are made.
 */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import type { SearchContext } from "./attempt.js";
import { LimitReached, Meter } from "./meter.js";
import { minimize, type Counterexample } from "./minimize.js";

const QUICK = 2 ** 13;
const LONG = 2 ** 19;

/** What trials answer in the present test, and those that were asked for. */
const script = vi.hoisted(() => ({
  /** Sets that cannot be explained, and so nothing that holds one. */
  cores: [] as (readonly number[])[],
  /** Whether a trial is too much for its work. */
  tooMuch: (_required: readonly number[], _work: number): boolean => false,
  made: [] as (readonly [string, number])[],
  forgotten: [] as readonly number[],
  forgottenBy: [] as (readonly number[])[],
  spend: (): void => undefined,
}));

vi.mock("./trials.js", async (importOriginal) => ({
  ...(await importOriginal<object>()),
  Trials: class {
    explains(required: readonly number[], work: number = 2 ** 19): boolean | undefined {
      script.made.push([required.join(" "), work]);
      script.spend();
      if (script.tooMuch(required, work)) return undefined;
      return !script.cores.some((core) => core.every((one) => required.includes(one)));
    }

    forgotten(required: readonly number[]): readonly number[] {
      script.forgottenBy.push(required);
      return script.forgotten;
    }
  },
}));

beforeEach(() => {
  Object.assign(script, {
    cores: [],
    tooMuch: () => false,
    made: [],
    forgotten: [],
    forgottenBy: [],
    spend: () => undefined,
  });
});

interface Options {
  /** How many completed operations; they are named 10, 20, 30, … by default in that order. */
  readonly completed: number | readonly number[];
  readonly returned?: number;
  readonly others?: number;
  readonly declared?: boolean;
  /** Operations that change nothing. */
  readonly observers?: readonly number[];
  readonly meter?: Meter;
}

function run(options: Options): Counterexample & { readonly begun: number } {
  const { declared = true, observers = [] } = options;
  const completed =
    typeof options.completed === "number"
      ? Array.from({ length: options.completed }, (_, at) => 10 * (at + 1))
      : options.completed;
  const flags = new Uint8Array(100_000).fill(1);
  for (const one of observers) flags[one] = 0;
  let begun = 0;
  const assumptions = { declared, changing: flags, active: flags, begin: () => begun++ };
  const meter = options.meter ?? new Meter(createBudget({ timeMs: Infinity }));
  const kinds = { recorded: (one: number) => one, forgotten: (one: number) => one };
  const refuted = {
    kinds,
    completed,
    returned: options.returned ?? completed.length,
    others: Array.from({ length: options.others ?? 0 }, (_, at) => -1 - at),
  };
  const found = minimize(refuted as never, { assumptions, meter } as unknown as SearchContext);
  return { ...found, begun };
}

/** The trials so far: in the first list those with little work. */
function trials(): { quick: string[]; long: string[] } {
  const withWork = (work: number): string[] =>
    script.made.filter(([, given]) => given === work).map(([required]) => required);
  const told = { quick: withWork(QUICK), long: withWork(LONG) };
  expect(told.quick.length + told.long.length).toBe(script.made.length);
  return told;
}

describe("windows", () => {
  test("the last 1, 2, 4, … operations, then single ones of them", () => {
    script.cores = [[70, 100]];
    expect(run({ completed: 10 })).toMatchObject({ required: [70, 100], minimal: true });
    expect(trials()).toEqual({
      quick: ["100", "90 100", "70 80 90 100"],
      long: ["90 100", "70 80", "80 90 100", "70 90 100", "70 100", "70"],
    });
  });

  test("each also with what returned later", () => {
    script.cores = [[50, 80]];
    expect(run({ completed: 9, returned: 5 })).toMatchObject({ required: [50, 80], minimal: true });
    expect(trials()).toEqual({
      quick: ["50", "50 60 70 80 90"],
      long: ["70 80 90", "50 60 90", "50 60 70 80", "60 70 80", "50 70 80", "50 80", "50"],
    });
  });

  test("not all: those are known to be refuted", () => {
    script.cores = [[10, 20, 30, 40]];
    const all = { required: [10, 20, 30, 40], minimal: true };
    expect(run({ completed: 4, returned: 3 })).toMatchObject(all);
    expect(trials().quick).toEqual(["30", "30 40", "20 30", "20 30 40"]);
    script.made = [];
    expect(run({ completed: 4, returned: 2 })).toMatchObject(all);
    expect(trials().quick.slice(0, 3)).toEqual(["20", "20 30 40", "10 20"]);
    expect(trials().quick).not.toContain("10 20 30 40");
  });

  test("short ones that are explained are not tried again", () => {
    script.cores = [[400, 800]];
    run({ completed: 80 });
    const { quick, long } = trials();
    expect(quick.map((one) => one.split(" ").length)).toEqual([1, 2, 4, 8, 16]);
    expect(long.slice(0, 3).map((one) => one.split(" ").length)).toEqual([32, 64, 32]);
  });

  test("short ones that took too much are, when there is no pair", () => {
    script.cores = [[70, 90, 100]];
    script.tooMuch = (required, work) => work === QUICK && required.length > 2;
    expect(run({ completed: 10 })).toMatchObject({ required: [70, 90, 100], minimal: true });
    const { quick, long } = trials();
    expect(quick.slice(0, 4)).toEqual([
      "100",
      "90 100",
      "70 80 90 100",
      "30 40 50 60 70 80 90 100",
    ]);
    // Pairs: the last one with each other.
    expect(quick.slice(4)).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10].map((one) => `${one} 100`));
    expect(long.slice(0, 3)).toEqual(["100", "90 100", "70 80 90 100"]);
  });

  test.each([
    [4096, 0, 5],
    [4097, 0, 0],
    [4000, 96, 5],
    [4000, 97, 0],
  ])("%i operations and %i others: %i short windows", (completed, others, quick) => {
    script.cores = [[10]];
    run({ completed, others });
    expect(trials().quick).toHaveLength(quick);
    expect(
      trials()
        .long.slice(0, 2)
        .map((one) => one.split(" ").length),
    ).toEqual(quick === 0 ? [1, 2] : [32, 64]);
  });

  test("when no window will do, all of them", () => {
    script.cores = [[10, 100]];
    expect(run({ completed: 10 })).toMatchObject({ required: [10, 100], minimal: true });
    expect(trials().long.slice(0, 2)).toEqual(["60 70 80 90 100", "10 20 30 40 50"]);
  });
});

describe("pairs", () => {
  test("the failing one with one nearby, on either side, the nearest first", () => {
    script.cores = [[50, 80]];
    script.tooMuch = (required) => required.length > 2;
    expect(run({ completed: 10, returned: 5 })).toMatchObject({
      required: [50, 80],
      minimal: true,
    });
    const tried = trials().quick.filter((one) => one.split(" ").length === 2);
    expect(tried).toEqual(["40 50", "40 50", "50 60", "30 50", "50 70", "20 50", "50 80"]);
    expect(trials().long).toEqual(["80", "50"]);
  });

  test.each([
    [16, true],
    [17, false],
  ])("at most sixteen apart: %i", (distance, found) => {
    script.cores = [[10 * (100 - distance), 1000]];
    script.tooMuch = (required) => required.length > 2;
    const { required, minimal } = run({ completed: 100 });
    expect(minimal).toBe(found);
    expect(required).toHaveLength(found ? 2 : 100);
    const pairs = trials().quick.slice(5);
    expect(pairs).toHaveLength(16);
    expect(pairs.at(-1)).toBe("840 1000");
  });

  test("are not tried where windows are explained", () => {
    script.cores = [[10, 1000]];
    run({ completed: 100 });
    expect(trials().quick).toHaveLength(5);
  });
});

describe("smaller and smaller", () => {
  test("halves, quarters, single ones, oldest first", () => {
    script.cores = [[30]];
    expect(run({ completed: [80, 70, 60, 50, 40, 30, 20, 10] })).toMatchObject({ required: [30] });
    expect(trials()).toEqual({
      quick: ["10", "20 10", "40 30 20 10"],
      long: ["20 10", "40 30", "30", ""],
    });
  });

  test("what is left is in the order of calls", () => {
    script.cores = [[300, 20, 1000]];
    expect(run({ completed: [300, 1000, 20] })).toMatchObject({
      required: [20, 300, 1000],
      minimal: true,
    });
  });

  test("it is minimal when the last pass was decided, whatever was before", () => {
    script.cores = [[10, 20, 30, 40]];
    script.tooMuch = (required) => required.length === 2;
    expect(run({ completed: 4 })).toMatchObject({ required: [10, 20, 30, 40], minimal: true });
    script.tooMuch = (required) => required.length === 3;
    expect(run({ completed: 4 })).toMatchObject({ required: [10, 20, 30, 40], minimal: false });
    script.tooMuch = (required) => required[0] === 20;
    expect(run({ completed: 4 })).toMatchObject({ required: [10, 20, 30, 40], minimal: false });
  });

  test("one alone is minimal without a trial", () => {
    script.cores = [[10]];
    expect(run({ completed: 1 })).toMatchObject({ required: [10], minimal: true });
    expect(script.made).toEqual([]);
  });
});

describe("observers", () => {
  const observers = Array.from({ length: 20 }, (_, at) => 10 * (at + 1));

  test("are left out together, but for the failing one", () => {
    script.cores = [
      [50, 200],
      [60, 200],
    ];
    run({ completed: 20, observers: observers.filter((one) => one !== 50 && one !== 70) });
    // A window of sixteen.
    expect(trials().quick.at(-1)).toBe(observers.slice(4).join(" "));
    expect(trials().long.slice(0, 2)).toEqual(["50 70 200", "70 200"]);
  });

  test("stay when the rest is explained, or took too much", () => {
    script.cores = [
      [60, 200],
      [60, 170],
    ];
    run({ completed: 20, observers: [60] });
    const window = observers.slice(4);
    const without = window.filter((one) => one !== 60).join(" ");
    expect(trials().long[0]).toBe(without);
    expect(trials().long[1]).toBe(window.slice(8).join(" "));
  });

  test("there are none, or too few operations for that", () => {
    script.cores = [[50, 200]];
    run({ completed: 20 });
    expect(trials().long[0]).toBe(observers.slice(12).join(" "));
    script.made = [];
    script.cores = [[10, 150]];
    run({ completed: 15, observers: [20] });
    expect(trials().long[0]).toBe(observers.slice(7, 15).join(" "));
  });

  test("the failing one is that which returned, not the last", () => {
    script.cores = [[100, 110]];
    script.tooMuch = (_, work) => work === QUICK;
    run({ completed: 20, returned: 10, observers });
    expect(trials().long.slice(0, 3)).toEqual([
      "100",
      observers.slice(9).join(" "),
      observers.slice(14).join(" "),
    ]);
  });
});

describe("limits", () => {
  test("trials that come to nothing are given up", () => {
    // Windows take too much, and so does all that follows.
    script.tooMuch = () => true;
    expect(run({ completed: 5000 })).toMatchObject({ minimal: false });
    // The ninth has wasted more than eight times the work of one.
    expect(trials()).toMatchObject({ quick: [], long: { length: 9 } });
  });

  test("but not while some of them refute", () => {
    let number = 0;
    script.cores = [[]];
    script.tooMuch = () => ++number % 9 !== 0;
    run({ completed: 5000 });
    expect(script.made.length).toBeGreaterThan(18);
    script.made = [];
    number = 0;
    script.tooMuch = () => ++number % 10 !== 0;
    run({ completed: 5000 });
    expect(script.made).toHaveLength(9);
  });

  test("quick ones waste less", () => {
    script.tooMuch = () => true;
    run({ completed: 100 });
    // Five windows and 16 pairs cost a third of a long one: the eighth is one too many.
    expect(trials()).toMatchObject({ quick: { length: 21 }, long: { length: 8 } });
  });

  test("all together have so much work; what was found by then stays", () => {
    const meter = new Meter(createBudget({ timeMs: Infinity }));
    script.cores = [[10, 1000]];
    script.spend = () => meter.spend(2 ** 20);
    const found = run({ completed: 100, others: 7, meter });
    // 2^24 and a little for each operation: the 17th trial begins within it.
    expect(script.made).toHaveLength(17);
    expect(found.minimal).toBe(false);
    expect(found.required.length).toBeLessThan(100);
    expect(found.required).toContain(10);
    for (const [extra, made] of [
      [15, 17],
      [16, 16],
    ] as const) {
      script.made = [];
      script.spend = () => meter.spend(2 ** 20 + extra * 107);
      run({ completed: 100, others: 7, meter });
      expect(script.made).toHaveLength(made);
    }
  });

  test("other errors are not hidden", () => {
    script.spend = () => {
      throw new Error("ours");
    };
    expect(() => run({ completed: 100 })).toThrow("ours");
    expect(() => run({ completed: 1, declared: false })).toThrow("ours");
  });
});

describe("what is forgotten", () => {
  test("all that the rest may have been about, without what changes nothing", () => {
    script.cores = [[10]];
    script.forgotten = [3, 4, 5];
    expect(run({ completed: 1, observers: [4] })).toEqual({
      required: [10],
      minimal: true,
      forgotten: [3, 5],
      begun: 1,
    });
    expect(script.forgottenBy).toEqual([[10]]);
    expect(script.made).toEqual([]);
  });

  test("what is not declared is confirmed by a search first", () => {
    script.cores = [[10]];
    script.forgotten = [3, 4, 5];
    const options = { completed: 1, observers: [4], declared: false };
    expect(run(options)).toMatchObject({ forgotten: [3, 5], begun: 1 });
    expect(script.made).toEqual([["10", LONG]]);
    script.tooMuch = () => true;
    expect(run(options)).toMatchObject({ forgotten: [3, 4, 5], begun: 0 });
    script.spend = () => {
      throw new LimitReached("work");
    };
    expect(run(options)).toMatchObject({ forgotten: [3, 4, 5], begun: 0 });
  });
});
