import { expect, test } from "vitest";
import { labelOf } from "./message-label.js";

test.each([
  [["req", "17.3", { kind: "vote", granted: true, term: 4 }], "req(vote.granted)"],
  [["peer", { kind: "append", entries: [] }], "peer(append.entries[])"],
  [["peer", { kind: "append", entries: [1] }], "peer(append.entries[+])"],
  [["ok", "3.1", ["ok", 7]], "ok(ok)"],
  [["not-leader", "n3"], "not-leader"],
  [[1, 2], "[+]"],
  ["n3", ""],
  [null, ""],
  [false, "false"],
] as const)("%j is %j", (message, label) => {
  expect(labelOf(message)).toBe(label);
});

test("numbers and texts that vary make no difference, truth values and emptiness do", () => {
  const message = (term: number, granted: boolean): string =>
    labelOf(["peer", { kind: "vote", term, granted, from: `n${term}` }]);
  expect(message(1, true)).toBe(message(2, true));
  expect(message(1, true)).not.toBe(message(1, false));
});
