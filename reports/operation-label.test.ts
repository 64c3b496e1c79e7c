import { describe, expect, test } from "vitest";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { createLabeller, formatCount, formatDuration, formatValue } from "./operation-label.js";

describe("labels", () => {
  const about = (f: string, input: NewEvent["value"], output?: NewEvent["value"]): NewEvent[] => [
    { timeNs: 0, type: "invoke", process: 0, f, value: input },
    { timeNs: 0, type: "ok", process: 0, f, value: output ?? input },
  ];
  const labelOfFirst = (...events: NewEvent[]): string =>
    createLabeller(historyOf(events)).label(0);

  test.each([
    ["write 3", about("write", 3)],
    ["write 3", about("write", 3, null)],
    ["read → 2", about("read", null, 2)],
    ["read → null", about("read", null)],
    ["acquire", about("acquire", null)],
    ["cas [1, 2] → true", about("cas", [1, 2], true)],
  ])("%s", (label, events) => {
    expect(labelOfFirst(...events)).toBe(label);
  });

  test("the key stands before, what failed and what is not known behind", () => {
    const history = historyOf([
      { timeNs: 0, type: "invoke", process: 0, f: "write", key: "x", value: 1 },
      { timeNs: 1, type: "fail", process: 0, f: "write", value: 1 },
      { timeNs: 2, type: "invoke", process: 1, f: "read", key: 7, value: null },
    ]);
    const { label } = createLabeller(history);
    expect(label(0)).toBe("x: write 1 ✗");
    expect(label(2)).toBe("7: read → ?");
    expect(label(2, { withKey: false })).toBe("read → ?");
  });
});

test.each([
  ["plain", "plain"],
  ["two words", '"two words"'],
  ["null", '"null"'],
  ["12", '"12"'],
  [null, "null"],
  [[1, ["append", 2]], "[1, [append, 2]]"],
  [{ a: 1 }, "{a: 1}"],
])("formatValue(%j) is %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test("a value of a megabyte stays short", () => {
  const value = Array.from({ length: 1000 }, () => "x".repeat(1000));
  expect(formatValue(value, 50).length).toBeLessThanOrEqual(50);
});

test.each([
  [0, "0 ns"],
  [999, "999 ns"],
  [1500, "1.5 µs"],
  [999_700, "1 ms"],
  [12_345_678, "12.3 ms"],
  [3.21e9, "3.21 s"],
  [125e9, "2 min 5 s"],
  [7260e9, "2 h 1 min"],
])("formatDuration(%d) is %s", (ns, text) => {
  expect(formatDuration(ns)).toBe(text);
});

test("formatCount", () => {
  expect([1, 1000, 1234567].map((count) => formatCount(count))).toEqual([
    "1",
    "1,000",
    "1,234,567",
  ]);
});
