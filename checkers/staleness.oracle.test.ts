/**
 * k-atomicity and Δ-atomicity against their definitions: every order of every small history.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Operation } from "../src/history/operation.js";
import { sameValue, type Value } from "../src/history/value.js";
import { kv } from "../src/model/kv.js";
import { register } from "../src/model/register.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  createDice,
  randomHistory,
  type CallShape,
  type Dice,
  type HistoryShape,
  type Moment,
} from "../test/oracle/random-history.js";
import { deltaAtomicity } from "./delta-atomicity.js";
import { kAtomicity } from "./k-atomicity.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 3_000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

/**
 * Whether the reads and writes have an order in which each read returns one of the last `versions`
 * values, with reads that begin `deltaNs` earlier. An indeterminate write may be left out.
 */
function hasOrder(history: History, versions: number, deltaNs: number): boolean {
  const operations = [...history.invocations()]
    .map((invocation) => history.operation(invocation))
    .filter(({ outcome, f }) => outcome === "ok" || (outcome === "info" && f !== "read"));
  const precedes = (one: Operation, other: Operation): boolean => {
    if (one.outcome !== "ok") return false;
    const end = one.completedNs;
    const start = other.invokedNs - (other.f === "read" ? deltaNs : 0);
    return end === start ? (one.completion as number) < other.invocation : end < start;
  };
  const dead = new Set<string>();
  const search = (left: readonly Operation[], values: readonly Value[]): boolean => {
    if (left.every(({ outcome }) => outcome === "info")) return true;
    const name = `${left.map(({ invocation }) => invocation).join()} ${JSON.stringify(values)}`;
    if (dead.has(name)) return false;
    for (const operation of left) {
      if (left.some((other) => other !== operation && precedes(other, operation))) continue;
      const others = left.filter((other) => other !== operation);
      if (operation.f === "read") {
        if (!values.some((value) => sameValue(value, operation.output ?? null))) continue;
        if (search(others, values)) return true;
      } else if (operation.f === "cas") {
        const [from, to] = operation.input as readonly [Value, Value];
        const refused = operation.output === false;
        const sees = values.some((value) => sameValue(value, from));
        if (operation.outcome === "ok" && !refused && !sees) continue;
        if (search(others, refused ? values : [...values, to].slice(-versions))) return true;
      } else if (search(others, [...values, operation.input].slice(-versions))) return true;
    }
    dead.add(name);
    return false;
  };
  return search(operations, [null]);
}

/** Undefined when no k is enough. */
function smallestK(history: History): number | undefined {
  const most = history.invocations().length + 1;
  for (let k = 1; k <= most; k++) if (hasOrder(history, k, 0)) return k;
  return undefined;
}

/** Undefined when no Δ is enough. */
function smallestDelta(history: History): number | undefined {
  const span = (history.timesNs.at(-1) ?? 0) - (history.timesNs[0] ?? 0);
  for (let delta = 0; delta <= span + 1; delta++) if (hasOrder(history, 1, delta)) return delta;
  return undefined;
}

const write: CallShape = {
  f: "write",
  weight: 2,
  input: ({ fresh }) => fresh(),
  outputs: (_, input) => [input],
};
const read: CallShape = {
  f: "read",
  weight: 3,
  input: () => null,
  outputs: ({ known }) => [null, known(), known(), known()],
};

const unique = (dice: Dice): HistoryShape => ({
  model: register(),
  operationsMax: 8,
  processesMax: dice(2) === 0 ? 3 : 6,
  indeterminate: dice(3) === 0 ? 3 : 8,
  calls: [write, { ...read, weight: 2 + dice(4) }],
});

/** Values that are written again, and compare-and-sets. */
const other = (dice: Dice): HistoryShape => ({
  ...unique(dice),
  calls: [
    { ...write, input: ({ fresh, known }) => (dice(4) === 0 ? known() : fresh()) },
    { ...read, weight: 2 + dice(4) },
    ...(dice(2) === 0
      ? []
      : [
          {
            f: "cas",
            input: ({ known, fresh }: Moment): Value => [known(), fresh()],
            outputs: (_: Moment, input: Value): readonly Value[] => [input, false],
          },
        ]),
  ],
});

const model = kv();
const budget = createBudget();

function expectConfirmed(verdict: Verdict, history: History, context: () => string): void {
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(`no certificate: ${context()}`);
  const { confirmed, reason } = verifyCertificate({ certificate, history, model, budget });
  if (!confirmed) expect.fail(`${reason}\n${JSON.stringify(certificate)}\n${context()}`);
}

