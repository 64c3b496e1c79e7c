/**
 * Sets and logs that only grow, decided in polynomial time, against the definitions tried out: each
 * level of causality and pipelined RAM, sequential consistency, and session guarantees alone and
 * together. Every certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History } from "../src/history/history.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { set } from "../src/model/set.js";
import type { Operation } from "../src/history/operation.js";
import { createAccount } from "../src/verdict/account.js";
import { isExplained, type Caused } from "../src/verdict/causal-definitions.js";
import type { SessionGuarantee } from "../src/verdict/certificate.js";
import { VerificationUndecided } from "../src/verdict/claims.js";
import { createPartedStep } from "../src/verdict/parted-step.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { keepsAll, wholeObject } from "../test/oracle/object-guarantees.js";
import { randomCollections } from "../test/oracle/random-collections.js";
import { createDice, type Dice } from "../test/oracle/random-history.js";
import { causal } from "./causal.js";
import type { CausalLevel } from "./causal/decide.js";
import { decideOrder } from "./sequential/decide.js";
import { layOutByProcess } from "./sequential/layout.js";
import { Meter } from "./linearizable/meter.js";
import { sequential } from "./sequential.js";
import { SESSION_GUARANTEES, sessions } from "./sessions.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 300);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);
const LEVELS: readonly CausalLevel[] = ["causal", "causal-convergence", "causal-memory", "pram"];
const TOGETHER: readonly (readonly SessionGuarantee[])[] = [
  ...SESSION_GUARANTEES.map((guarantee) => [guarantee]),
  ["read-your-writes", "monotonic-reads"],
  ["read-your-writes", "writes-follow-reads"],
  ["monotonic-reads", "monotonic-writes"],
  ["monotonic-reads", "writes-follow-reads"],
  SESSION_GUARANTEES,
];
const SHAPES: readonly (readonly [string, Model])[] = [
  ["a set", set()],
  ["a log", log()],
];
/** What the definitions may cost for one history, in looks at a clock that only counts them. */
const LOOKS_MAX = 2000;

function randomHistory(dice: Dice, model: Model, operationsMax: number): History {
  const isOrdered = model.name === "log";
  const keys = dice(2) === 0 ? [isOrdered || dice(2) === 0 ? "x" : undefined] : ["x", "y"];
  const odd =
    dice(3) === 0
      ? { indeterminate: 0, failed: 0, wrong: 0 }
      : { indeterminate: 7, failed: 15, wrong: 60 };
  return historyOf(randomCollections(dice, { isOrdered, keys, operationsMax, odd }));
}

/** Whether the definition holds; undefined for the few histories that have too much to try. */
function isCausal(history: History, model: Model, level: CausalLevel): boolean | undefined {
  const isUpdate = (operation: Operation): boolean => model.readOnly?.(operation) !== true;
  const all: Caused[] = [];
  const earlier = new Map<unknown, number>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const isRequired = operation.outcome === "ok";
    if (operation.outcome === "fail" || (!isRequired && !isUpdate(operation))) continue;
    const before = earlier.get(operation.process) ?? 0;
    const at = all.push({ operation, earlier: before, isRequired }) - 1;
    if (isRequired) earlier.set(operation.process, before | (1 << at));
  }
  let looks = 0;
  const account = createAccount({ timeMs: LOOKS_MAX, memoryBytes: 1e9, nowMs: () => looks++ });
  try {
    return isExplained(all, level, { ...createPartedStep(history, model, account), account });
  } catch (error) {
    if (error instanceof VerificationUndecided) return undefined;
    throw error;
  }
}

function expectRight(history: History, model: Model, verdict: Verdict, expected: boolean): void {
  const told = (): string =>
    `${verdict.checker} of ${model.name}, seed ${SEED}: ${verdict.verdict}, ${verdict.reason}\n${JSON.stringify(verdict.certificate)}\n` +
    Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n");
  if (verdict.verdict !== (expected ? "valid" : "invalid"))
    expect.fail(`not ${expected}: ${told()}`);
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(`no certificate: ${told()}`);
  const confirmed = verifyCertificate({ certificate, history, model, budget: createBudget() });
  if (!confirmed.confirmed) expect.fail(`${confirmed.reason}\n${told()}`);
}

describe.each(SHAPES)("%s", (_, model) => {
  test("levels of causality", { timeout: 36_000_000 }, async () => {
    const dice = createDice(SEED);
    const counts = new Map<string, number>();
    for (let number = 0; number < HISTORIES; number++) {
      const history = randomHistory(dice, model, number % 5 === 0 ? 8 : 7);
      let verdicts = "";
      for (const level of LEVELS) {
        const verdict = await causal({ model, level, nothingCompleted: "valid" }).check(
          history,
          createBudget(),
        );
        const expected = isCausal(history, model, level);
        expectRight(history, model, verdict, expected ?? verdict.verdict === "valid");
        verdicts += expected === undefined ? "?" : expected ? "+" : "-";
      }
      counts.set(verdicts, (counts.get(verdicts) ?? 0) + 1);
    }
    expect(counts.get("++++") ?? 0).toBeGreaterThan(HISTORIES / 20);
    expect(counts.get("----") ?? 0).toBeGreaterThan(HISTORIES / 20);
    if (HISTORIES < 10_000) return; // Few histories of sets are right at PRAM alone.
    const tried = [...counts.keys()].filter((verdicts) => !verdicts.includes("?"));
    expect(tried).toContain("---+");
    if (model.name === "log") expect(tried).toEqual(expect.arrayContaining(["+-++", "++--"]));
  });

  test("sequential consistency", { timeout: 36_000_000 }, async () => {
    const dice = createDice(SEED);
    let held = 0;
    for (let number = 0; number < HISTORIES; number++) {
      const history = randomHistory(dice, model, 8);
      const budget = createBudget();
      const { kind } = decideOrder(layOutByProcess(history, model), model, new Meter(budget));
      const verdict = await sequential({ model, nothingCompleted: "valid" }).check(history, budget);
      expectRight(history, model, verdict, kind === "explained");
      if (kind === "explained") held++;
    }
    expect(held).toBeGreaterThan(HISTORIES / 10);
    expect(held).toBeLessThan((9 * HISTORIES) / 10);
  });

  test("session guarantees", { timeout: 36_000_000 }, async () => {
    const dice = createDice(SEED);
    const object = wholeObject(model);
    const counts = new Map<string, number>();
    for (let number = 0; number < HISTORIES; number++) {
      const history = randomHistory(dice, model, 6);
      const updates = [...history.invocations()].filter(
        (each) => model.readOnly?.(history.operation(each)) !== true,
      );
      // Every order of additions is tried, with all that each operation may see.
      if (updates.length > 4) continue;
      let verdicts = "";
      for (const guarantees of TOGETHER) {
        const checker = sessions({ model, guarantees, nothingCompleted: "valid" });
        const verdict = await checker.check(history, createBudget());
        const expected = keepsAll(history, object, guarantees);
        expectRight(history, model, verdict, expected);
        verdicts += expected ? "+" : "-";
      }
      counts.set(verdicts, (counts.get(verdicts) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(2);
  });
});
