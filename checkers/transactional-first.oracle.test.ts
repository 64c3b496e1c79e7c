/**
 * Registers that hold something at first, as `init` says, against definitions tried out: the same
 * transactions on rows, with one more that failed and inserts a row of its own, so that nobody
 * takes them for registers.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { Kept } from "../test/oracle/isolation.js";
import { rowsKeep, type RowLevel } from "../test/oracle/row-isolation.js";
import { ROW_LEVELS } from "../test/oracle/row-levels.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 300);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

const PREFIXES: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];

interface Made {
  readonly history: History;
  /** The same as rows. */
  readonly rows: History;
}

type Micro = readonly [f: string, key: string, value: Value];

function randomBegun(seed: number): Made {
  const random = createRandom(seed);
  const size = { transactionsMin: 2, transactionsMax: 4, writesPerKeyMax: 2 };
  const registers = historyOfRegisters(randomRegisters(random, size));
  const initial: { [key: string]: Value } = {};
  for (const key of ["x", "y", "z"]) if (random.chance(0.8)) initial[key] = 100;
  /** Now and then somebody finds nothing, or writes what was there at first, or deletes. */
  const strange = random.chance(0.3) ? 0.2 : 0;
  const init = { process: 9, f: "init", timeNs: 0, value: initial } as const;
  const events: NewEvent[] = [
    { ...init, type: "invoke" },
    { ...init, type: "ok" },
  ];
  /** Value → what is written instead. */
  const instead = new Map<Value, Value>();
  for (let index = 0; index < registers.length; index++) {
    const event = registers.event(index);
    const value = (event.value as unknown as readonly Micro[]).map((micro): Value => {
      const [f, key, read] = micro;
      const first = initial[key];
      if (first === undefined) return [f, key, read];
      if (f === "r") {
        const isFirst = event.type === "ok" && read === null && !random.chance(strange);
        const of = JSON.stringify([key, read]);
        return [f, key, isFirst ? first : instead.has(of) ? (instead.get(of) as Value) : read];
      }
      const of = JSON.stringify([key, read]);
      if (!instead.has(of)) {
        const isOther = random.chance(strange);
        instead.set(of, isOther ? (random.chance(0.5) ? first : null) : read);
      }
      return [f, key, instead.get(of) as Value];
    });
    events.push({ ...event, value });
  }
  const lost = { process: 8, f: "txn", timeNs: 0, value: [["insert", "apart", 1]] } as const;
  const more: readonly NewEvent[] = [
    { ...lost, type: "invoke" },
    { ...lost, type: "fail" },
  ];
  return { history: historyOf(events), rows: historyOf([...events, ...more]) };
}

test.each(Object.keys(ROW_LEVELS) as readonly RowLevel[])(
  "%s",
  { timeout: 3_600_000 },
  async (level) => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const { history, rows } = randomBegun(seed);
      const [kept, prefix] = PREFIXES[seed % 3] as (typeof PREFIXES)[number];
      const name = `${prefix}${level}`.replace(/^strong-serializable$/, "strict-serializable");
      const verdict = await transactional({ level: name }).check(history, createBudget());
      seen[verdict.verdict]++;
      const about = `${name} of seed ${seed}: ${verdict.reason}`;
      if (verdict.verdict === "unknown") {
        expect(ROW_LEVELS[level] && history.types.includes(1, 2), about).toBe(false);
        continue;
      }
      const truth = rowsKeep(level, rows, kept) ? "valid" : "invalid";
      expect(`${about} ${verdict.verdict}`).toBe(`${about} ${truth}`);
      const { certificate } = verdict;
      if (certificate === undefined) throw new Error(`${about}: no certificate`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
    expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
    expect(seen.invalid).toBeGreaterThan(level === "read-uncommitted" ? -1 : HISTORIES / 200);
  },
);
