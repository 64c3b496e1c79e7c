/**
 * Session guarantees, each alone and some together, against their definitions, tried out on small
 * histories; every certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import { casRegister } from "../src/model/cas-register.js";
import type { SessionGuarantee } from "../src/verdict/certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { createDice } from "../test/oracle/random-history.js";
import { randomSessions, type SessionsShape } from "../test/oracle/random-sessions.js";
import { holdsGuarantees } from "../test/oracle/visibility.js";
import { SESSION_GUARANTEES, sessions } from "./sessions.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 800);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);

const SHAPES: readonly (readonly [string, SessionsShape])[] = [
  ["unique writes, two keys", { keys: ["x", "y"], operationsMax: 6 }],
  ["unique writes, one key", { keys: ["x"], operationsMax: 6 }],
  ["indeterminate operations", { keys: ["x", "y"], operationsMax: 6, indeterminate: 3 }],
  ["compare-and-sets", { keys: ["x"], operationsMax: 5, swaps: true, indeterminate: 6 }],
  ["repeated values", { keys: ["x"], operationsMax: 5, valuesMax: 2, indeterminate: 8 }],
];
const TOGETHER: readonly (readonly SessionGuarantee[])[] = [
  ...SESSION_GUARANTEES.map((guarantee) => [guarantee]),
  ["read-your-writes", "monotonic-reads"],
  ["monotonic-reads", "monotonic-writes"],
  ["monotonic-reads", "writes-follow-reads"],
  ["read-your-writes", "monotonic-writes"],
  SESSION_GUARANTEES,
];

describe.each(SHAPES)("%s", (_, shape) => {
  test("agrees with the definitions", { timeout: 900_000 }, async () => {
    const dice = createDice(SEED);
    const model = casRegister();
    const counts: { [verdicts: string]: number } = {};
    for (let number = 0; number < HISTORIES; number++) {
      const history = historyOf(randomSessions(dice, shape));
      let verdicts = "";
      for (const guarantees of TOGETHER) {
        const budget = createBudget();
        const checker = sessions({ model, guarantees, nothingCompleted: "valid" });
        const { verdict, certificate, reason } = await checker.check(history, budget);
        verdicts += { valid: "+", invalid: "-", unknown: "?" }[verdict];
        if (verdict === "unknown") continue;
        const told = (): string =>
          `${guarantees.join()}, seed ${SEED}, history ${number}: ${reason}\n${JSON.stringify(certificate)}\n` +
          Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join(
            "\n",
          );
        const expected = holdsGuarantees(history, guarantees) ? "valid" : "invalid";
        if (verdict !== expected) expect.fail(`${verdict}, not ${expected}: ${told()}`);
        if (certificate === undefined) expect.fail(`no certificate: ${told()}`);
        const confirmed = verifyCertificate({ certificate, history, model, budget });
        if (!confirmed.confirmed) expect.fail(`${confirmed.reason}\n${told()}`);
      }
      counts[verdicts] = (counts[verdicts] ?? 0) + 1;
    }
    const kinds = Object.keys(counts).filter((name) => !name.includes("?"));
    // All hold, each alone is broken, and some hold alone that do not together.
    expect(kinds.length).toBeGreaterThan(5);
    const undecided = Object.entries(counts).filter(([name]) => name.includes("?"));
    const share = undecided.reduce((sum, [, count]) => sum + count, 0) / HISTORIES;
    expect(share).toBeLessThan(shape.valuesMax === undefined ? 1e-9 : 1 / 10);
  });
});
