/**
 * Lists of steps, read where they stand in the pool, against the same history read in words:
 * without the lists of the pool everything takes the way of words.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createHistory, historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createDice, type Dice } from "../test/oracle/random-history.js";
import { stream } from "./stream.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 2_000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);

/** Answers of every shape that steps may have, right and wrong. */
function randomHistory(dice: Dice): History {
  const events: NewEvent[] = [];
  const logs = new Map<string, number[]>();
  let message = 0;
  for (let turn = 3 + dice(6); turn > 0; turn--) {
    const process = dice(3);
    const f = dice(8) === 0 ? "poll" : "txn";
    if (dice(8) === 0) {
      for (const type of ["invoke", "ok"] as const) {
        events.push({ process, type, f: "assign", value: ["a"], timeNs: 0 });
      }
      continue;
    }
    const input: Value[] = [];
    const output: Value[] = [];
    for (let steps = 1 + dice(3); steps > 0; steps--) {
      const log = dice(2) === 0 ? "a" : "b";
      const list = logs.get(log) ?? [];
      logs.set(log, list);
      if (dice(2) === 0) {
        const sent = dice(6) === 0 ? "text" : ++message;
        input.push(["send", log, sent]);
        const offset = list.push(typeof sent === "number" ? sent : 0) - 1;
        const told: readonly Value[] = [[offset, sent], [null, sent], sent, null];
        output.push(dice(9) === 0 ? ["send", log] : ["send", log, told[dice(6)] ?? [offset, sent]]);
      } else {
        input.push(["poll"]);
        const from = dice(list.length + 1);
        const pairs = list.map((each, offset): Value => [offset, each]).slice(from);
        const shown: readonly Value[] = [{ [log]: pairs }, null, {}, { [log]: null }];
        output.push(dice(9) === 0 ? ["poll"] : ["poll", shown[dice(8)] ?? { [log]: pairs }]);
      }
    }
    const type = dice(8) > 0 ? "ok" : dice(2) === 0 ? "fail" : "info";
    events.push({ process, type: "invoke", f, value: input, timeNs: 0 });
    const value = type === "ok" || dice(2) === 0 ? output : input;
    events.push({ process, type, f, value, timeNs: 0 });
  }
  return historyOf(events);
}

test("say the same in columns and in words", async () => {
  const dice = createDice(SEED);
  const kinds = new Set<string>();
  for (let number = 0; number < HISTORIES; number++) {
    const history = randomHistory(dice);
    const inWords = createHistory({ ...history, pool: history.pool, lists: undefined });
    const checker = stream({ isolation: "strict-serializable" });
    const [columns, words] = await Promise.all(
      [history, inWords].map(async (each) => checker.check(each, createBudget())),
    );
    expect({ ...columns, elapsedMs: 0 }).toEqual({ ...words, elapsedMs: 0 });
    for (const { kind } of columns?.anomalies ?? []) kinds.add(kind);
  }
  expect(kinds.size).toBeGreaterThan(5);
});

test.each([
  [[["send", "a", 7]], [["send", "a", [1, 7, 3]]]],
  [[["send", "a", 7]], [["send", "a", 5]]],
  [[["poll"]], [["poll", [1]]]],
  [[["poll"]], [["poll", 3]]],
  [[["poll"]], [["poll", { a: 3 }]]],
] as readonly (readonly [Value, Value])[])("refuse %j → %j", async (input, output) => {
  const history = historyOf([
    { process: 0, type: "invoke", f: "txn", value: input, timeNs: 0 },
    { process: 0, type: "ok", f: "txn", value: output, timeNs: 1 },
  ]);
  await expect(async () => stream().check(history, createBudget())).rejects.toThrow(/stream/);
});
