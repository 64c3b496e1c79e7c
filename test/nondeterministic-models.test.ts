/**
 * A nondeterministic model as a user writes one, from its steps to a verified certificate: a
 * mailbox that may lose what is sent, but neither reorders nor repeats it.
 */
import { describe, expect, test } from "vitest";
import { linearizable } from "../checkers/linearizable.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import type { HistoryEvent } from "../src/history/operation.js";
import { sameValue, type Value } from "../src/history/value.js";
import type { Model } from "../src/model/model.js";
import { modelContract } from "../src/testing/index.js";
import { verifyCertificate } from "../src/verdict/verify.js";

const lossyMailbox: Model<readonly Value[]> = {
  name: "lossy-mailbox",
  options: {},
  functions: ["send", "receive"],
  initial: () => [],
  step: (mail, { f, input, output, outcome }) => {
    if (f === "send") return [[...mail, input], mail]; // It arrives, or it is lost.
    if (f !== "receive") return [];
    const [first, ...rest] = mail;
    if (outcome === "info") return first === undefined ? [mail] : [mail, rest];
    if (output === null) return first === undefined ? [mail] : [];
    return first !== undefined && sameValue(first, output ?? null) ? [rest] : [];
  },
};

/** One operation after the other; with `info` nobody knows whether it happened. */
function sequence(...operations: readonly (readonly [string, Value, Value, "info"?])[]) {
  const events = operations.flatMap(([f, input, output, type = "ok"], process) =>
    (["invoke", type] as const).map((each, half) => ({
      type: each,
      process,
      f,
      value: half === 0 ? input : output,
      timeNs: 2 * process + half,
      index: 2 * process + half,
    })),
  );
  return historyOf(events as readonly HistoryEvent[]);
}

const cases = [
  ["valid", "the first was lost", sequence(["send", 1, 1], ["send", 2, 2], ["receive", null, 2])],
  ["valid", "all were lost", sequence(["send", 1, 1], ["send", 2, 2], ["receive", null, null])],
  [
    "valid",
    "the indeterminate one arrived",
    sequence(["send", 1, 1, "info"], ["send", 2, 2], ["receive", null, 1], ["receive", null, 2]),
  ],
  [
    "invalid",
    "reordered",
    sequence(["send", 1, 1], ["send", 2, 2], ["receive", null, 2], ["receive", null, 1]),
  ],
  ["invalid", "repeated", sequence(["send", 1, 1], ["receive", null, 1], ["receive", null, 1])],
] as const;

describe("a nondeterministic model of a user", () => {
  test.each(cases)("%s: %s", async (expected, _, history) => {
    const { verdict, certificate } = await linearizable({ model: lossyMailbox }).check(
      history,
      createBudget(),
    );
    expect(verdict).toBe(expected);
    if (certificate === undefined) throw new Error("no certificate");
    const request = { certificate, history, model: lossyMailbox, budget: createBudget() };
    expect(verifyCertificate(request)).toMatchObject({ confirmed: true });
  });

  const operations = [1, 2].flatMap((value) => [
    { f: "send", key: undefined, input: value, output: value, outcome: "ok" as const },
    { f: "receive", key: undefined, input: null, output: value, outcome: "ok" as const },
    { f: "receive", key: undefined, input: null, output: null, outcome: "ok" as const },
  ]);
  for (const { name, skipped, run } of modelContract({ model: lossyMailbox, operations })) {
    if (skipped === undefined) test(name, run);
  }
});
