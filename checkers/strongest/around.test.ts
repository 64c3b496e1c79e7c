/**
 * What a verdict on one level says of the others, held against what each of them says itself when
 * it is asked: nothing that is told to be possible is refuted, and all that is told to be ruled out
 * is.
 */
import { describe, expect, test } from "vitest";
import { makeTransactions } from "../../bench/transactional/transactions.js";
import { createBudget, type Checker } from "../../src/checker/checker.js";
import { implies, LEVELS } from "../../src/consistency/lattice.js";
import type { LevelName, TransactionalLevel } from "../../src/consistency/level.js";
import type { History } from "../../src/history/history.js";
import { createRandom } from "../../src/random.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { listHistory, randomLists } from "../../test/oracle/random-lists.js";
import { strongest } from "../strongest.js";
import { transactional, transactionalAt } from "../transactional.js";
import { aroundLevel } from "./around.js";

const ALL = LEVELS.filter(({ family }) => family === "transactional").map(
  ({ name }) => name as TransactionalLevel,
);
const QUESTIONS = ALL.map((level) => ({ level, checker: transactional({ level }) }));

const around = async (history: History, level: TransactionalLevel): Promise<Verdict> =>
  aroundLevel({ level, checker: transactional({ level }), levels: QUESTIONS }).check(
    history,
    createBudget(),
  );

const namesIn = (verdict: Verdict, name: string): readonly LevelName[] =>
  (verdict.details?.[name] ?? []) as readonly LevelName[];

interface Told {
  readonly level: LevelName;
  readonly verdict: string;
  readonly by: string | null;
  readonly follows: string | null;
}

const HISTORIES = 150;

test("every level is told as it is when it is asked itself", { timeout: 600_000 }, async () => {
  let refutable = 0;
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = listHistory(randomLists(createRandom(seed)));
    const asked: TransactionalLevel = seed % 2 === 0 ? "serializable" : "snapshot-isolation";
    const verdict = await around(history, asked);
    const own = new Map<string, Verdict>();
    for (const { level, checker } of QUESTIONS) {
      own.set(level, await checker.check(history, createBudget()));
    }
    const about = `seed ${seed}`;
    expect(verdict.verdict, about).toBe(own.get(asked)?.verdict);
    expect(verdict.certificate, about).toEqual(own.get(asked)?.certificate);
    const told = (verdict.details?.["levels"] ?? []) as unknown as readonly Told[];
    expect(told.map(({ level }) => level).toSorted()).toEqual(ALL.toSorted());
    for (const { level, verdict: kind, by } of told) {
      const itself = own.get(level)?.verdict;
      // What cannot be decided by itself may follow from another level.
      if (itself !== "unknown") expect(kind, `${about}: ${level}`).toBe(itself);
      if (kind === "invalid") expect(by, `${about}: ${level}`).toMatch(/^[A-Za-z][\w-]+$/);
      else expect(by).toBeNull();
    }
    for (const level of namesIn(verdict, "strongestPossible")) {
      expect(own.get(level)?.verdict, `${about}: ${level}`).not.toBe("invalid");
    }
    for (const level of namesIn(verdict, "ruledOut")) {
      expect(own.get(level)?.verdict, `${about}: ${level}`).toBe("invalid");
    }
    for (const level of ALL) {
      const isOut = namesIn(verdict, "ruledOut").some((each) => implies(level, each));
      const isIn = namesIn(verdict, "strongestPossible").some((each) => implies(each, level));
      expect(isOut, `${about}: ${level}`).not.toBe(isIn);
    }
    if (verdict.verdict === "invalid") refutable++;
  }
  expect(refutable).toBeGreaterThan(HISTORIES / 20);
});

test("levels that share what they find answer as each does alone, one history after another", async () => {
  const told = async (checker: Checker, history: History): Promise<object> => {
    const { elapsedMs: _, ...verdict } = await checker.check(history, createBudget());
    return verdict;
  };
  const lists = (seed: number): History => listHistory(randomLists(createRandom(seed)));
  const registers = (stale: "old" | "one"): History =>
    makeTransactions({ transactions: 60, on: "registers", stale });
  const versions = ["writes-follow-reads"] as const;
  for (const histories of [
    [lists(1), registers("old"), lists(1)],
    [lists(2), registers("one")],
  ]) {
    const together = transactionalAt(ALL, { versions });
    for (const history of histories) {
      for (const { level, checker } of together) {
        const alone = transactional({ level, versions });
        expect(await told(checker, history), level).toEqual(await told(alone, history));
      }
    }
  }
});

test("the levels of one graph cost little after the first: it is made once", async () => {
  const history = makeTransactions({ transactions: 300, on: "lists", stale: "old" });
  let reads = 0;
  const counted: History = new Proxy(history, {
    get: (target, name) => {
      if (name === "pairs") reads++;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const [first, ...others] = transactionalAt(ALL);
  await first?.checker.check(counted, createBudget());
  const once = reads;
  expect(once).toBeGreaterThanOrEqual(300);
  for (const { checker } of others) await checker.check(counted, createBudget());
  // Each level looks what the history is of; nobody lays it out again.
  expect(reads - once).toBeLessThan(300);
});

describe("what it takes", () => {
  const counted = (): { readonly questions: typeof QUESTIONS; readonly asked: string[] } => {
    const asked: string[] = [];
    const questions = QUESTIONS.map(({ level, checker }) => ({
      level,
      checker: {
        ...checker,
        check: (...about: Parameters<typeof checker.check>) => {
          asked.push(level);
          return checker.check(...about);
        },
      },
    }));
    return { questions, asked };
  };
  /** Two that miss what the other appends. */
  const skew = listHistory(
    [0, 1].map((each) => ({
      process: each,
      outcome: "ok",
      begin: each / 10,
      end: 2,
      micro: [
        { f: "r", key: "xy"[1 - each] as string, value: [] },
        { f: "append", key: "xy"[each] as string, value: 1 },
      ],
    })),
  );

  test("where the strongest level holds nothing else is asked", async () => {
    const { questions, asked } = counted();
    const history = listHistory([
      { process: 0, outcome: "ok", begin: 0, end: 1, micro: [{ f: "append", key: "x", value: 1 }] },
    ]);
    const level = "strict-serializable";
    const checker = aroundLevel({ level, checker: transactional({ level }), levels: questions });
    const verdict = await checker.check(history, createBudget());
    expect(asked).toEqual([]);
    expect(namesIn(verdict, "strongestPossible")).toEqual(["strict-serializable"]);
    expect(namesIn(verdict, "ruledOut")).toEqual([]);
  });

  test("else a few of all levels", async () => {
    const { questions, asked } = counted();
    const verdict = await strongest({ levels: questions, order: "halving" }).check(
      skew,
      createBudget(),
    );
    expect(verdict.details?.["levels"]).toHaveLength(ALL.length);
    expect(verdict.details?.["undecided"]).toEqual([]);
    expect(asked.length).toBeLessThan(ALL.length / 3);
  });

  test("when time is up the rest is open, and not told to hold", async () => {
    let now = 0;
    const clock = { ...createBudget(), nowMs: () => (now += 700) };
    const level = "serializable";
    const { questions, asked } = counted();
    const checker = aroundLevel({ level, checker: transactional({ level }), levels: questions });
    const verdict = await checker.check(skew, clock);
    expect(asked.length).toBeLessThan(5);
    const open = namesIn(verdict, "undecided");
    expect(open.length).toBeGreaterThan(0);
    expect(verdict.verdict).toBe("invalid");
    expect(namesIn(verdict, "strongest")).not.toContain(open[0]);
  });
});
