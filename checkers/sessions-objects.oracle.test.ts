/**
 * Session guarantees of objects that are no registers, each alone and some together, against their
 * definitions, tried out on small histories; every certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History } from "../src/history/history.js";
import type { Model } from "../src/model/model.js";
import type { SessionGuarantee } from "../src/verdict/certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { keepsAll, wholeObject } from "../test/oracle/object-guarantees.js";
import { createDice } from "../test/oracle/random-history.js";
import {
  OBJECTS,
  partedRegisters,
  randomObject,
  unknownRegisters,
} from "../test/oracle/random-objects.js";
import { randomSessions } from "../test/oracle/random-sessions.js";
import { holdsGuarantees } from "../test/oracle/visibility.js";
import { SESSION_GUARANTEES, sessions } from "./sessions.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 50);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const TOGETHER: readonly (readonly SessionGuarantee[])[] = [
  ...SESSION_GUARANTEES.map((guarantee) => [guarantee]),
  ["read-your-writes", "monotonic-reads"],
  ["monotonic-reads", "writes-follow-reads"],
  ["monotonic-reads", "monotonic-writes"],
  SESSION_GUARANTEES,
];

async function expectRight(
  history: History,
  about: {
    readonly model: Model;
    readonly guarantees: readonly SessionGuarantee[];
    readonly expected: boolean;
  },
): Promise<string> {
  const { model, guarantees, expected } = about;
  const budget = createBudget();
  const checker = sessions({ model, guarantees, nothingCompleted: "valid" });
  const { verdict, certificate, reason } = await checker.check(history, budget);
  const told = (): string =>
    `${guarantees.join()} of ${model.name}, seed ${SEED}: ${verdict}, ${reason}\n${JSON.stringify(certificate)}\n` +
    Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n");
  if (verdict !== (expected ? "valid" : "invalid")) expect.fail(`not ${expected}: ${told()}`);
  if (certificate === undefined) expect.fail(`no certificate: ${told()}`);
  const confirmed = verifyCertificate({ certificate, history, model, budget });
  if (!confirmed.confirmed) expect.fail(`${confirmed.reason}\n${told()}`);
  return expected ? "+" : "-";
}

test("registers that do not say so, as registers", { timeout: 3_600_000 }, async () => {
  const dice = createDice(SEED);
  const counts = new Map<string, number>();
  for (let number = 0; number < HISTORIES; number++) {
    const keys = dice(2) === 0 ? ["x"] : ["x", "y"];
    const history = historyOf(randomSessions(dice, { keys, operationsMax: 6, indeterminate: 5 }));
    let verdicts = "";
    for (const guarantees of TOGETHER) {
      const expected = holdsGuarantees(history, guarantees);
      await expectRight(history, { model: partedRegisters, guarantees, expected });
      verdicts += await expectRight(history, { model: unknownRegisters, guarantees, expected });
    }
    counts.set(verdicts, (counts.get(verdicts) ?? 0) + 1);
  }
  expect(counts.size).toBeGreaterThan(3);
});

describe.each(OBJECTS)("%s", (_, shape) => {
  test("agrees with the definitions", { timeout: 3_600_000 }, async () => {
    const dice = createDice(SEED);
    const object = wholeObject(shape.model);
    const counts = new Map<string, number>();
    for (let number = 0; number < HISTORIES; number++) {
      const history = historyOf(randomObject(dice, shape));
      let verdicts = "";
      for (const guarantees of TOGETHER) {
        const expected = keepsAll(history, object, guarantees);
        verdicts += await expectRight(history, { model: shape.model, guarantees, expected });
      }
      counts.set(verdicts, (counts.get(verdicts) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(2);
    expect(counts.get("++++++++") ?? 0).toBeGreaterThan(HISTORIES / 50);
  });
});
