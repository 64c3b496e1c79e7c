/**
 * Every cell of the table of transactional litmus histories: by the checker, of lists and, where
 * these leave it open, of registers, with its evidence verified; by the definitions where they can
 * be tried out; and by docs/consistency.md, whose table must be the one here.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { implies } from "../src/consistency/lattice.js";
import type { TransactionalLevel } from "../src/consistency/level.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { COLUMNS, TRANSACTIONAL_LITMUS, type TransactionalLitmus } from "./litmus/transactions.js";
import {
  holdsByPhenomena,
  holdsBySerialOrder,
  holdsBySnapshots,
  type Kept,
  type SmallMicro,
  type SmallTransaction,
} from "./oracle/isolation.js";

function transactionsOf({ steps }: TransactionalLitmus): readonly SmallTransaction[] {
  return steps.split("; ").map((step, number): SmallTransaction => {
    const [, name, aborted, all = ""] = /^(\d)(!?): (.+)$/.exec(step) ?? [];
    if (name === undefined) throw new Error(`no transaction: ${step}`);
    const micro = all.split(", ").map((each): SmallMicro => {
      const [letter, key = "", digits = ""] = each.split(" ");
      if (letter === "a") return { f: "append", key, value: Number(digits) };
      return { f: "r", key, value: digits === "-" ? [] : digits.split("").map(Number) };
    });
    const outcome = aborted === "!" ? "fail" : "ok";
    return { process: Number(name), outcome, begin: 2 * number, end: 2 * number + 1, micro };
  });
}

/** Of registers a read shows the last of what a list would, and a write is an append. */
function historyFrom(
  transactions: readonly SmallTransaction[],
  of: "lists" | "registers",
): History {
  const told = (each: SmallMicro): Value => {
    if (of === "lists")
      return [each.f, each.key, each.f === "r" ? [...(each.value ?? [])] : each.value];
    return each.f === "r"
      ? ["r", each.key, each.value?.at(-1) ?? null]
      : ["w", each.key, each.value];
  };
  const asked = (each: SmallMicro): Value => (each.f === "r" ? ["r", each.key, null] : told(each));
  return historyOf(
    transactions.flatMap(({ process, outcome, begin, end, micro }): NewEvent[] => {
      const about = { process, f: "txn" } as const;
      return [
        { ...about, type: "invoke", value: micro.map((each) => asked(each)), timeNs: begin },
        { ...about, type: outcome, value: micro.map((each) => told(each)), timeNs: end },
      ];
    }),
  );
}

/** The verdict; its evidence is confirmed. */
async function ask(level: TransactionalLevel, history: History): Promise<VerdictKind> {
  const budget = createBudget();
  const { verdict, certificate } = await transactional({ level }).check(history, budget);
  if (verdict === "unknown") return verdict;
  if (certificate === undefined) expect.fail(`no certificate for ${verdict}`);
  expect(verifyCertificate({ certificate, history, budget })).toMatchObject({ confirmed: true });
  return verdict;
}

/** By the definition; undefined where there is none to try out. */
function byDefinition(
  transactions: readonly SmallTransaction[],
  level: TransactionalLevel,
): boolean | undefined {
  const written = new Set(
    transactions.flatMap(({ micro }) =>
      micro.flatMap(({ f, key, value }) => (f === "append" ? [`${key} ${value}`] : [])),
    ),
  );
  const isRead = ({ f, key, value }: SmallMicro): boolean =>
    f !== "r" || (value ?? []).every((each) => written.has(`${key} ${each}`));
  // The definitions by phenomena say nothing of what nobody wrote.
  if (!transactions.every(({ micro }) => micro.every((each) => isRead(each)))) return undefined;
  const serial = BY_ORDER[level];
  if (serial !== undefined) return holdsBySerialOrder(transactions, serial);
  if (level === "snapshot-isolation") return holdsBySnapshots(transactions, "nothing");
  const byPhenomena = BY_PHENOMENA.find((name) => name === level);
  if (byPhenomena === undefined) return undefined;
  return holdsByPhenomena(transactions, byPhenomena, "nothing");
}

const BY_ORDER: { readonly [level in TransactionalLevel]?: Kept } = {
  "strict-serializable": "realtime",
  "strong-session-serializable": "session",
  serializable: "nothing",
};

const BY_PHENOMENA = [
  "read-uncommitted",
  "read-committed",
  "cursor-stability",
  "repeatable-read",
  "parallel-snapshot-isolation",
] as const;

describe.each(TRANSACTIONAL_LITMUS)("$name", (litmus) => {
  const transactions = transactionsOf(litmus);
  const history = historyFrom(transactions, "lists");
  const asRegisters = historyFrom(transactions, "registers");

  test.each(COLUMNS.map(([level], place) => [level, litmus.holds[place] === "+"] as const))(
    "%s: %s",
    async (level, holds) => {
      const expected = holds ? "valid" : "invalid";
      expect(byDefinition(transactions, level) ?? holds).toBe(holds);
      const lists = await ask(level, history);
      if (lists !== "unknown") expect(lists).toBe(expected);
      // Registers show less of the order of versions.
      const registers = await ask(level, asRegisters);
      if (lists === "unknown") expect(registers).toBe(expected);
      if (holds) expect(registers).not.toBe("invalid");
    },
  );

  test("the row agrees with the lattice", () => {
    for (const [place, [stronger]] of COLUMNS.entries()) {
      for (const [other, [weaker]] of COLUMNS.entries()) {
        if (!implies(stronger, weaker) || litmus.holds[place] === "-") continue;
        expect(`${stronger} → ${weaker}: ${litmus.holds[other]}`).toBe(
          `${stronger} → ${weaker}: +`,
        );
      }
    }
  });
});

test("every two levels are told apart by some history, unless one implies the other", () => {
  const missing: string[] = [];
  for (const [place, [one]] of COLUMNS.entries()) {
    for (const [other, [another]] of COLUMNS.entries()) {
      if (implies(one, another)) continue;
      const isShown = TRANSACTIONAL_LITMUS.some(
        ({ holds }) => holds[place] === "+" && holds[other] === "-",
      );
      if (!isShown) missing.push(`${one} without ${another}`);
    }
  }
  // What tells repeatable read from what is above it are predicates, which lists do not have.
  expect(missing.filter((each) => !each.startsWith("repeatable-read"))).toEqual([]);
});

test("the documentation has the table", () => {
  const page = fileURLToPath(new URL("../docs/consistency.md", import.meta.url));
  const between = /<!-- litmus-transactions:begin -->\n([\s\S]*?)<!-- litmus-transactions:end -->/;
  expect(between.exec(readFileSync(page, "utf8"))?.[1]?.trim()).toBe(table());
});

function table(): string {
  return [
    `| history | ${COLUMNS.map(([, short]) => short).join(" | ")} | what it shows |`,
    `|---${"|:-:".repeat(COLUMNS.length)}|---|`,
    ...TRANSACTIONAL_LITMUS.map(({ name, steps, holds, shows }) => {
      const cells = holds.split("").map((sign) => (sign === "+" ? "✓" : "✗"));
      return `| **${name}**<br>\`${steps}\` | ${cells.join(" | ")} | ${shows} |`;
    }),
  ].join("\n");
}
