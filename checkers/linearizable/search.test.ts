/**
 * Both orders of search by themselves, without what makes a verdict of their findings: against a
 * plain exploration of all configurations, over random histories; and on histories made by hand,
 * what exactly they find and how much they keep.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import { kv } from "../../src/model/kv.js";
import type { Model } from "../../src/model/model.js";
import {
  historyFrom,
  historyOfText,
  prepareSearch,
  searched,
  type Line,
  type PreparedSearch,
} from "../../test/oracle/prepared-search.js";
import { createDice, randomHistory, type CallShape } from "../../test/oracle/random-history.js";
import {
  attempt,
  createPlain,
  createRefinement,
  type Finding,
  type Progress,
  type SearchName,
} from "./attempt.js";
import { LimitReached, Meter } from "./meter.js";

const SEARCHES: readonly SearchName[] = ["depth-first", "breadth-first"];

interface Searched {
  readonly finding: Finding;
  readonly progress: Progress;
  readonly prepared: PreparedSearch;
}

function search(
  name: SearchName,
  model: Model,
  history: History,
  { plain = true, meter = new Meter(createBudget({ timeMs: Infinity })) } = {},
): Searched {
  const prepared = prepareSearch(model, history, meter);
  const { problem, transitions } = prepared;
  const refinement = plain ? createPlain(problem) : createRefinement(problem, transitions);
  const progress = { levelMax: 0, configurationsMax: 0 };
  return { finding: attempt(refinement, prepared, progress, name), progress, prepared };
}

/** One way that things may stand: nothing is left out, nothing is done early. */
interface Plain {
  readonly state: Value;
  /** Invocations, ascending. */
  readonly done: readonly number[];
}

/** The first level that no configuration survives, and the states that there were; else "order". */
function explore({
  history,
  part,
  model,
}: PreparedSearch): "order" | { level: number; states: string[] } {
  const { completed, indeterminate } = part;
  let before: Plain[] = [{ state: model.initial(), done: [] }];
  for (const [level, returning] of completed.entries()) {
    const end = history.pairs[returning] as number;
    const open = [...completed.slice(level), ...indeterminate].filter((one) => one < end);
    const within = new Map<string, Plain>();
    const add = (one: Plain): void => void within.set(canonical([one.state, one.done]), one);
    before.forEach(add);
    for (const { state, done } of within.values()) {
      for (const one of open) {
        if (done.includes(one)) continue;
        const also = [...done, one].sort((a, b) => a - b);
        const steps = model.step(state, history.operation(one));
        steps.forEach((next) => add({ state: next, done: also }));
      }
    }
    before = [...within.values()].filter(({ done }) => done.includes(returning));
    if (before.length === 0) {
      const states = new Set([...within.values()].map(({ state }) => canonical(state)));
      return { level, states: [...states].sort() };
    }
  }
  return "order";
}

/** Checks an order step by step. */
function expectOrder({ history, part, model }: PreparedSearch, order: readonly number[]): void {
  expect(new Set(order).size).toBe(order.length);
  expect(part.completed.filter((one) => !order.includes(one))).toEqual([]);
  let states: readonly Value[] = [model.initial()];
  let latestCall = -1;
  for (const one of order) {
    const operation = history.operation(one);
    latestCall = Math.max(latestCall, one);
    const end = operation.outcome === "info" ? Infinity : (operation.completion as number);
    expect(end).toBeGreaterThan(latestCall);
    states = states.flatMap((state) => model.step(state, operation));
  }
  expect(states).not.toHaveLength(0);
}

const registerCalls: readonly CallShape[] = [
  { f: "read", input: () => null, outputs: () => [0, 1, 2] },
  { f: "write", input: ({ dice }) => dice(3), outputs: (_, input) => [input] },
  {
    f: "cas",
    input: ({ dice }) => [dice(3), dice(3)],
    outputs: (_, input) => [input, false],
    fails: true,
  },
];
const textCalls: readonly CallShape[] = [
  { f: "get", weight: 2, input: () => null, outputs: () => ["", "a", "ab", "b", "aa", "ba"] },
  { f: "append", weight: 3, input: ({ dice }) => "ab"[dice(2)] as string, outputs: () => [null] },
  { f: "put", input: ({ dice }) => ["", "a"][dice(2)] as string, outputs: () => [null] },
  { f: "cas", input: () => ["a", "b"], outputs: (_, input) => [input, false] },
];
/** Draws one of several elements, or two at once. */
const bag: Model<number[]> = {
  name: "bag",
  options: {},
  initial: () => [],
  readOnly: ({ f }) => f === "look",
  step: (state, { f, input, output, outcome }) => {
    if (f === "put") return [[...state, input as number].sort((a, b) => a - b)];
    if (f === "look") return outcome !== "ok" || output === state.length ? [state] : [];
    return state
      .filter((element) => outcome !== "ok" || element === output)
      .map((element) => state.toSpliced(state.indexOf(element), 1));
  },
};
const bagCalls: readonly CallShape[] = [
  { f: "put", input: ({ dice }) => dice(2), outputs: (_, input) => [input] },
  { f: "draw", input: () => null, outputs: () => [0, 1] },
  { f: "look", input: () => null, outputs: () => [0, 1, 2] },
];

