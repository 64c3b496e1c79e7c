/**
 * The implications between levels of isolation, pair by pair, on random histories of whatever is
 * decided: lists, registers, rows by predicate and as sets, counters, banks. No history may keep a
 * level and break one that it implies, and none stays open that follows from another. And where
 * transactions are single operations, none may keep a level of isolation and break the promise
 * about objects that follows.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { makeChecker } from "../src/cli/catalog.js";
import { IMPLICATIONS, implies, LEVELS } from "../src/consistency/lattice.js";
import type { LevelName, TransactionalLevel } from "../src/consistency/level.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import { createRandom, type Random } from "../src/random.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  bankHistory,
  counterHistory,
  randomBank,
  randomCounters,
} from "../test/oracle/random-counters.js";
import { createDice, randomHistory, type CallShape } from "../test/oracle/random-history.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { randomRows } from "../test/oracle/random-rows.js";
import { READ_KNOWN, WRITE_FRESH } from "../test/oracle/register-calls.js";
import { randomSessions } from "../test/oracle/random-sessions.js";
import { randomListSites, randomSites } from "../test/oracle/random-sites.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 100);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);

const TRANSACTIONAL = LEVELS.filter(({ family }) => family === "transactional").map(
  ({ name }) => name as TransactionalLevel,
);
const SIZE = { transactionsMin: 2, transactionsMax: 5, writesPerKeyMax: 3 };

interface Kind {
  readonly name: string;
  make(random: Random, seed: number): History;
}

const EDGES = IMPLICATIONS.filter(({ from, to }) =>
  [from, to].every((level) => TRANSACTIONAL.some((name) => name === level)),
);

const KINDS: readonly Kind[] = [
  {
    name: "lists",
    make: (random) =>
      listHistory(random.chance(0.7) ? randomLists(random) : randomListSites(random)),
  },
  {
    name: "registers",
    make: (random) =>
      historyOfRegisters(random.chance(0.7) ? randomRegisters(random, SIZE) : randomSites(random)),
  },
  {
    name: "rows by predicate",
    make: (_, seed) => randomRows(seed, "predicates"),
  },
  { name: "sets", make: (_, seed) => randomRows(seed, "sets") },
  {
    name: "counters",
    make: (random) => counterHistory(randomCounters(random)),
  },
  {
    name: "banks",
    make: (random) => {
      const { transactions, initial } = randomBank(random);
      return bankHistory(transactions, initial);
    },
  },
];

describe.each(KINDS.map((kind) => [kind.name, kind] as const))("%s", (_, kind) => {
  test(
    "no level is kept without what it implies, and none is left open that follows",
    { timeout: 36_000_000 },
    async () => {
      const shown = new Set<string>();
      const counts = { valid: 0, invalid: 0, unknown: 0 };
      for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
        const history = kind.make(createRandom(seed), seed);
        const verdicts = new Map<string, VerdictKind>();
        for (const level of TRANSACTIONAL) {
          const answer = await transactional({ level }).check(history, createBudget());
          const { verdict, certificate } = answer;
          verdicts.set(level, verdict);
          if (certificate !== undefined && "through" in certificate) {
            const verified = verifyCertificate({ certificate, history, budget: createBudget() });
            expect(verified, `${level} of seed ${seed}`).toMatchObject({ confirmed: true });
          }
          counts[verdict]++;
        }
        for (const stronger of TRANSACTIONAL) {
          for (const weaker of TRANSACTIONAL) {
            if (!implies(stronger, weaker)) continue;
            const [one, other] = [verdicts.get(stronger), verdicts.get(weaker)];
            if (one === "valid" && other !== "valid") {
              expect.fail(`${stronger} holds, ${weaker} is ${other}: seed ${seed}`);
            }
            if (other === "invalid" && one !== "invalid") {
              expect.fail(`${weaker} does not hold, ${stronger} is ${one}: seed ${seed}`);
            }
          }
        }
        // An edge is tried where what it leads to is broken, or what it comes from is kept.
        for (const { from, to } of EDGES) {
          const isTried = verdicts.get(from) === "valid" || verdicts.get(to) === "invalid";
          if (isTried) shown.add(`${from} → ${to}`);
        }
      }
      expect(counts.valid).toBeGreaterThan(HISTORIES);
      expect(counts.invalid).toBeGreaterThan(HISTORIES);
      expect(EDGES.filter(({ from, to }) => !shown.has(`${from} → ${to}`))).toEqual([]);
    },
  );
});

/** An object of single operations, and the same as transactions of one micro-operation each. */
interface Singles {
  readonly name: string;
  readonly model: Model;
  /** What the micro-operation is called that writes. */
  readonly write: string;
  make(seed: number): readonly NewEvent[];
}

