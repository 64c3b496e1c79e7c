/** Exactly-once effects, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition } from "../test/oracle/random-events.js";
import { exactlyOnce } from "./exactly-once.js";

const kindsOf = async (given: readonly NewEvent[]): Promise<readonly string[]> =>
  (await exactlyOnce().check(historyOf(given), createBudget())).anomalies.map(({ kind }) => kind);

describe("contract", () => {
  const contract = checkerContract({
    checker: exactlyOnce(),
    valid: operations(
      0,
      [0, "execute", "a", null, "info"],
      [1, "execute", "a"],
      [0, "execute", "b", null, "fail"],
      [1, "read", null, ["a"]],
    ),
    violations: {
      "an effect twice": operations(90, [1, "read", null, ["a", "a"]]),
      "an effect gone": operations(90, [1, "read", null, []]),
      "an effect of a failure": operations(90, [1, "read", null, ["a", "b"]]),
    },
    unobserved: events(0, ["invoke", 9, "execute", "z"], ["info", 9, "execute", "z"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("a failure and then a success is one effect", async () => {
  const given = operations(0, [0, "execute", "a", null, "fail"], [0, "execute", "a"]);
  expect(await kindsOf([...given, ...operations(9, [0, "read", null, ["a"]])])).toEqual([]);
  expect(await kindsOf([...given, ...operations(9, [0, "read", null, []])])).toEqual([
    "lost-effect",
  ]);
});

test("agrees with the definitions on random histories", async () => {
  const tally = await compareWithDefinition(
    exactlyOnce(),
    (calls) => {
      const asked = (id: Value) =>
        calls.filter(
          ({ f, input, outcome }) => f === "execute" && input === id && outcome !== "fail",
        );
      const reads = calls.filter(({ f, outcome }) => f === "read" && outcome === "ok");
      const copies = (output: Value | undefined, id: Value): number =>
        (output as readonly Value[]).filter((each) => each === id).length;
      return ["a", "b"].flatMap((id) => {
        const kinds: string[] = [];
        for (const { output, end } of reads) {
          if (copies(output, id) === 0) continue;
          if (!asked(id).some(({ begin }) => begin < end)) kinds.push("unexpected-effect");
          if (copies(output, id) > 1 && asked(id).length > 0) kinds.push("duplicated-effect");
        }
        const known = Math.min(
          ...asked(id).map(({ end }) => end),
          ...reads.filter(({ output }) => copies(output, id) > 0).map(({ end }) => end),
        );
        const last = reads.findLast(
          ({ output, begin }) => copies(output, id) === 0 && begin > known,
        );
        const back = reads.some(
          ({ output, end }) => copies(output, id) > 0 && last !== undefined && end > last.begin,
        );
        if (asked(id).length > 0 && last !== undefined && !back) kinds.push("lost-effect");
        return kinds;
      });
    },
    {
      histories: 4000,
      operationsMax: 6,
      troubled: 3,
      call: (dice) =>
        dice(2) === 0
          ? { f: "execute", input: dice(2) === 0 ? "a" : "b", output: null }
          : {
              f: "read",
              input: null,
              output: ["a", "a", "b"].filter((_, i) => dice(i === 0 ? 9 : 2) === 0),
            },
    },
  );
  for (const kind of ["duplicated-effect", "lost-effect", "unexpected-effect"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(50);
  }
  expect(tally.invalid).toBeLessThan(3800);
});