const register = searched(casRegister({ initial: 0, failedCas: "observe" }));

describe.each<[string, Model, readonly CallShape[]]>([
  ["a register", register, registerCalls],
  ["one that declares nothing", searched(register, ["readOnly"]), registerCalls],
  ["texts that grow", searched(kv({ initial: "" })), textCalls],
  ["a bag", bag, bagCalls],
])("against a plain exploration: %s", (_, model, calls) => {
  test("levels, states and orders", () => {
    const dice = createDice(20_261_126);
    const shape = { model, calls, operationsMax: 8, indeterminate: 4 };
    const counts = { order: 0, stuck: 0 };
    for (let round = 0; round < 80; round++) {
      const history = historyOf(randomHistory(dice, shape));
      if (history.length === 0) continue;
      let expected: ReturnType<typeof explore> | undefined;
      for (const name of SEARCHES) {
        for (const plain of [true, false]) {
          let found: Searched;
          try {
            found = search(name, model, history, { plain });
          } catch (error) {
            if (error instanceof Error && error.message === "nothing to search") continue;
            throw error;
          }
          const { finding, progress, prepared } = found;
          expected ??= explore(prepared);
          const context = `${name}, ${plain ? "plain" : "refined"}, history ${round}`;
          if (finding.kind === "linearizable") {
            expect(expected, context).toBe("order");
            expect(finding.overused).toEqual([]);
            expectOrder(prepared, finding.order);
            expect(progress.levelMax).toBe(prepared.problem.levels);
            continue;
          }
          if (expected === "order") expect.fail(`refuted what has an order: ${context}`);
          if (!plain) {
            expect(finding.level, context).toBeGreaterThanOrEqual(expected.level);
            expect(finding.level).toBeLessThan(prepared.problem.levels);
            continue;
          }
          expect(finding.level, context).toBe(expected.level);
          expect(progress.levelMax).toBe(expected.level);
          if (name === "depth-first") continue;
          const states = finding.states.map((state) => prepared.transitions.stateAt(state));
          expect(states.map((state) => canonical(state)).sort(), context).toEqual(expected.states);
        }
      }
      if (expected !== undefined) counts[expected === "order" ? "order" : "stuck"]++;
    }
    expect(Math.min(counts.order, counts.stuck)).toBeGreaterThan(5);
  });
});

const completions = (words: readonly string[]): string => words.map((word) => `!${word}`).join(" ");
const distinct = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `write${at}=${at + 1}`);
const equal = (count: number): string[] => Array.from({ length: count }, (_, at) => `write${at}=1`);
const never = "read50 !read50=77";

const text = searched(kv({ initial: "" }));
const coin: Model = {
  name: "coin",
  options: {},
  initial: () => 0,
  readOnly: ({ f }) => f === "look",
  step: (state, { f, output, outcome }) => {
    if (f === "flip") return [1, 2];
    return outcome === "info" || output === state ? [state] : [];
  },
};

/** A history, and what a search without refinements makes of it. */
interface Case {
  readonly name: string;
  readonly model: Model;
  readonly words: string;
  /** Where it is stuck, and in which states. */
  readonly level: number;
  readonly states: readonly Value[];
  /** Depth-first and breadth-first: most configurations at once; work when the model was asked. */
  readonly configurations: readonly [number, number];
  readonly work: readonly [number, number];
}

