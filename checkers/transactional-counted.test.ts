/**
 * Counters at levels of which no order of moments tells: as the lists that their totals may be made
 * of; and evidence that is not right is refused.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { CountedRead, NoLists } from "../src/verdict/counter-certificate.js";
import { isolationShapeError } from "../src/cli/isolation-shapes.js";
import { decideIsolation, isConfirmed, together, type ToldMicro } from "../test/judge-isolation.js";
import { transactional } from "./transactional.js";

/** Half of what a transaction adds is seen. */
const FRACTURED: readonly (readonly ToldMicro[])[] = [
  [
    ["inc", "x", 1],
    ["inc", "y", 1],
  ],
  [
    ["r", "y", 0],
    ["r", "x", 1],
  ],
];

test("half of what a transaction adds is seen: where the totals tell whose it is", async () => {
  const history = together(...FRACTURED);
  for (const level of ["read-atomic", "update-atomic", "causal-cerone"]) {
    const { verdict, anomalies } = await decideIsolation(history, level);
    expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["fractured-read"]]);
  }
  for (const level of ["monotonic-atomic-view", "monotonic-snapshot-read"]) {
    expect((await decideIsolation(history, level)).verdict).toBe("valid");
  }
});

/** Two who disagree about who came first, so that no order of snapshots explains them. */
const FORKED: readonly (readonly ToldMicro[])[] = [
  [["inc", "p", 1]],
  [["inc", "q", 1]],
  [
    ["r", "p", 1],
    ["r", "q", 0],
  ],
  [
    ["r", "p", 0],
    ["r", "q", 1],
  ],
];

test("where it may be another's, one choice is enough", async () => {
  const history = together(...FRACTURED, [["inc", "x", 1]], ...FORKED);
  const { verdict, certificate, details } = await decideIsolation(history, "read-atomic");
  expect([verdict, details?.["level"]]).toEqual(["valid", "read-atomic"]);
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  expect(isolationShapeError({ ...certificate })).toBe("");
  const { counted = [] } = certificate;
  expect(counted.filter(({ reader }) => reader === 1)).toEqual([
    { reader: 1, at: 1, of: [[2, 0]] },
    { reader: 1, at: 0, of: [] },
  ]);
  const withCounted = (those: readonly CountedRead[]): Certificate => ({
    ...certificate,
    counted: those,
  });
  const read = (of: CountedRead["of"]): Certificate =>
    withCounted([...counted.slice(1), { reader: 1, at: 1, of }]);
  expect(isConfirmed(read([[2, 0]]), history)).toBe(true);
  expect(isConfirmed(read([[0, 0]]), history)).toBe(false);
  expect(isConfirmed(read([]), history)).toBe(false);
  // Of another counter; twice the same; nothing that adds.
  expect(isConfirmed(read([[0, 1]]), history)).toBe(false);
  expect(
    isConfirmed(
      read([
        [2, 0],
        [2, 0],
      ]),
      history,
    ),
  ).toBe(false);
  expect(isConfirmed(read([[1, 0]]), history)).toBe(false);
  expect(isConfirmed(withCounted(counted.slice(1)), history)).toBe(false);
  const malformed = [{ reader: 1, at: 1, of: [[2]] }];
  expect(isolationShapeError({ ...certificate, counted: malformed })).not.toBe("");
});

test("where every choice is wrong, so is the history", async () => {
  const history = together(...FRACTURED, FRACTURED[0] as readonly ToldMicro[]);
  const { verdict, anomalies, reason, certificate } = await decideIsolation(history, "read-atomic");
  expect(verdict).toBe("invalid");
  expect(anomalies.map(({ kind }) => kind)).toEqual(["no-order", "fractured-read"]);
  expect(reason).toMatch(/whatever the totals are made of \(2 choices\)/u);
  const violation = certificate?.kind === "isolation-violation" ? certificate : undefined;
  if (violation?.phenomenon.name !== "no-lists") expect.fail("no cases");
  expect(isolationShapeError({ ...violation })).toBe("");
  const { cases } = violation.phenomenon;
  const withCases = (those: NoLists["cases"]): Certificate => {
    return { ...violation, phenomenon: { name: "no-lists", cases: those } };
  };
  expect(isConfirmed(withCases(cases.toReversed()), history)).toBe(true);
  expect(isConfirmed(withCases(cases.slice(1)), history)).toBe(false);
  const swapped = cases.map(({ counted }, place) => {
    const { phenomenon } = cases[1 - place] as (typeof cases)[number];
    return { counted, phenomenon };
  });
  expect(isConfirmed(withCases(swapped), history)).toBe(false);
  // Where what was aborted may be read there are other choices.
  expect(isConfirmed({ ...violation, level: "read-uncommitted" }, history)).toBe(false);
  const misshapen = { ...violation, phenomenon: { name: "no-lists", cases: [{ counted: [] }] } };
  expect(isolationShapeError(misshapen)).not.toBe("");
});

/** A bank with first balances, one transfer, and a read of half of it. */
function torn(read: Value): History {
  const at = (process: number, f: string, value: Value) =>
    [
      { process, f, value: f === "read" ? null : value, type: "invoke", timeNs: 0 },
      { process, f, value, type: "ok", timeNs: 0 },
    ] as const;
  return historyOf([
    ...at(9, "init", { a: 10, b: 10 }),
    ...at(0, "transfer", { from: "a", to: "b", amount: 3 }),
    ...at(1, "read", read),
  ]);
}

test("of a bank lists say nothing below cursor stability, where it may lose money", () => {
  const counted: readonly CountedRead[] = [
    { reader: 4, at: 0, of: [[2, 0]] },
    { reader: 4, at: 1, of: [[2, 1]] },
  ];
  const order = [2, 4];
  const at = (level: "serializable" | "read-atomic"): Certificate => {
    return { kind: "transaction-order", level, manner: "serial", order, counted };
  };
  expect(isConfirmed(at("serializable"), torn({ a: 7, b: 13 }))).toBe(true);
  expect(isConfirmed(at("read-atomic"), torn({ a: 7, b: 13 }))).toBe(false);
});

test("where there are more lists than are tried it is left open", async () => {
  const ones = Array.from({ length: 8 }, (): readonly ToldMicro[] => [["inc", "z", 1]]);
  const seven: readonly ToldMicro[] = [["r", "z", 7]];
  const history = together(...FRACTURED, [["inc", "x", 1]], ...FORKED, ...ones, seven);
  const asked = transactional({ level: "read-atomic" });
  const { verdict, reason } = await asked.check(history, createBudget());
  expect([verdict, reason]).toEqual(["unknown", expect.stringMatching(/^Undecided:.*powers of/u)]);
});
