/** Durability of values, texts and elements, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { durability } from "./durability.js";

const check = async (given: readonly NewEvent[]): Promise<Verdict> =>
  durability().check(historyOf(given), createBudget());

const crashAt = (ms: number): readonly NewEvent[] =>
  events(ms, ["info", "nemesis", "start-crash"], ["info", "nemesis", "start-crash"]);

describe("contract of values", () => {
  const contract = checkerContract({
    checker: durability(),
    valid: [
      ...operations(
        0,
        [0, "put", 1, 1, "ok", "x"],
        [0, "put", 2, 2, "ok", "x"],
        [0, "put", 1, 1, "ok", "y"],
        [0, "delete", null, null, "ok", "y"],
        [0, "append", "a ", "a ", "ok", "z"],
      ),
      ...crashAt(20),
      ...operations(
        30,
        [1, "get", null, 2, "ok", "x"],
        [1, "get", null, null, "ok", "y"],
        [1, "get", null, "a ", "ok", "z"],
      ),
    ],
    violations: {
      "an older value after the crash": operations(90, [1, "get", null, 1, "ok", "x"]),
      "nothing after the crash": operations(90, [1, "get", null, null, "ok", "x"]),
      "a deleted value": operations(90, [1, "get", null, 1, "ok", "y"]),
      "a lost end of a text": operations(90, [1, "get", null, "", "ok", "z"]),
      "a value before it is written": operations(
        90,
        [1, "get", null, 7, "ok", "x"],
        [1, "put", 7, 7, "ok", "x"],
      ),
      "a value that nobody wrote": operations(90, [1, "get", null, 8, "ok", "x"]),
    },
    unobserved: events(0, ["invoke", 9, "put", 100, "x"], ["info", 9, "put", 100, "x"]),
  });
  for (const { name, run } of contract) test(name, run);
});

describe("contract of elements", () => {
  const contract = checkerContract({
    checker: durability(),
    valid: [
      ...operations(0, [0, "add", 1], [0, "add", 2], [0, "remove", 2]),
      ...crashAt(20),
      ...operations(30, [1, "read", null, [1]]),
    ],
    violations: {
      "a lost element": operations(90, [1, "read", null, []]),
      "an element that is back": operations(90, [1, "read", null, [1, 2]]),
      "an element before it is added": operations(90, [1, "read", null, [1, 3]], [1, "add", 3]),
      "an element that nobody added": operations(90, [1, "read", null, [1, 3]]),
    },
    unobserved: events(0, ["invoke", 9, "add", 100], ["info", 9, "add", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("a loss names the write, the read and the crash between them", async () => {
  const { anomalies } = await check([
    ...operations(0, [0, "write", 1, null, "ok"]),
    ...crashAt(5),
    ...operations(10, [0, "read", null, null]),
  ]);
  expect(anomalies).toMatchObject([{ kind: "lost-write", operations: [0, 4] }]);
  expect(anomalies[0]?.message).toMatch(/write of 1 .*acknowledged before the crash at 5 ms/);
});

describe("what is not about a crash", () => {
  test("a stale read without one", async () => {
    const verdict = await check([
      ...operations(0, [0, "write", 1], [0, "write", 2]),
      ...crashAt(5),
      ...operations(10, [0, "write", 3], [0, "read", null, 2]),
      ...operations(20, [0, "read", null, 3]),
    ]);
    expect(verdict.verdict).toBe("valid");
  });

  test("what was still open when the node crashed", async () => {
    const verdict = await check([
      ...operations(0, [0, "write", 1]),
      ...events(3, ["invoke", 0, "write", 2]),
      ...crashAt(5),
      ...events(8, ["ok", 0, "write", 2]),
      ...operations(10, [0, "read", null, 1]),
    ]);
    expect(verdict.verdict).toBe("valid");
  });

  test.each<[string, readonly NewEvent[], RegExp]>([
    ["no crash", operations(0, [0, "write", 1], [0, "read", null, 1]), /no node crashed/],
    [
      "nothing before the crash",
      [...crashAt(0), ...operations(5, [0, "write", 1])],
      /nothing was acknowledged before/,
    ],
    [
      "nothing read after the last crash",
      [
        ...operations(0, [0, "write", 1, null, "ok", "x"]),
        ...crashAt(5),
        ...operations(10, [0, "read", null, 1, "ok", "x"], [0, "write", 2, null, "ok", "x"]),
        ...crashAt(20),
      ],
      /no read of "x" began after the crash/,
    ],
  ])("%s is unknown", async (_, given, reason) => {
    const verdict = await check(given);
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toMatch(reason);
  });
});

/** Begin and end of each crash: two events each, or one where their number is odd. */
function crashesIn(given: readonly NewEvent[]): readonly (readonly [number, number])[] {
  const all = given.flatMap(({ process, f }, i) =>
    process === "nemesis" && f === "start-crash" ? [i] : [],
  );
  if (all.length % 2 === 1) return all.map((i) => [i, i]);
  return all.flatMap((i, at) => (at % 2 === 0 ? [[i, all[at + 1] as number] as const] : []));
}