describe("made by hand", () => {
  const cases: readonly Case[] = [
    {
      // Each subset with its last member: 4 × 2^3 + 1 ways, 52 moves from one to another. To settle
      // costs the five that are open, to choose as much.
      name: "a read among distinct writes",
      model: register,
      words: `read9 ${distinct(4).join(" ")} !read9=77 ${completions(distinct(4))}`,
      level: 0,
      states: [0, 1, 2, 3, 4],
      configurations: [33, 33],
      work: [53 * 5 + 33 * 5, 53 * 5 + 33 * 5],
    },
    {
      // At each level the returning one has taken effect, and each of the others may have.
      name: "a read after distinct writes",
      model: register,
      words: `${distinct(4).join(" ")} ${completions(distinct(4))} ${never}`,
      level: 4,
      states: [1, 2, 3, 4],
      configurations: [33, 21],
      work: [366, 318],
    },
    {
      // Of equal writes only their number counts.
      name: "a read among equal writes",
      model: register,
      words: `read9 ${equal(6).join(" ")} !read9=77 ${completions(equal(6))}`,
      level: 0,
      states: [0, 1],
      configurations: [7, 7],
      work: [7 * 7 + 7 * 7, 7 * 7 + 7 * 7],
    },
    {
      // What used one dominates what used it and more; depth-first finds that out too late.
      name: "a read among distinct writes of unknown outcome",
      model: register,
      words: `${distinct(4).join(" ")} ${never}`,
      level: 0,
      states: [0, 1, 2, 3, 4],
      configurations: [16, 5],
      work: [113, 17 + 5 * 5],
    },
    {
      name: "a read among equal writes of unknown outcome",
      model: register,
      words: `${equal(5).join(" ")} write9=2 ${never}`,
      level: 0,
      states: [0, 1, 2],
      configurations: [4, 3],
      work: [18, 5 + 3 * 3],
    },
    {
      name: "a coin that was flipped once or twice",
      model: coin,
      words: "flip0 !flip0 flip0 look1 !look1=7",
      level: 1,
      states: [1, 2],
      configurations: [4, 2],
      work: [19, 17],
    },
    {
      name: "a text that grew in another order",
      model: text,
      words: `append0="a" !append0="a" append1="b" append2="c" !append1="b" !append2="c"
        get0 !get0="acd"`,
      level: 3,
      states: ["abc", "acb"],
      configurations: [6, 3],
      work: [23, 23],
    },
  ];

  test.each(cases)("$name", ({ model, words, level, states, configurations, work }) => {
    for (const [at, name] of SEARCHES.entries()) {
      const { finding, progress, prepared } = search(name, model, historyOfText(words));
      const { transitions, problem, meter } = prepared;
      expect(finding).toMatchObject({ kind: "stuck", level });
      const found = (finding as { states: readonly number[] }).states;
      const told = new Set(found.map((state) => transitions.stateAt(state)));
      expect(found).toHaveLength(told.size);
      expect(told).toEqual(new Set(name === "depth-first" ? [] : states));
      expect(progress).toEqual({ levelMax: level, configurationsMax: configurations[at] });
      // Once more, now that all transitions are known; in what memory there is.
      const before = { work: meter.work, bytes: meter.bytes };
      expect(attempt(createPlain(problem), prepared, progress, name)).toEqual(finding);
      expect(meter.work - before.work).toBe(work[at]);
      expect(meter.bytes).toBe(before.bytes);
    }
  });

  test.each([
    ["a write that is read before it returns", "write0=1 read1 !read1=1 !write0=1", [0, 1]],
    ["a write of unknown outcome that is read", "write0=1 read1 !read1=1", [0, 1]],
    ["one that nobody reads", "write0=1 read1 !read1=0", [1]],
    ["two in the order of reads", "write0=1 write1=2 read2 !read2=2 read2 !read2=1", [1, 2, 0, 4]],
    ["nothing but reads", "read0 !read0=0 read0 read1 !read1=0 !read0=0", [0, 3, 2]],
  ])("%s", (_, words, order) => {
    for (const name of SEARCHES) {
      const { finding, progress, prepared } = search(name, register, historyOfText(words));
      expect(finding).toEqual({ kind: "linearizable", order, overused: [] });
      expect(progress.levelMax).toBe(prepared.problem.levels);
    }
  });

  test("what was possible before a result that is ruled out is not told", () => {
    const words = `append0="a" append1="b" !append0="a" !append1="b" get0 get1 !get0="ab"
      !get1="ba"`;
    for (const name of SEARCHES) {
      const { finding, progress } = search(name, text, historyOfText(words), { plain: false });
      expect(finding).toEqual({ kind: "stuck", level: 3, states: [] });
      expect(progress.levelMax).toBeLessThan(3);
    }
  });
});