const append: CallShape = {
  f: "append",
  input: ({ fresh }) => fresh(),
  outputs: () => [null],
};
const readLog: CallShape = {
  f: "read",
  weight: 2,
  input: () => null,
  outputs: ({ dice, known }) => {
    const last = known();
    const all = Array.from({ length: last }, (_, i) => i + 1);
    return [all, all.slice(dice(2)), all.toReversed(), []];
  },
};

const SINGLES: readonly Singles[] = [
  {
    name: "registers",
    model: register(),
    write: "w",
    make: (seed) => {
      const dice = createDice(seed);
      if (dice(2) === 0) {
        return randomSessions(dice, { keys: ["x", "y"], operationsMax: 7, indeterminate: 6 });
      }
      const keys = ["x", "y"];
      const shape = { model: register(), operationsMax: 8, keys, calls: [READ_KNOWN, WRITE_FRESH] };
      return randomHistory(dice, { ...shape, stateOfPart: true });
    },
  },
  {
    name: "lists",
    model: log(),
    write: "append",
    make: (seed) => {
      const keys = ["x"];
      const shape = { model: log(), operationsMax: 7, keys, calls: [readLog, append] };
      return randomHistory(createDice(seed), { ...shape, stateOfPart: true });
    },
  },
];

/** Each operation as a transaction of its own. */
function asTransactions(events: readonly NewEvent[], micro: string): readonly NewEvent[] {
  const inputs = new Map<NewEvent["process"], Value>();
  return events.map(({ key = null, ...event }): NewEvent => {
    if (event.type === "invoke") inputs.set(event.process, event.value ?? null);
    const isRead = event.f === "read";
    const shown = isRead && event.type === "ok" ? (event.value ?? null) : null;
    const value = isRead ? shown : (inputs.get(event.process) ?? null);
    return { ...event, f: "txn", value: [[isRead ? "r" : micro, key, value]] };
  });
}

const ACROSS = IMPLICATIONS.filter(
  ({ from, to }) =>
    TRANSACTIONAL.some((name) => name === from) && !TRANSACTIONAL.some((name) => name === to),
);

describe.each(SINGLES.map((single) => [single.name, single] as const))(
  "transactions of one operation on %s",
  (_, single) => {
    test("what follows for objects is kept", { timeout: 36_000_000 }, async () => {
      expect(ACROSS.length).toBeGreaterThan(2);
      const seen = new Map<string, number>();
      for (let seed = SEED; seed < SEED + 4 * HISTORIES; seed++) {
        const events = single.make(seed);
        if (events.length === 0) continue;
        const operations = historyOf(events);
        const transactions = historyOf(asTransactions(events, single.write));
        for (const { from, to } of ACROSS) {
          const level: LevelName = from;
          const stronger = await transactional({ level }).check(transactions, createBudget());
          const weaker = await makeChecker(to, single.model).check(operations, createBudget());
          const both = `${from} ${stronger.verdict}, ${to} ${weaker.verdict}`;
          seen.set(both, (seen.get(both) ?? 0) + 1);
          if (stronger.verdict !== "valid" || weaker.verdict !== "invalid") continue;
          const lines = events.map((event) => JSON.stringify(event)).join("\n");
          expect.fail(`${from} holds, ${to} does not: seed ${seed}: ${weaker.reason}\n${lines}`);
        }
      }
      for (const { from, to } of ACROSS) {
        for (const verdict of ["valid", "invalid"]) {
          const both = `${from} ${verdict}, ${to} ${verdict}`;
          expect(seen.get(both) ?? 0, both).toBeGreaterThan(HISTORIES / 20);
        }
      }
    });
  },
);
