/**
 * Confirms what totals show by themselves; answers the weakest levels that exclude it.
 */
import type { TransactionalLevel } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { claim, VerificationUndecided } from "./claims.js";
import type { CounterFinding } from "./counter-certificate.js";
import {
  countingHistory,
  nameOf,
  ownBefore,
  sumOf,
  writersOf,
  type CounterStep,
  type CountingHistory,
  type CountingTransaction,
} from "./counters.js";

/** The history as one of counters. @throws ClaimRefused when it is none */
export function countersOf(history: History): CountingHistory {
  const counting = countingHistory(history);
  claim(counting !== undefined, () => "The history has no transactions on counters.");
  return counting;
}

/** @throws ClaimRefused */
export function confirmCounterFinding(
  finding: CounterFinding,
  history: History,
): readonly TransactionalLevel[] {
  const counting = countersOf(history);
  const [by, other] = finding.transactions.map((at) => readerAt(counting, at));
  claim(by !== undefined, () => "The finding names no transaction.");
  if (finding.kind === "wrong-total") {
    const keys = confirmWrongTotal({ by, other }, finding.at, counting);
    const bases: TransactionalLevel[] = [
      "consistent-view",
      "snapshot-isolation",
      "repeatable-read",
    ];
    if (areAlone(keys, counting)) bases.push("read-atomic");
    return bases;
  }
  const [place] = finding.at;
  if (finding.kind === "lost-update") {
    const key = nameOf(finding.key ?? null);
    if (finding.transactions.length === 1) {
      claim(readTwo(by, key), () => "It did not read two totals and then add to the counter.");
      return ["cursor-stability", "update-atomic"];
    }
    const [mine, yours] = [by, other].map((each) => updateOf(each, key));
    claim(
      by !== other && mine !== undefined && mine === yours,
      () => "The two did not read the same total before they added to it.",
    );
    const all = writersOf(counting, key).map((each) => sumOf(each, key) ?? 0);
    claim(
      all.every((sum) => sum >= 0),
      () => "Something is taken away as well, so that the total may have come back.",
    );
    return ["cursor-stability", "update-atomic"];
  }
  const read = by.steps.find(({ f, at }) => f === "read" && at === place);
  claim(read !== undefined, () => `There is no such read in ${by.operation.invocation}.`);
  if (finding.kind === "internal") {
    confirmContradiction(by, read);
    return ["read-atomic", "repeatable-read"];
  }
  if (other !== undefined) confirmUnreachable(finding, { by, other }, counting);
  else confirmUnmade(finding.kind, { by, read, counting });
  return finding.kind === "garbage-read" ? ["read-uncommitted"] : ["read-committed"];
}

function readerAt({ transactions }: CountingHistory, at: number): CountingTransaction {
  const found = transactions.find(({ operation }) => operation.invocation === at);
  claim(found?.operation.outcome === "ok", () => `Operation ${at} is no transaction that is ok.`);
  return found;
}

/**
 * Whether it read two totals of a counter before it added to it: where both were committed, another
 * added to the first of them before the second was there.
 */
function readTwo({ steps }: CountingTransaction, key: string): boolean {
  const own = steps.filter((step) => step.key === key);
  const first = own.findIndex(({ f }) => f === "add");
  return new Set(own.slice(0, Math.max(0, first)).map(({ amount }) => amount)).size > 1;
}

/** What a transaction read of a counter before anything else, when it then makes it grow. */
function updateOf(by: CountingTransaction | undefined, key: string): number | undefined {
  const first = by?.steps.find((step) => step.key === key);
  if (by === undefined || first?.f !== "read" || (sumOf(by, key) ?? 0) <= 0) return undefined;
  return first.amount;
}

/** An earlier read, and what was added since, says otherwise. */
function confirmContradiction(by: CountingTransaction, { key, at, amount }: CounterStep): void {
  const before = by.steps.filter((step) => step.key === key && step.at < at);
  const last = before.findLastIndex(({ f }) => f === "read");
  const since = before.slice(last + 1).reduce((sum, step) => sum + step.amount, 0);
  claim(
    last >= 0 && (before[last] as CounterStep).amount + since !== amount,
    () => "It follows from what was read and added before.",
  );
}

/** Nothing that was committed makes the total, and no part of what the reader had added does. */
function confirmUnmade(
  kind: CounterFinding["kind"],
  about: {
    readonly by: CountingTransaction;
    readonly read: CounterStep;
    readonly counting: CountingHistory;
  },
): void {
  const { by, read, counting } = about;
  const { key, amount } = read;
  const initial = counting.initialOf(key);
  claim(initial !== undefined, () => `It is not known what ${key} was at first.`);
  const total = amount - initial;
  if (kind === "garbage-read") {
    const all = counting.transactions.flatMap(({ steps }) => addsOf(steps, key));
    claim(!isMade(all, total), () => "Some of what was added makes the total.");
    return;
  }
  const others = writersOf(counting, key).filter((each) => each !== by);
  const whole = others.map((each) => sumOf(each, key) ?? 0);
  const own = [0, ...ownBefore(by, read)];
  claim(
    own.every((part) => !isMade(whole, total - part)),
    () => "Some of what was committed makes the total.",
  );
  const failed = counting.transactions.filter(({ operation }) => operation.outcome === "fail");
  const lost = failed.flatMap(({ steps }) => addsOf(steps, key));
  const parts = others.flatMap(({ steps }) => addsOf(steps, key));
  const later = [0, ...ownBefore(by, { key, at: Infinity })];
  const explains = (of: readonly number[], mine: readonly number[]): boolean =>
    mine.some((part) => isMade(of, total - part));
  const isSo =
    kind === "dirty-read" ||
    (kind === "G1a" && explains([...whole, ...lost], own)) ||
    (kind === "G1b" && explains(parts, own)) ||
    (kind === "future-read" && explains(whole, later));
  claim(isSo, () => `It does not show ${kind}.`);
}

