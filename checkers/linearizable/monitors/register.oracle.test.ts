/**
 * Registers with unique writes, against brute force.
 */
import { expect, test } from "vitest";
import { expectAgreement } from "../../../test/oracle/differential.js";
import { casRegister } from "../../../src/model/cas-register.js";

test("registers with unique writes and compare-and-sets", { timeout: 120_000 }, async () => {
  const counts = await expectAgreement((dice) => ({
    model: casRegister({
      initial: dice(2) === 0 ? null : 0,
      failedCas: dice(2) === 0 ? "observe" : "ignore",
    }),
    operationsMax: 8,
    calls: [
      { f: "write", input: ({ fresh }) => fresh(), outputs: (_, input) => [input] },
      {
        f: "read",
        weight: 2,
        input: () => null,
        outputs: ({ known }) => [null, 0, known(), known(), known()],
      },
      {
        f: "cas",
        input: ({ fresh, known }) => [known(), fresh()],
        outputs: (_, input) => [input, false],
        fails: true,
      },
    ],
  }));
  console.log(JSON.stringify(counts));
  expect(counts.valid).toBeGreaterThan(500);
  expect(counts.invalid).toBeGreaterThan(500);
});
