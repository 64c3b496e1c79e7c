/**
 * The lattice on random histories: no level is valid where one that it implies is invalid, and
 * asking for the strongest tells of every level what asking for it alone does.
 */
import { describe, expect, test } from "vitest";
import { createBudget, type Checker } from "../src/checker/checker.js";
import { CHECKERS, makeChecker } from "../src/cli/catalog.js";
import { IMPLICATIONS, implies, levelNamed } from "../src/consistency/lattice.js";
import type { LevelName } from "../src/consistency/level.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import { counter } from "../src/model/counter.js";
import { fifoQueue } from "../src/model/fifo-queue.js";
import { set } from "../src/model/set.js";
import type { Model } from "../src/model/model.js";
import type { Verdict, VerdictKind } from "../src/verdict/verdict.js";
import {
  createDice,
  randomHistory,
  type CallShape,
  type Dice,
  type HistoryShape,
} from "../test/oracle/random-history.js";
import { READ_KNOWN, WRITE_FRESH } from "../test/oracle/register-calls.js";
import { randomSessions, type SessionsShape } from "../test/oracle/random-sessions.js";
import { deltaAtomicity } from "./delta-atomicity.js";
import { kAtomicity } from "./k-atomicity.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 500);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const swap: CallShape = {
  f: "cas",
  input: ({ known, fresh }) => [known(), fresh()],
  outputs: (_, input) => [input],
};

const overlapping = (shape: Omit<HistoryShape, "model">): Shape => {
  const model = casRegister();
  return { model, events: (dice) => randomHistory(dice, { ...shape, model, stateOfPart: true }) };
};
const inTurns = (shape: SessionsShape): Shape => ({
  model: casRegister(),
  events: (dice) => randomSessions(dice, shape),
});

/** Objects that are no registers. */
const OBJECTS: readonly (readonly [string, HistoryShape])[] = [
  [
    "a queue",
    {
      model: fifoQueue(),
      operationsMax: 7,
      calls: [
        { f: "enqueue", input: ({ fresh }) => fresh(), outputs: (_, input) => [input] },
        { f: "dequeue", input: () => null, outputs: ({ known }) => [known(), known()] },
      ],
    },
  ],
  [
    "a set",
    {
      model: set(),
      operationsMax: 7,
      calls: [
        { f: "add", input: ({ dice }) => dice(2), outputs: (_, input) => [input] },
        { f: "contains", weight: 2, input: ({ dice }) => dice(2), outputs: () => [true, false] },
      ],
      stateOfPart: true,
    },
  ],
  [
    "a counter",
    {
      model: counter(),
      operationsMax: 6,
      calls: [
        { f: "add", input: ({ dice }) => 1 + dice(2), outputs: (_, input) => [input] },
        { f: "read", weight: 2, input: () => null, outputs: ({ dice }) => [0, 1, dice(5)] },
      ],
    },
  ],
];

const STALENESS: readonly (readonly [LevelName, Checker])[] = [
  ["k-atomicity", kAtomicity({ max: Infinity })],
  ["delta-atomicity", deltaAtomicity({ maxMs: Infinity })],
];

interface Shape {
  readonly model: Model;
  /** False where not every implication comes up. */
  readonly decidesAll?: false;
  events(dice: Dice): readonly NewEvent[];
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  ["sessions of two registers", inTurns({ keys: ["x", "y"], operationsMax: 8 })],
  ["sessions of one register", inTurns({ keys: ["x"], operationsMax: 8, indeterminate: 5 })],
  ["sessions with compare-and-set", inTurns({ keys: ["x", "y"], operationsMax: 7, swaps: true })],
  [
    "sessions with repeated values",
    inTurns({ keys: ["x"], operationsMax: 6, valuesMax: 2, indeterminate: 8 }),
  ],
  [
    "overlapping calls",
    overlapping({ calls: [READ_KNOWN, WRITE_FRESH], keys: ["x", "y"], operationsMax: 9 }),
  ],
  [
    "overlapping calls with compare-and-set",
    overlapping({ calls: [READ_KNOWN, WRITE_FRESH, swap], operationsMax: 8 }),
  ],
  ...OBJECTS.map(([name, shape]): readonly [string, Shape] => [
    name,
    { model: shape.model, decidesAll: false, events: (dice) => randomHistory(dice, shape) },
  ]),
];

function checkersFor(model: Model): readonly (readonly [LevelName, Checker])[] {
  const isRegister = model.type?.name === "register";
  const promises = CHECKERS.flatMap((entry): (readonly [LevelName, Checker])[] => {
    const level = levelNamed(entry.name)?.name;
    return level === undefined ? [] : [[level, entry.make(model)]];
  });
  return [...promises, ...(isRegister ? STALENESS : [])];
}

describe.each(SHAPES)("%s", (_, shape) => {
  test(
    "implications hold, and the strongest is what they say",
    { timeout: 3_600_000 },
    async () => {
      const dice = createDice(SEED);
      const { model } = shape;
      const checkers = checkersFor(model);
      const strongest = makeChecker("strongest", model);
      const told = (history: History, number: number): string =>
        `seed ${SEED}, history ${number}\n` +
        Array.from({ length: history.length }, (__, i) => JSON.stringify(history.event(i))).join(
          "\n",
        );
      /** How often an implication said something: the stronger held, or the weaker was broken. */
      const used = new Map<string, number>();
      const tops = new Map<string, number>();
      const isWhole = shape.decidesAll !== false;
      for (let number = 0; number < HISTORIES; number++) {
        const history = historyOf(shape.events(dice));
        if (history.length === 0) continue;
        const answers = new Map<LevelName, VerdictKind>();
        for (const [level, checker] of checkers) {
          answers.set(level, (await checker.check(history, createBudget())).verdict);
        }
        for (const [stronger, verdict] of answers) {
          for (const [weaker, other] of answers) {
            if (!implies(stronger, weaker) || verdict !== "valid" || other !== "invalid") continue;
            expect.fail(`${stronger} holds, ${weaker} does not: ${told(history, number)}`);
          }
        }
        for (const { from, to } of IMPLICATIONS) {
          if (answers.get(from) !== "valid" && answers.get(to) !== "invalid") continue;
          used.set(`${from} → ${to}`, (used.get(`${from} → ${to}`) ?? 0) + 1);
        }
        const verdict = await strongest.check(history, createBudget());
        for (const [level, alone] of levelsOf(verdict)) {
          const separately = answers.get(level);
          // What one checker left open may follow from another.
          if (separately === alone || separately === "unknown") continue;
          expect.fail(`${level}: ${alone}, but ${separately} alone: ${told(history, number)}`);
        }
        const top = JSON.stringify(verdict.details?.["strongest"]);
        tops.set(top, (tops.get(top) ?? 0) + 1);
      }
      const asked = new Set(checkers.map(([level]) => level));
      for (const { from, to } of IMPLICATIONS) {
        if (isWhole && asked.has(from) && asked.has(to)) {
          expect(used.get(`${from} → ${to}`) ?? 0, `${from} → ${to}`).toBeGreaterThan(0);
        }
      }
      expect(tops.size).toBeGreaterThan(isWhole ? 2 : 1);
    },
  );
});

function levelsOf({ details }: Verdict): readonly (readonly [LevelName, VerdictKind])[] {
  const levels = details?.["levels"] as readonly { readonly [name: string]: Value }[];
  return levels.map(({ level, verdict }) => [level as LevelName, verdict as VerdictKind]);
}
