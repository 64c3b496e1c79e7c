import { expect, test } from "vitest";
import { subjectOf } from "../report-input.js";
import { asciiSequence } from "./ascii.js";
import { sent, splitReport } from "../fixtures/messages.js";
import { sequenceOf, type Sequence } from "./sequence.js";

const sequence = (more: Parameters<typeof splitReport>[0] = []): Sequence =>
  sequenceOf(subjectOf(splitReport(more))) as Sequence;

test("a small run is drawn line by line", () => {
  expect(asciiSequence(sequence(), 80)).toMatchInlineSnapshot(`
    "            process 0       process 1       n1              n2
      5.000 ms  ╎░ partition n2 | n1 ░░░░░░░░░░░│░░░░░░░░░░░░░░░▼░░░░░░░░░░░░░░░
     10.000 ms  ┏ a: put 1      ╎               │               │
                ┃──put a 1─────────────────────▶│               │
                ┃               ╎               │┄┄beat┄┄┄┄┄┄┄┄✕│
                ┃◀────────────────────────ok 1──│               │
     14.000 ms  ┗ ok ◀ anomaly  ╎               │               │
    500.000 ms  ╎               ┏ a: get        │               │
                ╎               ┃──get a───────────────────────▶│
                ╎               ┃◀─────────────────────ok null──│
    502.000 ms  ╎               ┗ → null ◀ anomaly              │
    600.000 ms  ╎░ end of partition n2 | n1 ░░░░│░░░░░░░░░░░░░░░▲░░░░░░░░░░░░░░░"
  `);
});

test("what is too long or too wide is left to the page", () => {
  const { operations, ...rest } = sequence();
  const many = Array.from({ length: 15 }, () => operations).flat();
  expect(asciiSequence({ ...rest, operations: many }, 80)).toBeUndefined();
  expect(asciiSequence(sequence(), 60)).toBeUndefined();
});

test("what is folded is counted", () => {
  const beats = Array.from({ length: 80 }, (_, index) => sent(["n1", "n2"], 20 + index));
  expect(asciiSequence(sequence(beats), 80)).toMatch(/\n\(78 background messages not drawn\)$/);
});

test("no message steers the terminal", () => {
  const evil = sent(["n1", "n2"], 20, { body: "\u001B[31m\u202E", from: "n\u001B1" });
  expect(asciiSequence(sequence([evil]), 100)).not.toMatch(/[^\n\P{C}]/u);
});
