/**
 * The differential test that every way of deciding goes through: the checker against brute force on
 * many small histories, each certificate against the verifier, each counterexample minimal.
 */
import { expect } from "vitest";
import { linearizable } from "../../checkers/linearizable.js";
import { createBudget, type Checker } from "../../src/checker/checker.js";
import { historyOf, type History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import { verifyCertificate } from "../../src/verdict/verify.js";
import { hasLinearization, hasLinearizationByPart } from "./brute-force.js";
import { createDice, randomHistory, type Dice, type HistoryShape } from "./random-history.js";

/** How many histories of each shape: a slice in CI, more in a run of a night. */
const ORACLE_HISTORIES = process.env["ORDEAL_ORACLE_HISTORIES"];
const ORACLE_SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_125);

/** What was seen. */
export interface Counts {
  valid: number;
  invalid: number;
  /** By the name of whatever decided, over both verdicts. */
  readonly searches: { [search: string]: number };
}

/** What is compared. */
export interface Compared {
  readonly checker: (model: Model) => Checker;
  readonly isRight: (history: History, model: Model, shape: HistoryShape) => boolean;
  /** How many histories in CI; default 4,000. */
  readonly histories?: number;
}

/** Linearizability: of the whole, or of each part where the state is that of one. */
export const LINEARIZABLE: Compared = {
  checker: (model) => linearizable({ model, nothingCompleted: "valid" }),
  isRight: (history, model, { stateOfPart = false }) =>
    (stateOfPart ? hasLinearizationByPart : hasLinearization)(history, model),
};

/**
 * Compares a checker (linearizable by default) with brute force on many histories; fails at the
 * first difference.
 */
export async function expectAgreement(
  shapeOf: (dice: Dice) => HistoryShape,
  compared: Compared = LINEARIZABLE,
): Promise<Counts> {
  const histories = Number(ORACLE_HISTORIES ?? compared.histories ?? 4_000);
  const dice = createDice(ORACLE_SEED);
  const counts: Counts = { valid: 0, invalid: 0, searches: {} };
  for (let number = 0; number < histories; number++) {
    const shape = shapeOf(dice);
    const history = historyOf(randomHistory(dice, shape));
    if (history.length > 0) await compare(history, { shape, number, counts, compared });
  }
  return counts;
}

async function compare(
  history: History,
  about: {
    readonly shape: HistoryShape;
    readonly number: number;
    readonly counts: Counts;
    readonly compared: Compared;
  },
): Promise<void> {
  const { counts, compared } = about;
  const { model } = about.shape;
  const budget = createBudget();
  const verdict = await compared.checker(model).check(history, budget);
  const expected = compared.isRight(history, model, about.shape) ? "valid" : "invalid";
  const context = (): string =>
    `${model.name} ${JSON.stringify(model.options)}, seed ${ORACLE_SEED}, history ${about.number}: ` +
    `${JSON.stringify(verdict.details?.["searches"])} ${verdict.reason}\n` +
    Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n");
  if (verdict.verdict !== expected) {
    expect.fail(`${verdict.verdict}, not ${expected}: ${context()}`);
  }
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(`no certificate: ${context()}`);
  const { confirmed, reason } = verifyCertificate({ certificate, history, model, budget });
  if (!confirmed) {
    expect.fail(`${reason}\n${JSON.stringify(certificate)}\n${context()}`);
  }
  if ("minimal" in certificate && !certificate.minimal) {
    expect.fail(`not minimal: ${context()}`);
  }
  counts[expected]++;
  const searches = verdict.details?.["searches"] as { readonly [name: string]: number };
  for (const [name, count] of Object.entries(searches)) {
    counts.searches[name] = (counts.searches[name] ?? 0) + count;
  }
}
