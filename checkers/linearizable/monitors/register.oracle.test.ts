/**
 * Registers with unique writes, against brute force.
 */
import { describe, expect, test } from "vitest";
import { casRegister } from "../../../src/model/cas-register.js";
import { kv } from "../../../src/model/kv.js";
import { register } from "../../../src/model/register.js";
import { expectAgreement, type Counts } from "../../../test/oracle/differential.js";
import type { CallShape, Dice } from "../../../test/oracle/random-history.js";

/** Both verdicts are common, and the monitor decided at least this share of them. */
function expectDecided(counts: Counts, share: number): void {
  const all = counts.valid + counts.invalid;
  expect(counts.valid / all).toBeGreaterThan(0.1);
  expect(counts.invalid / all).toBeGreaterThan(0.1);
  expect((counts.searches["register-zones"] ?? 0) / all).toBeGreaterThan(share);
}

const write: CallShape = {
  f: "write",
  input: ({ fresh }) => fresh(),
  outputs: (_, input) => [input],
};
const read: CallShape = {
  f: "read",
  weight: 2,
  input: () => null,
  outputs: ({ known }) => [null, 0, known(), known(), known()],
};
const cas: CallShape = {
  f: "cas",
  input: ({ fresh, known, dice }) => (dice(12) === 0 ? [known(), known()] : [known(), fresh()]),
  outputs: (_, input) => [input],
};
const observedCas: CallShape = { ...cas, outputs: (_, input) => [input, false], fails: true };
/** Values that may be written again, the initial one too. */
const repeated: CallShape = { ...write, input: ({ known, dice }) => (dice(6) === 0 ? 0 : known()) };

const someInitial = (dice: Dice): { initial: null | number; nilReads: "value" | "unknown" } => ({
  initial: dice(2) === 0 ? null : 0,
  nilReads: dice(4) === 0 ? "unknown" : "value",
});

describe("registers", { timeout: 3_600_000 }, () => {
  test("reads and writes", async () => {
    const counts = await expectAgreement((dice) => ({
      model: register(someInitial(dice)),
      operationsMax: 10,
      processesMax: 5,
      indeterminate: dice(3) === 0 ? 3 : 6,
      calls: [write, read],
    }));
    expectDecided(counts, 0.95);
  });

  test("compare-and-sets that swap", async () => {
    const counts = await expectAgreement((dice) => ({
      model: casRegister(someInitial(dice)),
      operationsMax: 9,
      processesMax: 5,
      indeterminate: dice(3) === 0 ? 3 : 6,
      calls: [write, read, { ...cas, weight: 1 + dice(3) }],
    }));
    expectDecided(counts, 0.8);
  });

  test("compare-and-sets that see another value", async () => {
    const counts = await expectAgreement((dice) => ({
      model: casRegister({ ...someInitial(dice), failedCas: dice(2) === 0 ? "observe" : "ignore" }),
      operationsMax: 9,
      processesMax: 5,
      calls: [write, read, { ...observedCas, weight: 2 }],
    }));
    expectDecided(counts, 0.6);
  });

  test("values that are written again are for the general search", async () => {
    const counts = await expectAgreement((dice) => ({
      model: casRegister(someInitial(dice)),
      operationsMax: 8,
      calls: [write, repeated, read, { ...observedCas, weight: 1 }],
    }));
    expect(counts.searches["register-zones"]).toBeGreaterThan(0);
    expect(Object.keys(counts.searches).length).toBeGreaterThan(1);
  });

  test("a key of a store, where not every function has a role", async () => {
    const counts = await expectAgreement((dice) => ({
      model: kv(someInitial(dice)),
      operationsMax: 8,
      calls: [
        { ...write, f: "put" },
        { ...read, f: "get" },
        { ...cas, weight: 1 },
        ...(dice(2) === 0 ? [] : [{ ...write, f: "delete", input: () => null }]),
      ],
    }));
    expectDecided(counts, 0.4);
  });
});