function addsOf(steps: readonly CounterStep[], of: string): readonly number[] {
  return steps.filter(({ f, key }) => f === "add" && key === of).map(({ amount }) => amount);
}

/** Nobody changes what the counters hold together, and two reads differ in that. */
function confirmWrongTotal(
  {
    by,
    other,
  }: { readonly by: CountingTransaction; readonly other: CountingTransaction | undefined },
  at: readonly number[],
  counting: CountingHistory,
): readonly string[] {
  const reads = by.steps.filter((step) => step.f === "read" && at.includes(step.at));
  const keys = reads.map(({ key }) => key);
  claim(
    reads.length === at.length && new Set(keys).size === keys.length && keys.length > 1,
    () => "These are not reads of several counters, once each.",
  );
  for (const each of counting.transactions) {
    if (each.operation.outcome === "fail") continue;
    const moved = keys.reduce((sum, key) => sum + (sumOf(each, key) ?? 0), 0);
    claim(moved === 0, () => `Transaction ${each.operation.invocation} changes what there is.`);
  }
  const totalOf = (of: CountingTransaction): number =>
    keys.reduce((sum, key) => {
      const read = of.steps.find((step) => step.key === key && (of !== by || at.includes(step.at)));
      claim(
        read?.f === "read" && ownBefore(of, read).length === 0,
        () => `${of.operation.invocation} did not read ${key} before it added to it.`,
      );
      return sum + read.amount;
    }, 0);
  if (other !== undefined) {
    claim(totalOf(by) !== totalOf(other), () => "Both read the same in all.");
    return keys;
  }
  const bases = keys.map((key) => counting.initialOf(key));
  claim(
    bases.every((base) => base !== undefined),
    () => "It is not known what there was at first.",
  );
  const expected = bases.reduce<number>((sum, base) => sum + (base ?? 0), 0);
  claim(totalOf(by) !== expected, () => "That is what there was at first.");
  return keys;
}

/**
 * Whether these are two accounts of a bank that exchange with each other alone. Then at read atomic
 * what one reads of both was left by one transfer: had two left it, who sees each of them would
 * have to read what it left of both, and so each would come after the other. A transfer keeps what
 * both hold together, and it read them as well.
 */
function areAlone(keys: readonly string[], { isBank, transactions }: CountingHistory): boolean {
  return (
    isBank &&
    keys.length === 2 &&
    transactions.every(({ operation, steps }) => {
      if (operation.outcome === "fail" || operation.f !== "transfer") return true;
      const touched = new Set(steps.map(({ key }) => key));
      const count = keys.filter((key) => touched.has(key)).length;
      return count === 0 || count === 2;
    })
  );
}

/**
 * Two read an account of a bank, and nothing that was moved leads from one balance to the other.
 */
function confirmUnreachable(
  { kind, at, key = null }: CounterFinding,
  { by, other }: { readonly by: CountingTransaction; readonly other: CountingTransaction },
  { isBank, transactions }: CountingHistory,
): void {
  claim(isBank && (kind === "garbage-read" || kind === "G1a"), () => `It does not show ${kind}.`);
  const account = nameOf(key);
  const [one, another] = [by, other].map(({ steps }, place) =>
    steps.find((step) => step.f === "read" && step.at === at[place] && step.key === account),
  );
  claim(one !== undefined && another !== undefined, () => "They did not read the account.");
  const moved = (of: readonly CountingTransaction[]): readonly number[] => {
    const amounts = of.flatMap(({ steps }) => addsOf(steps, account));
    return [...amounts, ...amounts.map((amount) => -amount)];
  };
  const difference = one.amount - another.amount;
  const committed = transactions.filter(({ operation }) => operation.outcome !== "fail");
  claim(!isMade(moved(committed), difference), () => "Some of what was moved leads there.");
  const isFailed = isMade(moved(transactions), difference);
  claim(isFailed === (kind === "G1a"), () => `It does not show ${kind}.`);
}

/** More different totals are not kept. */
const TOTALS_MAX = 1_000_000;

/** @throws ClaimRefused */
export function confirmMakes(amounts: readonly number[], total: number): void {
  claim(isMade(amounts, total), () => `Nothing that was added makes ${total}.`);
}

/** Whether some of the amounts make a total. Equal ones are counted, not told apart. */
function isMade(amounts: readonly number[], total: number): boolean {
  const counts = new Map<number, number>();
  for (const amount of amounts) counts.set(amount, (counts.get(amount) ?? 0) + 1);
  let made = new Set([0]);
  for (const [amount, count] of counts) {
    if (amount === 0) continue;
    // A total that can be made with some of an amount is remembered with the fewest of it.
    const fewest = new Map(Array.from(made, (each) => [each, 0]));
    for (const [each, used] of fewest) {
      const next = each + amount;
      if (used < count && !fewest.has(next)) fewest.set(next, used + 1);
    }
    made = new Set(fewest.keys());
    if (made.size > TOTALS_MAX) throw new VerificationUndecided("There are too many totals.");
  }
  return made.has(total);
}
