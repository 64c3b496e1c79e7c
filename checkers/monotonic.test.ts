/** Monotonic reads, per process and global, against their definition. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { monotonic } from "./monotonic.js";

describe("contract", () => {
  const contract = checkerContract({
    checker: monotonic(),
    valid: operations(0, [0, "read", null, null], [0, "read", null, 2], [1, "read", null, 3]),
    violations: {
      "a process going back": operations(9, [1, "read", null, 2]),
      "another process being behind": operations(9, [2, "read", null, 2]),
      "the value being gone": operations(9, [0, "read", null, null]),
    },
    unobserved: events(0, ["invoke", 9, "read"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("overlapping reads may differ; only a process's own order counts in its scope", async () => {
  const overlapping = events(
    0,
    ["invoke", 0, "read"],
    ["invoke", 1, "read"],
    ["ok", 1, "read", 2],
    ["ok", 0, "read", 1],
  );
  const verdict = await monotonic().check(historyOf(overlapping), createBudget());
  expect(verdict.verdict).toBe("valid");
  const behind = historyOf(operations(0, [0, "read", null, 2], [1, "read", null, 1]));
  expect((await monotonic().check(behind, createBudget())).anomalies).toMatchObject([
    { kind: "nonmonotonic-global", operations: [0, 2] },
  ]);
  expect((await monotonic({ scope: "process" }).check(behind, createBudget())).verdict).toBe(
    "valid",
  );
});

test("one read says nothing; a text is refused; options are checked", async () => {
  const one = historyOf(operations(0, [0, "read", null, 2]));
  expect((await monotonic().check(one, createBudget())).verdict).toBe("unknown");
  const text = historyOf(operations(0, [0, "read", null, 2], [0, "read", null, "x"]));
  expect(() => monotonic().check(text, createBudget())).toThrow(/results that are numbers/);
  expect(() => monotonic({ scope: "session" as "process" })).toThrow(/global or process/);
});

test("agrees with the definition on random histories", async () => {
  const valueOf = ({ output }: Call): number => (output === null ? -Infinity : Number(output));
  const tally = await compareWithDefinition(
    monotonic({ functions: ["read", "inc"] }),
    (calls) => {
      const reads = calls.filter(({ outcome }) => outcome === "ok");
      return reads.flatMap((later) => {
        const larger = reads.filter(
          (read) => read.end < later.begin && valueOf(read) > valueOf(later),
        );
        if (larger.some(({ process }) => process === later.process)) {
          return ["nonmonotonic-process"];
        }
        return larger.length > 0 ? ["nonmonotonic-global"] : [];
      });
    },
    {
      histories: 4000,
      operationsMax: 5,
      call: (dice) => ({
        f: dice(2) === 0 ? "read" : "inc",
        input: null,
        output: dice(6) === 0 ? null : dice(4),
      }),
    },
  );
  expect(tally.kinds["nonmonotonic-process"]).toBeGreaterThan(300);
  expect(tally.kinds["nonmonotonic-global"]).toBeGreaterThan(300);
  expect(tally.invalid).toBeLessThan(3500);
});
