/**
 * Checkers made of others: the gravest answer counts, one that throws is unknown with its reason
 * and costs the others nothing, and keys are judged each for itself.
 */
import { describe, expect, test } from "vitest";
import { createBudget, type Checker } from "../src/checker/checker.js";
import { HarnessError } from "../src/errors.js";
import { historyOf, type History } from "../src/history/history.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { operations } from "../test/oracle/events.js";
import { compose } from "./compose.js";
import { perKey } from "./per-key.js";
import { uniqueIds } from "./unique-ids.js";

const history = historyOf(operations(0, [0, "write", 1]));

function answering(verdict: VerdictKind): Checker {
  const anomaly = { kind: "wrong", message: "It is wrong.", operations: [0] };
  return {
    name: verdict,
    description: `always ${verdict}`,
    check: () => ({
      verdict,
      checker: verdict,
      reason: `It is ${verdict}.`,
      operations: 1,
      elapsedMs: 0,
      anomalies: verdict === "invalid" ? [anomaly] : [],
    }),
  };
}

function throwing(error: Error): Checker {
  return {
    name: "broken",
    description: "throws",
    check: () => {
      throw error;
    },
  };
}

describe("compose", () => {
  const cases: readonly (readonly [readonly VerdictKind[], VerdictKind])[] = [
    [["valid", "valid"], "valid"],
    [["valid", "unknown"], "unknown"],
    [["unknown", "invalid", "valid"], "invalid"],
    [[], "unknown"],
  ];
  test.each(cases)("%j: %s", async (kinds, expected) => {
    const checkers = kinds.map((kind, at) => [`${kind}-${at}`, answering(kind)] as const);
    const composed = compose(Object.fromEntries(checkers));
    const { verdict, reason, parts, anomalies } = await composed.check(history, createBudget());
    expect(verdict).toBe(expected);
    expect(Object.values(parts ?? {}).map((part) => part.verdict)).toEqual(kinds);
    expect(anomalies.length > 0).toBe(expected === "invalid");
    if (kinds.length > 0) expect(reason).toContain(`It is ${expected}.`);
  });

  test("a checker that throws is unknown, and the others are asked all the same", async () => {
    const broken = throwing(new TypeError("x is not a function"));
    const asked = await compose({ broken, fine: answering("valid") }).check(
      history,
      createBudget(),
    );
    expect(asked.verdict).toBe("unknown");
    expect(asked.reason).toContain("the broken checker failed: x is not a function");
    expect(asked.parts?.["fine"]?.verdict).toBe("valid");
    const graver = await compose({ broken, wrong: answering("invalid") }).check(
      history,
      createBudget(),
    );
    expect(graver.verdict).toBe("invalid");
  });

  test("a wrong question is an error, not a verdict", async () => {
    const refuses = compose({ no: throwing(new HarnessError("bad-argument", "no such option")) });
    await expect(refuses.check(history, createBudget())).rejects.toThrow("no such option");
  });

  test("the parts share the time", async () => {
    const times: number[] = [];
    let now = 0;
    const slow: Checker = {
      ...answering("valid"),
      check: (_, { timeMs }) => {
        times.push(timeMs);
        now += 30;
        return answering("valid").check(history, createBudget());
      },
    };
    const budget = { timeMs: 100, memoryBytes: 1e9, nowMs: () => now };
    await compose({ one: slow, two: slow, three: slow }).check(history, budget);
    expect(times).toEqual([100, 70, 40]);
  });
});

describe("per key", () => {
  const ids = (...given: readonly (readonly [key: string, id: string])[]): History =>
    historyOf(
      given.flatMap(([key, id], timeNs) =>
        (["invoke", "ok"] as const).map((type) => {
          const value = type === "ok" ? id : null;
          return { type, process: 0, f: "generate", key, value, timeNs };
        }),
      ),
    );

  test("an id may be given once by each key, and not twice by one", async () => {
    const checker = perKey(uniqueIds());
    const across = ids(["x", "a"], ["y", "a"]);
    expect(await checker.check(across, createBudget())).toMatchObject({ verdict: "valid" });
    const twice = ids(["x", "a"], ["y", "b"], ["x", "a"]);
    const verdict = await checker.check(twice, createBudget());
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.anomalies.map(({ key, operations: of }) => [key, of])).toEqual([["x", [0, 4]]]);
  });

  test("the name is that of what is lifted", () => {
    expect(perKey(uniqueIds()).name).toBe(uniqueIds().name);
  });

  test("one that throws is unknown beside others", async () => {
    const lifted = compose({ lifted: perKey(throwing(new Error("it broke"))) });
    const { verdict, reason } = await lifted.check(ids(["x", "a"], ["y", "a"]), createBudget());
    expect(verdict).toBe("unknown");
    expect(reason).toContain("it broke");
  });

  test("one that throws on one key costs the others nothing", async () => {
    const fragile: Checker = {
      ...uniqueIds(),
      check: (of, budget) => {
        if (of.length === 2) throw new Error("too short for me");
        return uniqueIds().check(of, budget);
      },
    };
    const fine = ids(["x", "a"], ["y", "a"], ["y", "b"]);
    const open = await perKey(fragile).check(fine, createBudget());
    expect(open).toMatchObject({ verdict: "unknown", parts: { y: { verdict: "valid" } } });
    expect(open.reason).toContain("too short for me");
    const twice = ids(["x", "a"], ["y", "a"], ["y", "a"]);
    expect((await perKey(fragile).check(twice, createBudget())).verdict).toBe("invalid");
  });
});
