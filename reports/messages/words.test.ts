import { expect, test } from "vitest";
import { wordsOf } from "./words.js";

const put = { f: "put", key: "a", value: 1 };
const command = { kind: "command", session: 2, command: put };

test.each([
  [["req", "17.3", ["read", "get", "a", null]], "read get a null"],
  [["ok", "17.3", ["ok", null]], "ok null"],
  [["ok", "17.3", ["not-leader", "n2"]], "not-leader n2"],
  [["peer", { kind: "vote", pre: true, granted: true, term: 3 }], "vote pre granted term 3"],
  [["peer", { kind: "append", term: 1, entries: [] }], "append term 1"],
  [
    ["peer", { kind: "append", term: 1, entries: [{ term: 1, operation: command }] }],
    "append [put a 1] term 1",
  ],
  [
    ["peer", { kind: "decide", transaction: "n3.1", outcome: "abort" }],
    "decide outcome abort transaction n3.1",
  ],
  [[1, 2], "[1, 2]"],
  ["n3", "n3"],
])("%j says %s", (message, words) => {
  expect(wordsOf({ content: JSON.stringify(message), label: "" } as never)).toBe(words);
});

test("a message that was cut is told by its label", () => {
  const message = { content: '["req","1.1",["p…', label: "req(put.entries[+])" };
  expect(wordsOf(message as never)).toBe("put entries[+]");
});
