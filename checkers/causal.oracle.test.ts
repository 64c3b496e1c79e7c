/**
 * Causal consistency in all its forms and pipelined RAM against their definitions, tried out on
 * small histories with indeterminate operations, compare-and-sets and repeated values; every
 * certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History } from "../src/history/history.js";
import { casRegister } from "../src/model/cas-register.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { createDice } from "../test/oracle/random-history.js";
import { randomSessions, type SessionsShape } from "../test/oracle/random-sessions.js";
import { holdsLevel, type Level } from "../test/oracle/visibility.js";
import { causal } from "./causal.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 1_500);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const SHAPES: readonly (readonly [string, SessionsShape])[] = [
  ["unique writes, two keys", { keys: ["x", "y"], operationsMax: 6 }],
  ["unique writes, one key", { keys: ["x"], operationsMax: 6 }],
  ["indeterminate operations", { keys: ["x", "y"], operationsMax: 6, indeterminate: 3 }],
  ["compare-and-sets", { keys: ["x"], operationsMax: 5, swaps: true, indeterminate: 6 }],
  ["repeated values", { keys: ["x"], operationsMax: 5, valuesMax: 2, indeterminate: 8 }],
];
const LEVELS: readonly Level[] = ["causal", "causal-convergence", "causal-memory", "pram"];

describe.each(SHAPES)("%s", (_, shape) => {
  test("agrees with the definitions", { timeout: 900_000 }, async () => {
    const dice = createDice(SEED);
    const model = casRegister();
    /** How often each combination of answers was seen. */
    const counts: { [verdicts: string]: number } = {};
    const compare = async (history: History, level: Level, number: number): Promise<string> => {
      const checker = causal({ model, level, nothingCompleted: "valid" });
      const budget = createBudget();
      const { verdict, certificate, reason } = await checker.check(history, budget);
      if (verdict === "unknown") return "?";
      const told = (): string =>
        `${level}, seed ${SEED}, history ${number}: ${reason}\n${JSON.stringify(certificate)}\n` +
        Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join(
          "\n",
        );
      const expected = holdsLevel(history, level) ? "valid" : "invalid";
      if (verdict !== expected) expect.fail(`${verdict}, not ${expected}: ${told()}`);
      if (certificate === undefined) expect.fail(`no certificate: ${told()}`);
      const confirmed = verifyCertificate({ certificate, history, model, budget });
      if (!confirmed.confirmed) expect.fail(`${confirmed.reason}\n${told()}`);
      return verdict === "valid" ? "+" : "-";
    };
    for (let number = 0; number < HISTORIES; number++) {
      const history = historyOf(randomSessions(dice, shape));
      let verdicts = "";
      for (const level of LEVELS) verdicts += await compare(history, level, number);
      counts[verdicts] = (counts[verdicts] ?? 0) + 1;
    }
    const share = (verdicts: RegExp): number =>
      Object.entries(counts)
        .filter(([name]) => verdicts.test(name))
        .reduce((sum, [, count]) => sum + count, 0) / HISTORIES;
    expect(share(/^\+{4}$/)).toBeGreaterThan(1 / 10);
    expect(share(/^-{4}$/)).toBeGreaterThan(1 / 20);
    expect(share(/\?/)).toBeLessThan(shape.valuesMax === undefined ? 1e-9 : 1 / 10);
    // The levels are told apart.
    if (shape === SHAPES[1]?.[1]) {
      for (const verdicts of ["+-++", "+---"]) expect(counts[verdicts]).toBeGreaterThan(5);
    }
  });
});
