/** Locks: holders and tokens, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { lock, type LockOptions } from "./lock.js";

const check = async (given: readonly NewEvent[], options: LockOptions = {}): Promise<Verdict> =>
  lock(options).check(historyOf(given), createBudget());
const kindsOf = async (
  given: readonly NewEvent[],
  options: LockOptions = {},
): Promise<readonly string[]> => (await check(given, options)).anomalies.map(({ kind }) => kind);

describe("contract", () => {
  const contract = checkerContract({
    checker: lock(),
    valid: operations(
      0,
      [0, "acquire", null, 5],
      [1, "acquire", null, false],
      [0, "release"],
      [1, "acquire", null, 6],
    ),
    violations: {
      "a second holder": operations(90, [2, "acquire", null, 7]),
      "a smaller token": operations(90, [1, "release"], [2, "acquire", null, 4]),
      "a token again": operations(90, [1, "release"], [2, "acquire", null, 5]),
      "a release of nothing": operations(90, [0, "release"]),
    },
    unobserved: events(0, ["invoke", 9, "acquire"], ["info", 9, "acquire"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("an indeterminate release may have released, a failed one has not", async () => {
  const after = (outcome: "fail" | "info"): readonly NewEvent[] =>
    operations(0, [0, "acquire"], [0, "release", null, null, outcome], [1, "acquire"]);
  expect(await kindsOf(after("info"))).toEqual([]);
  expect(await kindsOf(after("fail"))).toEqual(["two-holders"]);
});

test("the holder is the process, who the input names, or nobody in particular", async () => {
  const other = operations(0, [0, "acquire", "a"], [1, "release", "a"], [2, "acquire", "b"]);
  expect(await kindsOf(other)).toEqual(["two-holders", "released-unheld"]);
  expect(await kindsOf(other, { owner: "input" })).toEqual([]);
  expect(await kindsOf(other, { owner: "none" })).toEqual([]);
  const twice = operations(0, [0, "acquire", { owner: "a" }], [1, "acquire", { owner: "b" }]);
  expect(await kindsOf(twice, { owner: "input" })).toEqual(["two-holders"]);
  expect(await kindsOf(twice, { owner: "none" })).toEqual(["two-holders"]);
  const nameless = historyOf(operations(0, [0, "acquire"]));
  expect(() => lock({ owner: "input" }).check(nameless, createBudget())).toThrow(/name the owner/);
});

test("permits, reentrance, and locks that run out", async () => {
  const three = operations(0, [0, "acquire"], [1, "acquire"], [2, "acquire"]);
  expect((await check(three, { permits: 2 })).anomalies).toMatchObject([
    { kind: "two-holders", operations: [0, 2, 4] },
  ]);
  expect(await kindsOf(three, { permits: 3 })).toEqual([]);
  const again = operations(
    0,
    [0, "acquire", null, 1],
    [0, "acquire", null, 1],
    [0, "release"],
    [1, "acquire", null, 2],
  );
  expect(await kindsOf(again)).toEqual(["two-holders", "token-reused"]);
  // Released once of twice, it is still held.
  expect((await check(again, { reentrant: true })).anomalies).toMatchObject([
    { kind: "two-holders", operations: [0, 6] },
  ]);
  const later = [...operations(0, [0, "acquire"]), ...operations(10, [1, "acquire"])];
  expect(await kindsOf(later, { ttlMs: 12 })).toEqual(["two-holders"]);
  expect(await kindsOf(later, { ttlMs: 11 })).toEqual([]);
});

test("tokens of overlapping acquires may come in any order", async () => {
  const given = (first: number, second: number): readonly NewEvent[] =>
    events(
      0,
      ["invoke", 0, "acquire"],
      ["invoke", 1, "acquire"],
      ["ok", 0, "acquire", { token: first }],
      ["invoke", 0, "release"],
      ["ok", 0, "release"],
      ["ok", 1, "acquire", { token: second }],
    );
  expect(await kindsOf(given(2, 1))).toEqual([]);
  expect(await kindsOf(given(2, 2))).toEqual(["token-reused"]);
});

test("agrees with the definitions on random histories", async () => {
  const tally = await compareWithDefinition(
    lock(),
    (calls) => {
      const kinds: string[] = [];
      const acquires = calls.filter(
        ({ f, outcome, output }) => f === "acquire" && outcome === "ok" && output !== false,
      );
      const released = (hold: Call): number =>
        Math.min(
          Infinity,
          ...calls
            .filter(
              ({ f, process, begin, outcome }) =>
                f === "release" &&
                process === hold.process &&
                begin > hold.end &&
                outcome !== "fail",
            )
            .map(({ begin }) => begin),
        );
      for (const one of acquires) {
        for (const other of acquires) {
          if (one.end >= other.end) continue;
          if (other.end < released(one)) kinds.push("two-holders");
          if (one.output === other.output) kinds.push("token-reused");
          else if (one.end < other.begin && Number(one.output) > Number(other.output)) {
            const isReused = acquires.some(
              ({ output, end }) => output === other.output && end < other.end,
            );
            if (!isReused) kinds.push("token-not-larger");
          }
        }
      }
      for (const process of new Set(calls.map((call) => call.process))) {
        const own = calls.filter((call) => call.process === process);
        let may = 0;
        for (const { f, outcome, output } of own) {
          const refused = outcome === "fail" || (outcome === "ok" && output === false);
          if (f === "acquire" && !refused) may++;
          if (f === "release" && outcome === "ok" && --may < 0) {
            kinds.push("released-unheld");
            may = 0;
          }
        }
      }
      return kinds;
    },
    {
      histories: 8000,
      operationsMax: 7,
      call: (dice) =>
        dice(2) === 0
          ? { f: "release", input: null, output: null }
          : { f: "acquire", input: null, output: dice(4) === 0 ? false : dice(7) },
    },
  );
  for (const kind of ["two-holders", "token-not-larger", "token-reused", "released-unheld"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(100);
  }
  expect(tally.invalid).toBeLessThan(7500);
});

test("a key on which nothing succeeded takes nothing from the others", async () => {
  const used = operations(0, [0, "acquire", null, 1, "ok", "a"]);
  const idle = operations(9, [0, "acquire", null, null, "fail", "b"]);
  const verdict = await check([...used, ...idle]);
  expect(verdict).toMatchObject({ verdict: "valid", details: { keys: 2, valid: 1, empty: 1 } });
  expect(verdict.reason).toMatch(/^It holds for one key\./);
  expect((await check(idle)).verdict).toBe("unknown");
});

test("where anybody may release, one that overlaps an acquire may have followed it", async () => {
  const during = events(
    0,
    ["invoke", 0, "acquire"],
    ["invoke", 1, "release"],
    ["ok", 1, "release"],
    ["ok", 0, "acquire"],
    ["invoke", 2, "acquire"],
    ["ok", 2, "acquire"],
  );
  expect(await kindsOf(during, { owner: "none" })).toEqual([]);
  // The first acquire may have been given back before the other, within its own time.
  const inside = events(
    0,
    ["invoke", 0, "acquire"],
    ["invoke", 1, "release"],
    ["ok", 1, "release"],
    ["invoke", 2, "acquire"],
    ["ok", 2, "acquire"],
    ["ok", 0, "acquire"],
  );
  expect(await kindsOf(inside, { owner: "none" })).toEqual([]);
  // One that began before both, and ended before both, gave back neither.
  const before = events(
    0,
    ["invoke", 1, "release"],
    ["ok", 1, "release"],
    ["invoke", 0, "acquire"],
    ["ok", 0, "acquire"],
    ["invoke", 2, "acquire"],
    ["ok", 2, "acquire"],
  );
  expect(await kindsOf(before, { owner: "none" })).toEqual(["two-holders"]);
});
