/**
 * Causal consistency and pipelined RAM of objects that are no registers: of registers that do not
 * say so against the definitions tried out; of sets, counters, logs, queues and a model of a user
 * by the verifier, which knows no other way than to try everything either.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History } from "../src/history/history.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { createDice } from "../test/oracle/random-history.js";
import {
  OBJECTS,
  partedRegisters,
  randomObject,
  unknownRegisters,
} from "../test/oracle/random-objects.js";
import { randomSessions } from "../test/oracle/random-sessions.js";
import { holdsLevel, type Level } from "../test/oracle/visibility.js";
import { causal } from "./causal.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 200);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);
const LEVELS: readonly Level[] = ["causal", "causal-convergence", "causal-memory", "pram"];

async function ask(history: History, model: Model, level: Level): Promise<Verdict> {
  const checker = causal({ model, level, nothingCompleted: "valid" });
  return checker.check(history, createBudget());
}

function expectConfirmed(verdict: Verdict, history: History, model: Model): void {
  const told = (): string =>
    `${verdict.checker}, seed ${SEED}: ${verdict.verdict}, ${verdict.reason}\n${JSON.stringify(verdict.certificate)}\n` +
    Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n");
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(`no certificate: ${told()}`);
  const confirmed = verifyCertificate({ certificate, history, model, budget: createBudget() });
  if (!confirmed.confirmed) expect.fail(`${confirmed.reason}\n${told()}`);
}

test("registers that do not say so, against the definitions", { timeout: 3_600_000 }, async () => {
  const dice = createDice(SEED);
  const counts = { valid: 0, invalid: 0, unknown: 0 };
  for (let number = 0; number < HISTORIES; number++) {
    const keys = dice(2) === 0 ? ["x"] : ["x", "y"];
    const history = historyOf(randomSessions(dice, { keys, operationsMax: 6, indeterminate: 5 }));
    for (const level of LEVELS) {
      const expected = holdsLevel(history, level) ? "valid" : "invalid";
      for (const model of [unknownRegisters, partedRegisters]) {
        const verdict = await ask(history, model, level);
        expect(verdict.verdict, `${level}, history ${number}: ${verdict.reason}`).toBe(expected);
        expectConfirmed(verdict, history, model);
        counts[verdict.verdict]++;
      }
      const asRegister = await ask(history, register(), level);
      expect(asRegister.verdict, `${level}, history ${number}`).toBe(expected);
    }
  }
  expect(counts.valid).toBeGreaterThan(HISTORIES);
  expect(counts.invalid).toBeGreaterThan(HISTORIES / 4);
});

describe.each(OBJECTS)("%s", (_, shape) => {
  test(
    "every answer is confirmed, and levels imply one another",
    { timeout: 3_600_000 },
    async () => {
      const dice = createDice(SEED);
      const counts = new Map<string, number>();
      for (let number = 0; number < HISTORIES; number++) {
        const history = historyOf(randomObject(dice, shape));
        let verdicts = "";
        for (const level of LEVELS) {
          const verdict = await ask(history, shape.model, level);
          expectConfirmed(verdict, history, shape.model);
          verdicts += verdict.verdict === "valid" ? "+" : "-";
        }
        // CCv and CM imply CC, and CM implies PRAM.
        expect(verdicts).not.toMatch(/^-(?:\+|.\+)|^..\+-$/);
        counts.set(verdicts, (counts.get(verdicts) ?? 0) + 1);
      }
      expect(counts.get("++++") ?? 0).toBeGreaterThan(HISTORIES / 50);
      expect(counts.get("----") ?? 0).toBeGreaterThan(HISTORIES / 50);
    },
  );
});