async function eachHistory(
  shapeOf: (dice: Dice) => HistoryShape,
  compare: (history: History, context: () => string) => Promise<string>,
): Promise<{ readonly [answer: string]: number }> {
  const dice = createDice(SEED);
  const counts: { [answer: string]: number } = {};
  for (let number = 0; number < HISTORIES; number++) {
    const history = historyOf(randomHistory(dice, shapeOf(dice)));
    if (history.length === 0) continue;
    const context = (): string =>
      `seed ${SEED}, history ${number}:\n` +
      Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n");
    const answer = await compare(history, context);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

describe("against brute force", { timeout: 3_600_000 }, () => {
  test("the smallest k", async () => {
    const counts = await eachHistory(unique, async (history, context) => {
      const verdict = await kAtomicity({ max: 2 }).check(history, budget);
      if (verdict.verdict === "unknown") {
        expect(verdict.reason).toMatch(/^Nothing was proved/);
        return "nothing";
      }
      const expected = smallestK(history);
      const { k, kAtMost } = verdict.details as { readonly k: number; readonly kAtMost: number };
      if (k !== (expected ?? null) || kAtMost !== (expected ?? null)) {
        expect.fail(`k is ${k} to ${kAtMost}, not ${expected}: ${verdict.reason} ${context()}`);
      }
      expect(verdict.verdict).toBe((expected ?? Infinity) > 2 ? "invalid" : "valid");
      expectConfirmed(verdict, history, context);
      if (verdict.verdict === "valid") {
        const strict = await kAtomicity().check(history, budget);
        expectConfirmed(strict, history, context);
      } else {
        const lax = await kAtomicity({ max: 99 }).check(history, budget);
        expectConfirmed(lax, history, context);
      }
      return String(expected);
    });
    for (const k of ["1", "2", "3", "undefined"])
      expect(counts[k]).toBeGreaterThan(HISTORIES / 100);
  });

  test("the smallest Δ", async () => {
    const counts = await eachHistory(unique, async (history, context) => {
      const verdict = await deltaAtomicity({ maxMs: 1e-6 }).check(history, budget);
      if (verdict.verdict === "unknown") {
        expect(verdict.reason).toMatch(/^Nothing was proved|same time/);
        return "nothing";
      }
      const expected = smallestDelta(history);
      const { deltaNs } = verdict.details as { readonly deltaNs: number };
      if (deltaNs !== (expected ?? null)) {
        expect.fail(`Δ is ${deltaNs}, not ${expected}: ${verdict.reason} ${context()}`);
      }
      expect(verdict.verdict).toBe((expected ?? Infinity) > 1 ? "invalid" : "valid");
      expectConfirmed(verdict, history, context);
      const strict = await deltaAtomicity().check(history, budget);
      expectConfirmed(strict, history, context);
      return String(expected);
    });
    for (const delta of ["0", "1", "2", "undefined"]) {
      expect(counts[delta]).toBeGreaterThan(HISTORIES / 100);
    }
  });

  test("what they say of values that are written again and of compare-and-sets is right", async () => {
    const counts = await eachHistory(other, async (history, context) => {
      const answers: string[] = [];
      for (const max of [1, 2]) {
        const verdict = await kAtomicity({ max }).check(history, budget);
        const isRight = hasOrder(history, max, 0);
        if (verdict.verdict !== "unknown" && isRight !== (verdict.verdict === "valid")) {
          expect.fail(`${verdict.verdict} for k = ${max}: ${verdict.reason} ${context()}`);
        }
        if (verdict.verdict !== "unknown") expectConfirmed(verdict, history, context);
        answers.push(verdict.verdict);
      }
      const verdict = await deltaAtomicity({ maxMs: 1e-6 }).check(history, budget);
      const isRight = hasOrder(history, 1, 1);
      if (verdict.verdict !== "unknown" && isRight !== (verdict.verdict === "valid")) {
        expect.fail(`${verdict.verdict} for Δ = 1: ${verdict.reason} ${context()}`);
      }
      if (verdict.verdict !== "unknown") expectConfirmed(verdict, history, context);
      return answers.join();
    });
    for (const answer of ["valid,valid", "invalid,valid", "invalid,invalid", "unknown,unknown"]) {
      expect(counts[answer]).toBeGreaterThan(0);
    }
  });
});

test("compare-and-sets that matter for what they wrote alone", async () => {
  const at = (timeNs: number, event: Omit<NewEvent, "timeNs">): NewEvent => ({ timeNs, ...event });
  const history = historyOf([
    at(0, { type: "invoke", process: 0, f: "cas", value: [0, 1] }),
    at(0, { type: "invoke", process: 2, f: "read", value: null }),
    at(0, { type: "invoke", process: 1, f: "cas", value: [1, 2] }),
    at(1, { type: "ok", process: 2, f: "read", value: 2 }),
    at(1, { type: "info", process: 0, f: "cas", value: null }),
    at(3, { type: "invoke", process: 4, f: "read", value: null }),
    at(3, { type: "ok", process: 1, f: "cas", value: [1, 2] }),
    at(5, { type: "ok", process: 4, f: "read", value: null }),
  ]);
  const verdict = await kAtomicity().check(history, budget);
  expect(verdict.verdict).toBe("invalid");
  expectConfirmed(verdict, history, () => verdict.reason);
});
