/** Causality where each transaction has a session of its own, with little memory. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../../src/checker/checker.js";
import { createHistoryBuilder, INVOKE, OK, type History } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import { createRandom } from "../../../src/random.js";
import type { Verdict } from "../../../src/verdict/verdict.js";
import { verifyCertificate } from "../../../src/verdict/verify.js";
import { transactional } from "../../transactional.js";

type Row = readonly (readonly [f: "w" | "r", key: string, value: Value])[];

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function together(rows: readonly Row[]): History {
  const builder = createHistoryBuilder();
  for (const type of [INVOKE, OK] as const) {
    for (const [each, row] of rows.entries()) {
      builder.append(type, each, "txn", undefined, row, undefined, builder.length);
    }
  }
  return builder.build();
}

function judged(history: History, memoryBytes: number): Verdict {
  const level = "strong-session-causal-cerone";
  return transactional({ level }).check(history, createBudget({ memoryBytes })) as Verdict;
}

const verified = (history: History, { certificate }: Verdict): unknown =>
  certificate === undefined
    ? undefined
    : verifyCertificate({ certificate, history, budget: createBudget() });

/** Each reads what two others wrote: those, or any. */
function readersOfTwo(count: number, other: (reader: number) => number): Row[] {
  return [
    ...range(count).map((i): Row => [["w", `x${i}`, 1]]),
    ...range(count).map((i): Row => [
      ["r", `x${i}`, 1],
      ["r", `x${other(i)}`, 1],
    ]),
  ];
}

describe("causality of sessions of one transaction", () => {
  test("needs the clocks of those only who are still to be read", () => {
    const count = 4_500;
    // Twice the square of this many cells are what all clocks at once take.
    const history = together(readersOfTwo(count, (i) => (i + 1) % count));
    const verdict = judged(history, 40_000_000);
    expect(verdict.verdict).toBe("valid");
    expect(verdict.certificate).not.toHaveProperty("through");
    expect(verified(history, verdict)).toMatchObject({ confirmed: true });
  });

  const scattered = (count: number): Row[] => {
    const random = createRandom(1);
    return readersOfTwo(count, () => random.below(count));
  };
  const LITTLE = 6_000_000;

  test("asks a stronger level where it has not the memory", () => {
    const history = together(scattered(1_500));
    const verdict = judged(history, LITTLE);
    expect(verdict.verdict).toBe("valid");
    expect(verdict.certificate).toHaveProperty("through");
    expect(verified(history, verdict)).toMatchObject({ confirmed: true });
  });

  test("asks a weaker level where it has not the memory", () => {
    const fractured: Row[] = [
      [
        ["w", "a", 1],
        ["w", "b", 1],
      ],
      [
        ["r", "a", 1],
        ["r", "b", null],
      ],
    ];
    const history = together([...scattered(1_500), ...fractured]);
    const verdict = judged(history, LITTLE);
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.certificate).toHaveProperty("through");
    expect(verified(history, verdict)).toMatchObject({ confirmed: true });
  });

  test("says that it is out of memory where no other level tells", () => {
    // The last lacks the cause of what it read, which no atomic view forbids.
    const effect: Row[] = [
      [["w", "a", 1]],
      [
        ["r", "a", 1],
        ["w", "b", 1],
      ],
      [
        ["r", "b", 1],
        ["r", "a", null],
      ],
    ];
    const verdict = judged(together([...scattered(1_500), ...effect]), LITTLE);
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toContain("out of memory");
  });
});
