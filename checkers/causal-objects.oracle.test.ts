/**
 * Causal consistency and pipelined RAM of objects that are no registers: of registers that do not
 * say so against the definitions tried out; of sets, counters, logs, queues and a model of a user
 * by the verifier, which knows no other way than to try everything either.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { counter } from "../src/model/counter.js";
import { fifoQueue } from "../src/model/fifo-queue.js";
import { kv } from "../src/model/kv.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import { set } from "../src/model/set.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { createDice, type Dice } from "../test/oracle/random-history.js";
import { randomSessions } from "../test/oracle/random-sessions.js";
import { holdsLevel, type Level } from "../test/oracle/visibility.js";
import { causal } from "./causal.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 200);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);
const LEVELS: readonly Level[] = ["causal", "causal-convergence", "causal-memory", "pram"];

/** Two registers, of which nothing is said but what a step does. */
const unknownRegisters: Model = {
  name: "unknown-registers",
  options: {},
  initial: () => ({}),
  step: (state, { f, key, input, output, outcome }) => {
    const values = state as { readonly [key: string]: Value };
    if (f === "write") return [{ ...values, [key as string]: input }];
    const value = values[key as string] ?? null;
    return outcome === "info" || output === value ? [state] : [];
  },
  readOnly: ({ f }) => f === "read",
};

const { type: _, ...partedRegisters } = register();

/** The smallest and the largest number so far. */
const extremes: Model = {
  name: "extremes",
  options: {},
  initial: () => [0, 0],
  step: (state, { f, input, output, outcome }) => {
    const [least, most] = state as readonly [number, number];
    if (f === "note") {
      return [[Math.min(least, input as number), Math.max(most, input as number)]];
    }
    const answer = f === "least" ? least : most;
    return outcome === "info" || output === answer ? [state] : [];
  },
  readOnly: ({ f }) => f !== "note",
};

/** A function, what it may be given, and what it may return; its input when that is not said. */
type Call = readonly [f: string, inputs: readonly Value[], outputs?: readonly Value[]];

/** Calls of an object. */
interface Shape {
  readonly model: Model;
  readonly updates: readonly Call[];
  readonly reads: readonly Call[];
  readonly keys?: readonly string[];
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  [
    "a set",
    {
      model: set(),
      updates: [
        ["add", ["a", "b"]],
        ["remove", ["a", "b"]],
      ],
      reads: [
        ["contains", ["a", "b"], [true, false]],
        ["read", [null], [[], ["a"], ["b"], ["a", "b"]]],
      ],
    },
  ],
  [
    "a counter",
    { model: counter(), updates: [["add", [1, 2]]], reads: [["read", [null], [0, 1, 2, 3, 4]]] },
  ],
  [
    "a log",
    {
      model: log(),
      updates: [["append", ["a", "b", "c"]]],
      reads: [["read", [null], [[], ["a"], ["b"], ["a", "b"], ["b", "a"], ["a", "c"]]]],
    },
  ],
  [
    "a queue",
    {
      model: fifoQueue(),
      updates: [["enqueue", [1, 2, 3]]],
      reads: [["dequeue", [null], [1, 2, 3]]],
    },
  ],
  [
    "a store with appends",
    {
      model: kv(),
      keys: ["x", "y"],
      updates: [["append", ["a", "b"]]],
      reads: [["get", [null], [null, "a", "b", "ab", "ba"]]],
    },
  ],
  [
    "a model of a user",
    {
      model: extremes,
      updates: [["note", [-2, -1, 1, 2]]],
      reads: [
        ["least", [null], [0, -1, -2]],
        ["most", [null], [0, 1, 2]],
      ],
    },
  ],
];

function someEvents(dice: Dice, shape: Shape): NewEvent[] {
  const events: NewEvent[] = [];
  const count = 3 + dice(3);
  const ended = new Set<number>();
  for (let number = 0; number < count; number++) {
    const process = dice(3);
    if (ended.has(process)) continue;
    const isRead = dice(5) < (2 * number < count ? 1 : 4);
    const [f, inputs, outputs] = pick(dice, isRead ? shape.reads : shape.updates);
    const input = pick(dice, inputs);
    const key = shape.keys === undefined ? {} : { key: pick(dice, shape.keys) };
    const about = { timeNs: number, process, f, ...key };
    events.push({ ...about, type: "invoke", value: input });
    if (dice(9) === 0) {
      ended.add(process);
      if (dice(2) === 0) events.push({ ...about, type: "info", value: null });
      continue;
    }
    const value = outputs === undefined ? input : pick(dice, outputs);
    events.push({ ...about, type: "ok", value });
  }
  return events;
}

function pick<Item>(dice: Dice, items: readonly Item[]): Item {
  return items[dice(items.length)] as Item;
}

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

describe.each(SHAPES)("%s", (_, shape) => {
  test(
    "every answer is confirmed, and levels imply one another",
    { timeout: 3_600_000 },
    async () => {
      const dice = createDice(SEED);
      const counts = new Map<string, number>();
      for (let number = 0; number < HISTORIES; number++) {
        const history = historyOf(someEvents(dice, shape));
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