/** Where the last crash before a read began; -1 when there was none. */
function boundaryOf(given: readonly NewEvent[], { begin }: Call): number {
  return Math.max(-1, ...crashesIn(given).flatMap(([from, to]) => (to < begin ? [from] : [])));
}

const fault = (dice: (sides: number) => number): string =>
  dice(3) > 0 ? "start-crash" : "stop-crash";

test("values: agrees with the definitions on random histories", async () => {
  const definition = function* (
    calls: readonly Call[],
    given: readonly NewEvent[],
  ): Generator<string> {
    const updates = calls
      .filter(({ f, outcome }) => f !== "read" && outcome !== "fail")
      .map(({ f, input, begin, end }) => ({
        f,
        begin,
        end,
        value: f === "delete" ? null : f === "cas" ? (input as Value[])[1] : input,
      }));
    if (calls.every(({ f }) => f === "read")) return;
    for (const read of calls.filter(({ f, outcome }) => f === "read" && outcome === "ok")) {
      const until = boundaryOf(given, read);
      const writers = updates.filter(({ value }) => value === read.output);
      const before = writers.filter(({ begin }) => begin < read.end);
      if (read.output === null) before.push({ f: "", begin: -1, end: -1, value: null });
      if (before.length === 0) {
        yield writers.length === 0 ? "unexpected-value" : "value-from-the-future";
        continue;
      }
      const over = updates.filter(
        ({ begin, end }) => end < until && before.every((writer) => writer.end < begin),
      );
      const newest = over.toSorted((a, b) => b.begin - a.begin)[0];
      if (newest !== undefined) {
        yield newest.f === "delete" ? "resurrected-value" : "lost-write";
      }
    }
  };
  const tally = await compareWithDefinition(durability(), definition, {
    histories: 8000,
    operationsMax: 9,
    fault,
    call: (dice) => {
      const kind = dice(9);
      if (kind < 4) return { f: "read", input: null, output: dice(4) === 0 ? null : dice(3) };
      if (kind === 4 || kind === 5) return { f: "delete", input: null, output: null };
      if (kind === 6) return { f: "cas", input: [dice(3), dice(3)], output: null };
      return { f: "write", input: dice(3), output: null };
    },
  });
  for (const kind of [
    "lost-write",
    "resurrected-value",
    "value-from-the-future",
    "unexpected-value",
  ]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(25);
  }
  expect(tally.invalid).toBeLessThan(7600);
});

