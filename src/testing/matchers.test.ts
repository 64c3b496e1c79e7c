import { describe, expect, test } from "vitest";
import { bank } from "../../checkers/bank.js";
import { historyOf, type NewEvent } from "../history/history.js";
import { register } from "../model/register.js";
import {
  assertKeeps,
  assertLinearizable,
  ordealMatchers,
  type OrdealMatchers,
} from "./matchers.js";

declare module "vitest" {
  // eslint-disable-next-line
  interface Assertion<T> extends OrdealMatchers<Promise<void>> {}
}

expect.extend(ordealMatchers);

function events(...reads: readonly number[]): NewEvent[] {
  const calls: [string, number | null, number | null][] = [
    ["write", 1, 1],
    ["write", 2, 2],
    ...reads.map((value): [string, null, number] => ["read", null, value]),
  ];
  return calls.flatMap(([f, input, output], index) => [
    { timeNs: index * 2, type: "invoke", process: index % 3, f, value: input } as const,
    { timeNs: index * 2 + 1, type: "ok", process: index % 3, f, value: output } as const,
  ]);
}

describe("matchers", () => {
  test("pass for what holds", async () => {
    await expect(events(2, 2)).toBeLinearizable(register());
    await expect(historyOf(events(2))).toBeLinearizable(register());
    await expect(events(1)).toBeSequentiallyConsistent(register());
    await expect(events(1, 2)).not.toBeLinearizable(register());
    await expect(events(2, 1)).toBeCausallyConsistent(register());
  });

  test("fail with the reason and a drawing", async () => {
    const failing = expect(events(1)).toBeLinearizable(register());
    await expect(failing).rejects.toThrow(/expected the history to be linearizable/);
    await expect(failing).rejects.toThrow(/process 1 +├─ write 2 ─┤/);
    await expect(assertLinearizable(events(1), register())).rejects.toThrow(/read → 1/);
    await assertLinearizable(events(2), register());
  });

  test("what is undecided does not pass, nor does it pass for its contrary", async () => {
    await expect(expect([]).toKeep(bank({ total: 1 }))).rejects.toThrow(/but it is unknown/);
    await expect(expect([]).not.toKeep(bank({ total: 1 }))).rejects.toThrow(
      /expected the history not to keep bank, but it is unknown/,
    );
  });

  test("what is no history is refused in words", async () => {
    for (const nothing of [undefined, null, 7, {}, "history"]) {
      await expect(expect(nothing).toBeLinearizable(register())).rejects.toThrow(
        /expected a history or its events, but received/,
      );
    }
  });

  test("an assertion says what it asserts", async () => {
    await expect(assertLinearizable(events(1), register())).rejects.toThrow(
      /expected the history to be linearizable/,
    );
    await expect(assertKeeps([], bank({ total: 1 }))).rejects.toThrow(
      /to keep bank, but it is unk/,
    );
  });
});
