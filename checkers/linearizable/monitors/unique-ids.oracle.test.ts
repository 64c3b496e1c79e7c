/**
 * Sources of unique ids against what they are: no id is given twice.
 */
import { expect, test } from "vitest";
import type { History } from "../../../src/history/history.js";
import { canonical } from "../../../src/history/value.js";
import { uniqueIds } from "../../../src/model/unique-ids.js";
import { expectAgreement } from "../../../test/oracle/differential.js";
import { linearizable } from "../../linearizable.js";

function givesNoneTwice(history: History): boolean {
  const given = [...history.invocations()]
    .map((invocation) => history.operation(invocation))
    .flatMap(({ outcome, output }) =>
      outcome === "ok" && output !== null && output !== undefined ? [canonical(output)] : [],
    );
  return new Set(given).size === given.length;
}

test("unique ids", { timeout: 3_600_000 }, async () => {
  const counts = await expectAgreement(
    () => ({
      model: uniqueIds(),
      operationsMax: 8,
      calls: [
        {
          f: "generate",
          input: () => null,
          outputs: ({ dice }) => (dice(9) === 0 ? [null] : [dice(5), `text ${dice(4)}`]),
        },
      ],
    }),
    {
      checker: (model) => linearizable({ model, nothingCompleted: "valid" }),
      isRight: givesNoneTwice,
    },
  );
  const all = counts.valid + counts.invalid;
  expect(counts.valid).toBeGreaterThan(all / 10);
  expect(counts.invalid).toBeGreaterThan(all / 20);
  expect(counts.searches["unique-ids"]).toBeGreaterThan(all / 2);
});