test("texts: agrees with the definition on random histories", async () => {
  const definition = function* (
    calls: readonly Call[],
    given: readonly NewEvent[],
  ): Generator<string> {
    const updates = calls.filter(({ f, outcome }) => f !== "get" && outcome !== "fail");
    const reads = calls.filter(({ f, outcome }) => f === "get" && outcome === "ok");
    if (!updates.some(({ f }) => f === "append")) return;
    for (const read of reads) {
      const until = boundaryOf(given, read);
      const isLast = reads.every(
        (other) => other.begin <= read.begin || boundaryOf(given, other) !== until,
      );
      if (!isLast) continue;
      for (const update of updates) {
        if (update.f === "delete" || update.end >= until) continue;
        if (((read.output ?? "") as string).includes(update.input as string)) continue;
        const isReset = updates.some(
          (other) =>
            other !== update &&
            other.f !== "append" &&
            other.begin < read.end &&
            other.end > update.begin,
        );
        if (!isReset) yield "lost-write";
      }
    }
  };
  const tally = await compareWithDefinition(
    {
      ...durability(),
      check: async (history, budget) =>
        ignoreValues(
          await durability().check(history, budget),
          history.functionNames.includes("append"),
        ),
    },
    definition,
    {
      histories: 6000,
      operationsMax: 9,
      fault,
      call: (dice) => {
        const kind = dice(8);
        const text = ["a", "b", "c"][dice(3)] as string;
        if (kind < 3) {
          const output = ["abc", "ab", "bc", "a", null][dice(5)] as Value;
          return { f: "get", input: null, output };
        }
        if (kind === 3 && dice(3) === 0) return { f: "delete", input: null, output: null };
        return { f: kind === 4 && dice(3) === 0 ? "put" : "append", input: text, output: null };
      },
    },
  );
  expect(tally.kinds["lost-write"]).toBeGreaterThan(300);
  expect(tally.invalid).toBeLessThan(5500);
});

/** What the other definition is about: histories in which no append may have happened. */
function ignoreValues(verdict: Verdict, hasAppends: boolean): Verdict {
  const only = ({ kind }: { readonly kind: string }): boolean =>
    hasAppends && kind === "lost-write";
  return { ...verdict, anomalies: verdict.anomalies.filter((each) => only(each)) };
}

test("elements: agrees with the definitions on random histories", async () => {
  const definition = function* (
    calls: readonly Call[],
    given: readonly NewEvent[],
  ): Generator<string> {
    const of = (f: string): readonly Call[] =>
      calls.filter((call) => call.f === f && call.outcome !== "fail");
    const told = new Set<Value>();
    if (calls.every(({ f }) => f === "read")) return;
    for (const read of calls.filter(({ f, outcome }) => f === "read" && outcome === "ok")) {
      const until = boundaryOf(given, read);
      for (const element of [0, 1, 2]) {
        const adds = of("add").filter(({ input }) => input === element);
        const removes = of("remove").filter(({ input }) => input === element);
        if ((read.output as readonly Value[]).includes(element)) {
          if (adds.every(({ begin }) => begin > read.end)) {
            if (!told.has(element)) {
              yield adds.length === 0 ? "unexpected-value" : "value-from-the-future";
            }
            told.add(element);
          }
          if (
            adds.length > 0 &&
            removes.some(
              (remove) =>
                remove.end < until &&
                adds.every((add) => add.begin > read.end || add.end < remove.begin),
            )
          ) {
            yield "resurrected-value";
          }
          continue;
        }
        const acknowledged = adds.some(({ end }) => end < until);
        if (acknowledged && removes.every(({ begin }) => begin > read.end)) yield "lost-write";
      }
    }
  };
  const tally = await compareWithDefinition(durability(), definition, {
    histories: 8000,
    operationsMax: 9,
    fault,
    call: (dice) => {
      const kind = dice(6);
      if (kind < 3) {
        return { f: "read", input: null, output: [0, 1, 2].filter(() => dice(2) === 0) };
      }
      return { f: kind === 3 ? "remove" : "add", input: dice(3), output: null };
    },
  });
  for (const kind of ["lost-write", "resurrected-value", "value-from-the-future"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(40);
  }
  expect(tally.invalid).toBeLessThan(7800);
});
