/** What histories of counters are told apart by, and how much of them is looked at. */
import { expect, test } from "vitest";
import { historyOf, type NewEvent } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import { decideIsolation, together, type ToldMicro } from "../../../test/judge-isolation.js";
import { countedIn } from "./counted.js";
import { layOutCounters } from "./layout.js";

test("a counter that is read more often than is looked at has too many choices", () => {
  const reads = Array.from({ length: 20_000 }, (): readonly ToldMicro[] => [["r", "z", 1]]);
  const history = together([["inc", "z", 1]], ...reads);
  expect(countedIn(layOutCounters(history, "counters"), 1_024)).toBeUndefined();
  const few = together([["inc", "z", 1]], ...reads.slice(0, 900));
  expect(countedIn(layOutCounters(few, "counters"), 1_024)).toHaveLength(1);
});

/** One after the other, by one process. */
function told(...operations: readonly (readonly [f: string, input: Value, output: Value])[]) {
  return historyOf(
    operations.flatMap(([f, input, output], at): readonly NewEvent[] => [
      { type: "invoke", process: 0, f, value: input, timeNs: 2 * at },
      { type: "ok", process: 0, f, value: output, timeNs: 2 * at + 1 },
    ]),
  );
}

test.each([[null], [[]]])(
  "invocations that say %j: completions tell what is counted",
  async (none) => {
    const [inc, insert] = [[["inc", "z", 1]], [["insert", "z", 1]]];
    const read = (value: number): Value => [["r", "z", value]];
    for (const first of [inc, insert]) {
      const right = told(["txn", none, first], ["txn", none, read(1)]);
      expect((await decideIsolation(right, "serializable")).verdict).toBe("valid");
      const wrong = told(["txn", none, first], ["txn", none, read(2)]);
      expect((await decideIsolation(wrong, "serializable")).verdict).toBe("invalid");
    }
  },
);

test("transfers that nobody looks at are those of a bank", async () => {
  const transfer: Value = { from: "a", to: "b", amount: 3 };
  const { verdict, details } = await decideIsolation(
    told(["transfer", transfer, transfer]),
    "strict-serializable",
  );
  expect([verdict, details?.["transactions"]]).toEqual(["valid", 1]);
});
