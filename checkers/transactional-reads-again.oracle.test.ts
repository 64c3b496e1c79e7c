/**
 * Cursor stability where transactions read a key more than once before they write it: of lists,
 * registers and counters, by definition, on histories of at most five transactions. Each read
 * before the first own write counts, in whichever order they are.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { countersKeep } from "../test/oracle/counter-isolation.js";
import { holdsByPhenomena, type Kept, type SmallTransaction } from "../test/oracle/isolation.js";
import { mixedHistory } from "../test/oracle/lists-and-registers.js";
import { countersOf, counterHistory } from "../test/oracle/random-counters.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { readTwice, withReadsAgain } from "../test/oracle/reads-again.js";
import { registersHold, type RegisterTransaction } from "../test/oracle/register-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 3_000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

const NAMES: { readonly [kept in Kept]: string } = {
  nothing: "cursor-stability",
  session: "strong-session-cursor-stability",
  realtime: "strong-cursor-stability",
};
const KEPT = Object.keys(NAMES) as readonly Kept[];

type Micro = readonly [f: string, key: string, value: Value];

/** One writes; another reads that, reads what was there before, and writes as well. */
const KINDS = {
  lists: {
    write: ["append", "x", 1],
    reads: [
      ["r", "x", [1]],
      ["r", "x", []],
    ],
    again: ["append", "x", 2],
    last: ["r", "x", [1, 2]],
  },
  registers: {
    write: ["w", "x", 1],
    reads: [
      ["r", "x", 1],
      ["r", "x", null],
    ],
    again: ["w", "x", 2],
    last: ["r", "x", 2],
  },
  counters: {
    write: ["inc", "x", 1],
    reads: [
      ["r", "x", 1],
      ["r", "x", 0],
    ],
    again: ["inc", "x", 1],
    last: ["r", "x", 2],
  },
} as const;

function historyOfMicros(transactions: readonly (readonly Micro[])[]): History {
  const events = transactions.flatMap((micro): NewEvent[] => {
    const asked = micro.map(([f, key, value]): Value => [f, key, f === "r" ? null : value]);
    const about = { process: 0, f: "txn", timeNs: 0 } as const;
    return [
      { ...about, type: "invoke", value: asked },
      { ...about, type: "ok", value: micro.map((each): Value => [...each]) },
    ];
  });
  return historyOf(events);
}

async function judged(history: History, level: string, about: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  if (verdict.verdict === "unknown") return verdict;
  const { certificate } = verdict;
  if (certificate === undefined) throw new Error(`${about}: no certificate`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  expect(verified, `${about}: ${verdict.reason}`).toMatchObject({ confirmed: true });
  return verdict;
}

describe("a transaction that reads what was written, and what was there before", () => {
  const names = Object.keys(KINDS) as readonly (keyof typeof KINDS)[];
  describe.each(names)("of %s", (kind) => {
    const { write, reads, again, last } = KINDS[kind];
    const [one, other] = reads;
    test.each(Object.values(NAMES))("and then writes is excluded at %s", async (level) => {
      for (const both of [
        [one, other],
        [other, one],
        [one, other, one],
        [one, one, other],
      ]) {
        const history = historyOfMicros([[write], [...both, again], [last]]);
        const verdict = await judged(history, level, JSON.stringify(both));
        expect(verdict.verdict, JSON.stringify(both)).toBe("invalid");
      }
    });

    test("and then writes is in no order that shows cursor stability", () => {
      const about = { kind: "transaction-order", level: "cursor-stability" } as const;
      const certificate = { ...about, manner: "commit", order: [0, 2, 4] } as const;
      const confirm = (read: readonly Micro[]): object => {
        const history = historyOfMicros([[write], [...read, again], [last]]);
        return verifyCertificate({ certificate, history, budget: createBudget() });
      };
      expect(confirm([one, one])).toMatchObject({ confirmed: true });
      for (const both of [
        [one, other],
        [other, one],
      ]) {
        const reason: unknown = expect.stringMatching(/did not see all|x was not 0/);
        expect(confirm(both)).toMatchObject({ confirmed: false, reason });
      }
    });

    test("is allowed when it reads twice the same, or writes nothing", async () => {
      const same = historyOfMicros([[write], [one, one, again], [last]]);
      expect(await judged(same, "cursor-stability", "same")).toMatchObject({ verdict: "valid" });
      const readsOnly = historyOfMicros([[write], [one, other], [again], [last]]);
      const verdict = await judged(readsOnly, "cursor-stability", "reads only");
      expect(verdict).toMatchObject({ verdict: "valid" });
    });
  });
});

/** What is told of transactions on lists, and whether cursor stability holds. */
interface Told {
  readonly history: History;
  readonly holds: (kept: Kept) => boolean;
}

const TOLD: {
  readonly [kind in keyof typeof KINDS]: (lists: readonly SmallTransaction[], seed: number) => Told;
} = {
  lists: (lists) => ({
    history: listHistory(lists),
    holds: (kept) => holdsByPhenomena(lists, "cursor-stability", kept),
  }),
  registers: (lists) => ({
    history: mixedHistory(lists, new Set(["x", "y"])),
    holds: (kept) => registersHold(lists.map(asRegisters), "cursor-stability", { kept, rules: [] }),
  }),
  counters: (lists, seed) => {
    const counting = countersOf(lists, createRandom(seed));
    return {
      history: counterHistory(counting),
      holds: (kept) => countersKeep("cursor-stability", counting, { kept, initial: new Map() }),
    };
  },
};

function asRegisters(each: SmallTransaction): RegisterTransaction {
  return {
    ...each,
    micro: each.micro.map((micro) => {
      if (micro.f === "append") return { f: "w", key: micro.key, value: micro.value };
      const value = micro.value === undefined ? undefined : (micro.value.at(-1) ?? null);
      return { f: "r", key: micro.key, value };
    }),
  };
}

describe("cursor stability by definition, where keys are read again", () => {
  test.each(Object.keys(TOLD) as readonly (keyof typeof TOLD)[])(
    "%s",
    { timeout: 3_600_000 },
    async (kind) => {
      const seen = { valid: 0, invalid: 0, unknown: 0, twice: 0 };
      for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
        const random = createRandom(seed);
        const lists = withReadsAgain(randomLists(random), random);
        if (!lists.some(({ micro }) => micro.some(({ f }) => f === "append"))) continue;
        const kept = KEPT[seed % 3] as Kept;
        const { history, holds } = TOLD[kind](lists, seed);
        const about = `${kind}, ${NAMES[kept]}, seed ${seed}`;
        const verdict = await judged(history, NAMES[kept], about);
        seen[verdict.verdict]++;
        if (readTwice(lists) > 0) seen.twice++;
        if (verdict.verdict === "unknown") continue;
        expect(`${verdict.verdict}, ${about}`).toBe(
          `${holds(kept) ? "valid" : "invalid"}, ${about}`,
        );
      }
      expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
      expect(seen.invalid).toBeGreaterThan(HISTORIES / 20);
      expect(seen.twice).toBeGreaterThan(HISTORIES / 20);
      expect(seen.unknown).toBeLessThan(HISTORIES / 20);
    },
  );
});
