/** Sets: what becomes of elements, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { sameValue, type Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import {
  compareWithDefinition,
  type Call,
  type Definition,
  type RandomCall,
} from "../test/oracle/random-events.js";
import type { Dice } from "../test/oracle/random-history.js";
import { setFull, type SetFullOptions } from "./set-full.js";

const check = async (given: readonly NewEvent[], options: SetFullOptions = {}): Promise<Verdict> =>
  setFull(options).check(historyOf(given), createBudget());

describe("contract", () => {
  const contract = checkerContract({
    checker: setFull(),
    valid: operations(
      0,
      [0, "add", 1],
      [0, "add", "x"],
      [1, "read", null, []],
      [1, "read", null, [1, "x"]],
      [0, "add", 3],
      [0, "remove", 3],
    ),
    violations: {
      "an element lost": operations(90, [2, "read", null, [1]]),
      "an element made up": operations(90, [2, "read", null, [1, "x", 7]]),
      "an element twice": operations(90, [2, "read", null, [1, 1, "x"]]),
      "an element back from the dead": operations(90, [2, "read", null, [1, "x", 3]]),
    },
    unobserved: events(0, ["invoke", 9, "add", 100], ["info", 9, "add", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("an element that comes late is stale, which only linearizable sets may not be", async () => {
  const late = operations(0, [0, "add", 1], [1, "read", null, []], [1, "read", null, [1]]);
  const verdict = await check(late);
  expect(verdict.verdict).toBe("valid");
  expect(verdict.details).toMatchObject({
    stable: 0,
    stale: 1,
    staleMs: { max: 1 },
    worstStale: [{ element: 1, staleMs: 1 }],
    lostAfterMs: null,
  });
  const strict = await check(late, { linearizable: true });
  expect(strict.anomalies).toMatchObject([{ kind: "stale-read", operations: [0, 2, 4] }]);
});

test("a lost element names what made it known", async () => {
  const verdict = await check(
    operations(0, [0, "add", 1, null, "info"], [1, "read", null, [1]], [2, "read", null, []]),
  );
  expect(verdict.anomalies).toMatchObject([
    { kind: "lost-element", operations: [0, 2, 4], details: { element: 1, knownForMs: 1 } },
  ]);
  expect(verdict.reason).toBe(
    "process 2's read (4 ms to 5 ms) misses 1, which was there for 1 ms since process 1's read (2 ms to 3 ms); no later read shows it.",
  );
});

test("an element that has not settled is not lost", async () => {
  const given = operations(0, [0, "add", 0], [0, "add", 1], [1, "read", null, [0]]);
  expect((await check(given)).verdict).toBe("invalid");
  const verdict = await check(given, { settleMs: 5 });
  expect(verdict.verdict).toBe("valid");
  expect(verdict.details).toMatchObject({ unsettled: 1 });
});

test("what was acknowledged, what turned out to be there, and what nobody can tell of", async () => {
  const verdict = await check(
    operations(
      0,
      [0, "add", 1],
      [0, "add", 2, null, "info"],
      [0, "add", 3, null, "info"],
      [1, "read", null, [1, 2]],
      [0, "add", 4],
    ),
  );
  expect(verdict.verdict).toBe("valid");
  expect(verdict.details).toMatchObject({
    elements: 4,
    acknowledged: 2,
    recovered: 1,
    unseen: 1,
    neverRead: 2,
    neverReadElements: [2, 4],
  });
});

test("reads that began too early prove nothing", async () => {
  const given = operations(0, [1, "read", null, []], [0, "add", 1]);
  const verdict = await check(given);
  expect(verdict.verdict).toBe("unknown");
  expect(verdict.reason).toContain("Read the set at the end");
  expect((await check(operations(0, [0, "add", 1]))).reason).toContain("no read");
});

test("elements of any shape; a read that is no list is refused", async () => {
  const given = operations(0, [0, "add", [1, 2]], [0, "add", "#[1,2]"]);
  const shown = operations(9, [1, "read", null, ["#[1,2]", [1, 2]]]);
  expect((await check([...given, ...shown])).verdict).toBe("valid");
  const history = historyOf(operations(9, [1, "read", null, 5]));
  expect(() => setFull().check(history, createBudget())).toThrow(/return a list of elements/);
});

/** The definitions of the header, as they stand there. */
const definition =
  (linearizable: boolean): Definition =>
  (calls) => {
    const reads = calls.filter(({ f, outcome }) => f === "read" && outcome === "ok");
    const listOf = (read: Call): readonly Value[] => read.output as readonly Value[];
    const shows = (read: Call, value: Value): boolean =>
      listOf(read).some((each) => sameValue(each, value));
    const kinds: string[] = [];
    const values = [...new Set(calls.map(({ input }) => input))];
    const changes = (f: string, value: Value): readonly Call[] =>
      calls.filter((call) => call.f === f && call.input === value && call.outcome !== "fail");
    for (const read of reads) {
      for (const value of listOf(read)) {
        if (!changes("add", value).some(({ begin }) => begin < read.end)) {
          kinds.push("unexpected-element");
        }
        if (listOf(read).filter((each) => each === value).length > 1) {
          if (changes("add", value).length > 0) kinds.push("duplicated-element");
        }
        const killed = changes("remove", value).some(
          (remove) =>
            remove.end < read.begin &&
            changes("add", value).every((add) => add.begin > read.end || add.end < remove.begin),
        );
        if (killed && changes("add", value).length > 0) kinds.push("resurrected-element");
      }
    }
    for (const value of values) {
      const adds = changes("add", value);
      if (adds.length === 0) continue;
      const known = Math.min(
        ...adds.map(({ end }) => end),
        ...reads.filter((read) => shows(read, value)).map(({ end }) => end),
      );
      const removed = Math.min(Infinity, ...changes("remove", value).map(({ begin }) => begin));
      const last = reads.findLast(
        (read) => !shows(read, value) && read.begin > known && removed > read.end,
      );
      if (last === undefined) continue;
      const comesBack = reads.some((read) => shows(read, value) && read.end > last.begin);
      if (!comesBack) kinds.push("lost-element");
      else if (linearizable) kinds.push("stale-read");
    }
    return kinds;
  };

const call = (dice: Dice): RandomCall => {
  const kind = dice(6);
  if (kind < 2) return { f: "add", input: dice(3), output: null };
  if (kind === 2 && dice(2) === 0) return { f: "remove", input: dice(3), output: null };
  const list = [0, 1, 2, 3].filter((value) => dice(value === 3 ? 30 : 2) === 0);
  if (list.length > 0 && dice(20) === 0) list.push(list[0] as number);
  return { f: "read", input: null, output: list };
};

test.each([false, true])("agrees with the definitions, linearizable %s", async (linearizable) => {
  const tally = await compareWithDefinition(setFull({ linearizable }), definition(linearizable), {
    histories: 6000,
    operationsMax: 7,
    call,
  });
  for (const kind of setFullKinds(linearizable)) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(30);
  }
  expect(tally.invalid).toBeLessThan(5500);
});

function setFullKinds(linearizable: boolean): readonly string[] {
  return [
    "lost-element",
    "unexpected-element",
    "resurrected-element",
    "duplicated-element",
    ...(linearizable ? ["stale-read"] : []),
  ];
}
