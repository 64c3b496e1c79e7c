/** `ordeal check` and options of models: ranges of a store, flags that a model has no use for. */
import { expect, test } from "vitest";
import { fileIn, jsonLines, ordeal, temporaryDirectory } from "./command-line.js";

/** A put of 1 to x, then a range that saw this. */
function rangeThatSaw(value: number): string {
  return jsonLines([
    { type: "invoke", process: 0, f: "put", key: "x", value: 1 },
    { type: "ok", process: 0, f: "put", key: "x", value: 1 },
    { type: "invoke", process: 0, f: "range", value: ["a", "z"] },
    { type: "ok", process: 0, f: "range", value: [["x", value]] },
  ]);
}

test.each([
  [1, 0],
  [2, 1],
])("kv takes ranges where the history has them: x = %s exits %s", async (value, exitCode) => {
  const file = fileIn(temporaryDirectory(), "h.jsonl", rangeThatSaw(value));
  const checked = await ordeal("check", file, "--model", "kv", "--json");
  expect(checked).toMatchObject({ exitCode, stderr: "" });
  expect(JSON.parse(checked.stdout)).toMatchObject({
    model: { name: "kv", options: { ranges: true } },
  });
});

test.each([
  ["mutex", "--initial", "0"],
  ["mutex", "--nil-reads", "unknown"],
  ["log", "--initial", "0"],
  ["counter", "--nil-reads", "value"],
])("%s refuses %s", async (model, flag, value) => {
  const file = fileIn(temporaryDirectory(), "h.jsonl", rangeThatSaw(1));
  const refused = await ordeal("check", file, "--model", model, flag, value);
  expect(refused).toMatchObject({ exitCode: 254, stdout: "" });
  expect(refused.stderr).toContain(`${flag} does not apply to the model ${model}`);
});
