/**
 * Confirms an order of transactions on counters by carrying them out. Where it is not known what a
 * counter held at first, that is some number which fits all reads of it.
 */
import { implies } from "../consistency/lattice.js";
import type { BaseIsolation } from "../consistency/level.js";
import { claim } from "./claims.js";
import {
  ownBefore,
  sumOf,
  type CounterStep,
  type CountingHistory,
  type CountingTransaction,
} from "./counters.js";
import type { TransactionOrderCertificate } from "./isolation-certificate.js";
import { confirmMakes } from "./verify-counter-finding.js";

/** Carries out an order, each transaction once, or twice for snapshots. @throws ClaimRefused */
export function confirmCounterOrder(
  order: readonly number[],
  counting: CountingHistory,
  about: {
    readonly base: BaseIsolation;
    readonly manner: TransactionOrderCertificate["manner"];
  },
): void {
  const { base, manner } = about;
  const byName = new Map(counting.transactions.map((each) => [each.operation.invocation, each]));
  const named = order.map((at) => byName.get(at) as CountingTransaction);
  if (manner === "serial") {
    carryOut(named, counting);
    return;
  }
  if (manner === "snapshot") {
    claim(implies("snapshot-isolation", base), () => `Snapshots do not show that ${base} holds.`);
    carryOutSnapshots(named, counting, !implies("prefix", base));
    return;
  }
  claim(implies("cursor-stability", base), () => `Commits alone do not show that ${base} holds.`);
  const isKnown = counting.transactions.every((each) =>
    readsOf(each).every(({ key }) => counting.initialOf(key) !== undefined),
  );
  // Whatever commits leave is made of what was added.
  if (base === "read-uncommitted" && isKnown) confirmAdded(counting);
  else confirmCommits(named, counting, base === "cursor-stability");
}

/** What counters hold beside what they held at first, and what that can have been. */
class Totals {
  readonly #counting: CountingHistory;
  readonly #added = new Map<string, number>();
  readonly #bases = new Map<string, ReadonlySet<number>>();
  /** Counter → all that was ever added to it, as commits left it. */
  readonly #past = new Map<string, Set<number>>();

  constructor(counting: CountingHistory) {
    this.#counting = counting;
  }

  addedTo(key: string): number {
    return this.#added.get(key) ?? 0;
  }

  pastOf(key: string): ReadonlySet<number> {
    return this.#past.get(key) ?? new Set([0]);
  }

  /** A read is of what was there at first and one of these. */
  confirm(
    by: CountingTransaction,
    { at, key, amount }: CounterStep,
    added: Iterable<number>,
  ): void {
    const fitting = new Set(Array.from(added, (each) => amount - each));
    const known = this.#counting.initialOf(key);
    const before = this.#bases.get(key) ?? (known === undefined ? undefined : new Set([known]));
    const left =
      before === undefined ? fitting : new Set([...before].filter((each) => fitting.has(each)));
    claim(
      left.size > 0,
      () =>
        `Transaction ${by.operation.invocation}, micro-operation ${at}: ${key} was not ${amount}.`,
    );
    this.#bases.set(key, left);
  }

  commit({ steps }: CountingTransaction): void {
    const keys = new Set(steps.filter(({ f }) => f === "add").map(({ key }) => key));
    for (const step of steps) {
      if (step.f === "add") this.#added.set(step.key, this.addedTo(step.key) + step.amount);
    }
    for (const key of keys) {
      const past = this.#past.get(key) ?? new Set([0]);
      this.#past.set(key, past.add(this.addedTo(key)));
    }
  }
}

function readsOf({ steps }: CountingTransaction): readonly CounterStep[] {
  return steps.filter(({ f }) => f === "read");
}

function carryOut(order: readonly CountingTransaction[], counting: CountingHistory): void {
  const totals = new Totals(counting);
  for (const each of order) {
    for (const read of readsOf(each)) {
      totals.confirm(each, read, [totals.addedTo(read.key) + (ownBefore(each, read).at(-1) ?? 0)]);
    }
    totals.commit(each);
  }
}

/**
 * `alone`: nobody commits to what a transaction adds to between its snapshot and its commit; else
 * only to what it adds to and then reads, which shows what its increment stands on.
 */
function carryOutSnapshots(
  order: readonly CountingTransaction[],
  counting: CountingHistory,
  alone: boolean,
): void {
  const totals = new Totals(counting);
  /** Who has taken a snapshot → the counters that must not change, and have. */
  const open = new Map<CountingTransaction, Set<string>>();
  for (const each of order) {
    const changed = open.get(each);
    if (changed === undefined) {
      for (const read of readsOf(each)) {
        totals.confirm(each, read, [
          totals.addedTo(read.key) + (ownBefore(each, read).at(-1) ?? 0),
        ]);
      }
      open.set(each, new Set());
      continue;
    }
    open.delete(each);
    for (const key of changed) {
      const isAdded = sumOf(each, key) !== undefined;
      const isShown = readsOf(each).some(
        (read) => read.key === key && ownBefore(each, read).length > 0,
      );
      claim(
        !(alone ? isAdded : isShown),
        () => `Another committed to ${key}, which ${each.operation.invocation} adds to.`,
      );
    }
    for (const { f, key } of each.steps) {
      if (f === "add") for (const keys of open.values()) keys.add(key);
    }
    totals.commit(each);
  }
}

/** Every read is of a total that was there before; who had added may see that, or not. */
function confirmCommits(
  order: readonly CountingTransaction[],
  counting: CountingHistory,
  isStable: boolean,
): void {
  const totals = new Totals(counting);
  for (const each of order) {
    for (const step of readsOf(each)) {
      const { key } = step;
      const now = totals.addedTo(key);
      const own = ownBefore(each, step).map((sum) => now + sum);
      const isUpdate = isStable && own.length === 0 && sumOf(each, key) !== undefined;
      totals.confirm(each, step, isUpdate ? [now] : [...totals.pastOf(key), ...own]);
    }
    totals.commit(each);
  }
}

/** Where what is not committed may be read: some of what was ever added makes each total. */
function confirmAdded(counting: CountingHistory): void {
  for (const each of counting.transactions) {
    for (const { key, amount } of readsOf(each)) {
      const initial = counting.initialOf(key);
      claim(initial !== undefined, () => `It is not known what ${key} was at first.`);
      const steps = counting.transactions.flatMap((other) =>
        other.steps.filter((step) => step.f === "add" && step.key === key),
      );
      confirmMakes(
        steps.map((step) => step.amount),
        amount - initial,
      );
    }
  }
}
