/**
 * Registers to which values are written more than once, or null, at every level of which registers
 * are decided: against the definitions for every choice of whose write each read is of, and
 * monotonic snapshot reads also carried out with the values as they are. All is decided, and
 * confirmed.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createRandom, type Random } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { BruteLevel, Kept } from "../test/oracle/isolation.js";
import { KEPT, LEVELS_BY_CYCLES } from "../test/oracle/levels-by-cycles.js";
import { holdsByMoments } from "../test/oracle/moments.js";
import { registersHold, type RegisterTransaction } from "../test/oracle/register-isolation.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 300);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

type Micro = RegisterTransaction["micro"][number];

/** Transactions of which some write what others wrote, and those who read that read it too. */
function randomRepeated(random: Random): readonly RegisterTransaction[] {
  const made = randomRegisters(random, {
    transactionsMin: 3,
    transactionsMax: 5,
    writesPerKeyMax: 3,
  });
  const same = 2 + random.below(2);
  /** Now and then one of the values is the initial one. */
  const nothing = random.chance(0.3) ? 1 : 0;
  const folded = (value: Micro["value"]): Micro["value"] => {
    if (typeof value !== "number") return value;
    return (value % same) + 1 === nothing ? null : (value % same) + 1;
  };
  const lies = random.chance(0.5) ? 0.3 : 0;
  return made.map(({ process, outcome, begin, end, micro }) => ({
    process,
    outcome,
    begin,
    end,
    micro: micro.map(({ value, ...each }): Micro => {
      const isLie = each.f === "r" && value !== undefined && random.chance(lies);
      return { ...each, value: isLie ? 1 + random.below(same) : folded(value) };
    }),
  }));
}

/** Every history in which each write has a value of its own, and each read one of those. */
function* toldApart(
  transactions: readonly RegisterTransaction[],
): Iterable<readonly RegisterTransaction[]> {
  let next = 0;
  const writes: { readonly key: string; readonly value: Micro["value"]; readonly own: number }[] =
    [];
  const unique = transactions.map(({ micro, ...rest }) => ({
    ...rest,
    micro: micro.map((each): Micro => {
      if (each.f !== "w") return each;
      const own = ++next;
      writes.push({ key: each.key, value: each.value, own });
      return { ...each, value: own };
    }),
  }));
  const go = function* (
    number: number,
    at: number,
    done: readonly RegisterTransaction[],
  ): Iterable<readonly RegisterTransaction[]> {
    const transaction = done[number];
    if (transaction === undefined) {
      yield done;
      return;
    }
    const each = transaction.micro[at];
    if (each === undefined) {
      yield* go(number + 1, 0, done);
      return;
    }
    const isKnown = each.f === "r" && each.value !== undefined;
    const written = isKnown
      ? writes.filter(({ key, value }) => key === each.key && value === each.value)
      : [];
    const isInitial = !isKnown || each.value === null;
    const values = [...(isInitial ? [{ own: each.value }] : []), ...written];
    // What nobody wrote is a value of its own as well.
    for (const { own } of values.length === 0 ? [{ own: -1 }] : values) {
      const micro = transaction.micro.with(at, { ...each, value: own });
      yield* go(number, at + 1, done.with(number, { ...transaction, micro }));
    }
  };
  yield* go(0, 0, unique);
}

function holds(
  transactions: readonly RegisterTransaction[],
  level: BruteLevel | "monotonic-snapshot-read",
  kept: Kept,
): boolean {
  if (level === "monotonic-snapshot-read") return holdsByMoments(transactions, kept);
  for (const each of toldApart(transactions)) {
    if (registersHold(each, level, { kept, rules: [] })) return true;
  }
  return false;
}

function isRepeated(transactions: readonly RegisterTransaction[]): boolean {
  const written = transactions.flatMap(({ micro }) =>
    micro.flatMap(({ f, key, value }) => (f === "w" ? [`${key} ${value}`] : [])),
  );
  const isNull = written.some((each) => each.endsWith(" null"));
  return isNull || new Set(written).size < written.length;
}

/** How many choices of writes for reads there are; of more than 1,024 not all are tried. */
function choicesOf(transactions: readonly RegisterTransaction[]): number {
  const all = transactions.flatMap(({ micro }) => micro);
  const choices = transactions.flatMap(({ outcome, micro }) =>
    micro.map(({ f, key, value }) => {
      if (f !== "r" || outcome !== "ok") return 1;
      const writes = all.filter((each) => each.f === "w" && each.key === key);
      const alike = writes.filter((each) => each.value === value).length;
      return Math.max(1, alike + (value === null ? 1 : 0));
    }),
  );
  return choices.reduce((product, each) => product * each, 1);
}

describe.each(KEPT)("%s", (kept, prefix) => {
  test.each([...LEVELS_BY_CYCLES, "monotonic-snapshot-read" as const])(
    "%s",
    { timeout: 3_600_000 },
    async (base) => {
      const level =
        base === "serializable" && kept === "realtime" ? "strict-serializable" : `${prefix}${base}`;
      const counts = { valid: 0, invalid: 0, chosen: 0 };
      for (let number = 0; number < HISTORIES; number++) {
        const transactions = randomRepeated(createRandom(SEED + number));
        const isAny = transactions.some(({ outcome }) => outcome === "ok");
        if (!isAny || !isRepeated(transactions)) continue;
        const about = `seed ${SEED + number}, ${level}`;
        const history = historyOfRegisters(transactions);
        const verdict = await transactional({ level }).check(history, createBudget());
        const { certificate } = verdict;
        if (certificate === undefined && choicesOf(transactions) > 1024) continue;
        if (certificate === undefined) expect.fail(`${about}: ${verdict.reason}`);
        const verified = verifyCertificate({ certificate, history, budget: createBudget() });
        if (!verified.confirmed) expect.fail(`${about}: ${verified.reason} ${verdict.reason}`);
        const expected = holds(transactions, base, kept) ? "valid" : "invalid";
        expect(`${about}: ${verdict.verdict}`).toBe(`${about}: ${expected}`);
        counts[expected]++;
        const isChosen =
          certificate.kind === "transaction-order"
            ? certificate.sources !== undefined
            : certificate.kind === "isolation-violation" &&
              certificate.phenomenon.name === "no-source";
        if (isChosen) counts.chosen++;
      }
      // Of fewer it is chance whether there are some of each kind.
      if (HISTORIES < 300) return;
      expect(counts.valid).toBeGreaterThan(HISTORIES / 20);
      expect(counts.invalid).toBeGreaterThan(HISTORIES / 100);
      expect(counts.chosen).toBeGreaterThan(HISTORIES / 50);
    },
  );
});