describe("looking ahead", () => {
  const appends = (letters: string): string[] =>
    Array.from(letters, (letter, process) => `append${process}="${letter}"`);
  const returns = (letters: string): string => completions(appends(letters));
  test.each([
    // Whatever does not lead to what is seen in the end is not entered.
    [
      "the order that is seen in the end",
      `${appends("abcdef").join(" ")} ${returns("abcdef")} get9 !get9="fedcba"`,
      [5, 4, 3, 2, 1, 0, 12],
      [6, 6],
    ],
    // Any state may still be overwritten; what leads to the read is tried first.
    [
      "what is promising comes first",
      `put8="" ${appends("abcd").join(" ")} ${returns("abcd")} get9 !get9="dcba" !put8=""`,
      [4, 3, 2, 1, 9, 0],
      [5, 34],
    ],
    [
      "what is not comes as well",
      `put8="" ${appends("ab").join(" ")} ${returns("ab")} get9 !get9="" !put8=""`,
      [1, 2, 0, 5],
      [5, 6],
    ],
  ])("%s", (_, words, order, configurations) => {
    for (const [at, name] of SEARCHES.entries()) {
      const history = historyOfText(words);
      const { finding, progress, prepared } = search(name, text, history, { plain: false });
      if (finding.kind !== "linearizable") throw new Error("there is an order");
      expectOrder(prepared, finding.order);
      if (name === "depth-first") expect(finding.order).toEqual(order);
      expect(progress.configurationsMax).toBe(configurations[at]);
    }
  });
});

describe("limits", () => {
  const words = `${distinct(12).join(" ")} ${completions(distinct(12))} ${never}`;

  test.each(SEARCHES)("%s ends with its work, and gives its memory back", (name) => {
    const prepared = prepareSearch(register, historyOfText(words));
    const { meter, problem } = prepared;
    const progress = { levelMax: 0, configurationsMax: 0 };
    const search = (): Finding => attempt(createPlain(problem), prepared, progress, name);
    search();
    const before = { work: meter.work, bytes: meter.bytes };
    expect(() => meter.within(10_000, search)).toThrow(LimitReached);
    expect(meter.work - before.work).toBeGreaterThanOrEqual(10_000);
    expect(meter.work - before.work).toBeLessThan(10_020);
    expect(meter.bytes).toBe(before.bytes);
  });

  test.each(SEARCHES)("%s ends with its memory, and gives that back", (name) => {
    const budget = createBudget({ memoryBytes: 1 << 18, timeMs: Infinity });
    const prepared = prepareSearch(register, historyOfText(words), new Meter(budget));
    const { meter, problem } = prepared;
    const progress = { levelMax: 0, configurationsMax: 0 };
    expect(() => attempt(createPlain(problem), prepared, progress, name)).toThrow(
      expect.objectContaining({ limit: "memory" }),
    );
    expect(progress.configurationsMax).toBeGreaterThan(1000);
    expect(meter.bytes).toBeLessThan(1 << 14);
  });
});

test.each(SEARCHES)("%s keeps what an earlier attempt reached", (name) => {
  const prepared = prepareSearch(register, historyOfText(`write0=1 !write0=1 ${never}`));
  const progress = { levelMax: 7, configurationsMax: 1000 };
  const finding = attempt(createPlain(prepared.problem), prepared, progress, name);
  expect(finding).toMatchObject({ kind: "stuck", level: 1 });
  expect(progress).toEqual({ levelMax: 7, configurationsMax: 1000 });
});

describe("long histories", () => {
  /** In each block five writes at once, and a read of the one that returned first. */
  function blocks(count: number, ...after: readonly Line[]): History {
    const lines: Line[] = [];
    const processes = [0, 1, 2, 3, 4];
    for (let block = 0; block < count; block++) {
      const value = 5 * (block % 2);
      const write = (type: "invoke" | "ok") => (process: number) =>
        lines.push([type, process, "write", value + process]);
      processes.forEach(write("invoke"));
      processes.forEach(write("ok"));
      lines.push(["invoke", 9, "read", null], ["ok", 9, "read", value]);
    }
    return historyFrom(...lines, ...after);
  }

  // Most configurations at once: depth-first forgets what is behind it, and less the more often it
  // comes back to that.
  test.each([
    ["depth-first", 2500, 86_715],
    ["breadth-first", 600, 49],
  ] as const)("%s finds an order of %i blocks", (name, count, configurationsMax) => {
    const { finding, progress, prepared } = search(name, register, blocks(count));
    if (finding.kind !== "linearizable") throw new Error("there is an order");
    expectOrder(prepared, finding.order);
    expect(progress).toEqual({ levelMax: 6 * count, configurationsMax });
  });

  test.each([
    ["depth-first", 2500, 180_966],
    ["breadth-first", 600, 49],
  ] as const)("%s comes back from the end of %i", (name, count, configurationsMax) => {
    const wrong = blocks(count, ["invoke", 0, "read", null], ["ok", 0, "read", 99]);
    const { finding, progress } = search(name, register, wrong);
    expect(finding).toMatchObject({ kind: "stuck", level: 6 * count });
    expect(progress).toEqual({ levelMax: 6 * count, configurationsMax });
  });
});
