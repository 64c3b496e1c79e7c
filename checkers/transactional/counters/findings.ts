/**
 * What totals show without any order of transactions, with a few examples of each kind.
 */
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { Value } from "../../../src/history/value.js";
import type { CounterFinding } from "../../../src/verdict/counter-certificate.js";
import type { CounterHistory, CounterTransaction, Deed } from "./layout.js";
import { totalsOf, type Totals } from "./sums.js";

/** The weakest levels that a finding contradicts. */
export const COUNTER_FINDINGS: {
  readonly [kind in CounterFinding["kind"]]: readonly BaseIsolation[];
} = {
  "garbage-read": ["read-uncommitted"],
  G1a: ["read-committed"],
  G1b: ["read-committed"],
  "future-read": ["read-committed"],
  "dirty-read": ["read-committed"],
  internal: ["read-atomic", "repeatable-read"],
  "lost-update": ["cursor-stability", "update-atomic"],
  "wrong-total": ["consistent-view", "snapshot-isolation", "repeatable-read"],
};

/** A finding in numbers of transactions. */
export interface Found {
  readonly kind: CounterFinding["kind"];
  readonly transactions: readonly number[];
  readonly at: readonly number[];
  readonly key: number | undefined;
  /** Weakest levels that it contradicts beside those of its kind. */
  readonly also?: readonly BaseIsolation[];
}

const EXAMPLES_MAX = 8;
/** Where a reader adds itself, the totals of the others are worked out for it alone. */
const WRITERS_MAX = 64;

/** Looks for all of them. */
export function findingsIn(history: CounterHistory, check: () => void): readonly Found[] {
  return new Finder(history, check).run();
}

/** As certificates have it. */
export function namedFinding(found: Found, history: CounterHistory): CounterFinding {
  const { kind, transactions, at, key } = found;
  const named = transactions.map(
    (each) => (history.transactions[each] as CounterTransaction).operation.invocation,
  );
  const of = key === undefined ? {} : { key: history.keys[key] as Value };
  return { name: "counter-finding", kind, transactions: named, at, ...of };
}

class Finder {
  readonly #history: CounterHistory;
  readonly #check: () => void;
  readonly #found: Found[] = [];
  readonly #counts = new Map<CounterFinding["kind"], number>();
  /** What may be in totals, for who adds nothing itself; and for the one who is looked at. */
  readonly #forAll = new Map<string, Totals | undefined>();
  readonly #forOne = new Map<string, Totals | undefined>();
  readonly #failed: readonly (readonly number[])[];
  readonly #growing: readonly boolean[];
  /** Account of a bank → the only other with which it exchanges, where that does so too. */
  readonly #partners: ReadonlyMap<number, number>;
  /** Account of which it is not known what it held at first → its first read. */
  readonly #firstReads = new Map<number, { readonly of: number; readonly deed: Deed }>();
  readonly #differences = new Map<string, Totals | undefined>();

  constructor(history: CounterHistory, check: () => void) {
    this.#history = history;
    this.#check = check;
    const failed = history.keys.map((): number[] => []);
    for (const [each, { operation, sums }] of history.transactions.entries()) {
      if (operation.outcome !== "fail") continue;
      for (const key of sums.keys()) (failed[key] as number[]).push(each);
    }
    this.#failed = failed;
    this.#partners = partnersIn(history);
    this.#growing = history.writers.map((writers, key) =>
      writers.every((each) => (history.transactions[each]?.sums.get(key) ?? 0) >= 0),
    );
  }

  run(): readonly Found[] {
    const { transactions } = this.#history;
    /** Counter and total → who updated it from there. */
    const updated = new Map<string, number>();
    /** Counters that only exchange → the total that was read, and by whom. */
    const sums = new Map<string, { readonly of: number | undefined; readonly total: number }>();
    for (const [each, { operation, deeds }] of transactions.entries()) {
      this.#check();
      if (operation.outcome !== "ok") continue;
      this.#lookInside(each, deeds);
      this.#lookForChanges(each, deeds);
      this.#lookForLost(each, deeds, updated);
      this.#lookForDifferences(each, deeds);
      this.#addUp(each, deeds, sums);
    }
    return this.#found;
  }

  #add(found: Found): void {
    const count = (this.#counts.get(found.kind) ?? 0) + 1;
    this.#counts.set(found.kind, count);
    if (count <= EXAMPLES_MAX) this.#found.push(found);
  }

  #lookInside(transaction: number, deeds: readonly Deed[]): void {
    /** Counter → what it must be when it is read again. */
    const expected = new Map<number, number>();
    /** Counter → what the transaction may have added to it until now, from nothing to all. */
    const own = new Map<number, number[]>();
    this.#forOne.clear();
    for (const { f, at, key, amount } of deeds) {
      const was = expected.get(key);
      const parts = own.get(key) ?? [0];
      if (f === "add") {
        own.set(key, parts);
        parts.push((parts.at(-1) as number) + amount);
        if (was !== undefined) expected.set(key, was + amount);
        continue;
      }
      const about = { transactions: [transaction], at: [at], key };
      if (was !== undefined && was !== amount) this.#add({ kind: "internal", ...about });
      expected.set(key, amount);
      this.#check();
      const kind = this.#strange(transaction, { key, amount, parts });
      if (kind !== undefined) this.#add({ kind, ...about });
    }
  }

  /** What it takes to make a total, when what was committed does not. */
  #strange(
    transaction: number,
    read: { readonly key: number; readonly amount: number; readonly parts: readonly number[] },
  ): CounterFinding["kind"] | undefined {
    const { key, amount, parts } = read;
    const base = this.#history.initial[key];
    if (base === undefined) return undefined;
    const total = amount - base;
    const committed = this.#committedBut(transaction, key);
    if (committed === undefined || makes(committed, total, parts)) return undefined;
    const writers = this.#history.writers[key] ?? [];
    const failed = this.#failed[key] ?? [];
    const steps = (of: readonly number[]): readonly number[] =>
      of.flatMap((each) => this.#steps(each, key));
    const all = kept(this.#forAll, `${key} all`, () => totalsOf(steps([...writers, ...failed])));
    if (all === undefined) return undefined;
    if (!all.has(total)) return "garbage-read";
    const others = (): readonly number[] => writers.filter((each) => each !== transaction);
    const whole = (): readonly number[] => others().map((each) => this.#sum(each, key));
    const known = this.#for(transaction, key);
    const withFailed = kept(known, `${key} failed`, () => totalsOf([...whole(), ...steps(failed)]));
    if (makes(withFailed, total, parts)) return "G1a";
    const inParts = kept(known, `${key} parts`, () => totalsOf(steps(others())));
    if (makes(inParts, total, parts)) return "G1b";
    const later = beginnings(this.#steps(transaction, key));
    return makes(committed, total, later) ? "future-read" : "dirty-read";
  }

  /** The totals of what others may have committed. */
  #committedBut(transaction: number, key: number): Totals | undefined {
    const writers = this.#history.writers[key] ?? [];
    const { sums } = this.#history.transactions[transaction] as CounterTransaction;
    if (sums.has(key) && writers.length > WRITERS_MAX) return undefined;
    return kept(this.#for(transaction, key), `${key} committed`, () => {
      const others = writers.filter((each) => each !== transaction);
      return totalsOf(others.map((each) => this.#sum(each, key)));
    });
  }

  /** Whoever adds to a counter counts itself otherwise than the others do. */
  #for(transaction: number, key: number): Map<string, Totals | undefined> {
    const { sums } = this.#history.transactions[transaction] as CounterTransaction;
    return sums.has(key) ? this.#forOne : this.#forAll;
  }

  #sum(transaction: number, key: number): number {
    return this.#history.transactions[transaction]?.sums.get(key) ?? 0;
  }

  #steps(transaction: number, of: number): readonly number[] {
    const { deeds } = this.#history.transactions[transaction] as CounterTransaction;
    return deeds.flatMap(({ f, key, amount }) => (f === "add" && key === of ? [amount] : []));
  }

  /** One that read two totals and then adds: another added to the first of them in between. */
  #lookForChanges(transaction: number, deeds: readonly Deed[]): void {
    const added = new Set<number>();
    /** Counter → the total that was read first, and another one. */
    const first = new Map<number, number>();
    const changed = new Map<number, number>();
    for (const { f, at, key, amount } of deeds) {
      if (added.has(key)) continue;
      if (f === "read") {
        const before = first.get(key);
        if (before === undefined) first.set(key, amount);
        else if (before !== amount) changed.set(key, at);
        continue;
      }
      added.add(key);
      const read = changed.get(key);
      if (read === undefined) continue;
      this.#add({ kind: "lost-update", transactions: [transaction], at: [read], key });
    }
  }

  /** Two that read the same and then add: who was second did not see the first. */
  #lookForLost(transaction: number, deeds: readonly Deed[], updated: Map<string, number>): void {
    const touched = new Set<number>();
    for (const { f, at, key, amount } of deeds) {
      const isFirst = !touched.has(key);
      touched.add(key);
      if (f !== "read" || !isFirst || this.#growing[key] !== true) continue;
      if (this.#sum(transaction, key) <= 0) continue;
      const name = `${key} ${amount}`;
      const other = updated.get(name);
      if (other === undefined) updated.set(name, transaction);
      else this.#add({ kind: "lost-update", transactions: [other, transaction], at: [at], key });
    }
  }

  /** Two balances of which nothing that was moved leads from the one to the other. */
  #lookForDifferences(transaction: number, deeds: readonly Deed[]): void {
    if (this.#history.kind !== "bank") return;
    for (const deed of deeds) {
      const { f, at, key, amount } = deed;
      if (f !== "read" || this.#history.initial[key] !== undefined) continue;
      const first = this.#firstReads.get(key);
      if (first === undefined) {
        this.#firstReads.set(key, { of: transaction, deed });
        continue;
      }
      const difference = amount - first.deed.amount;
      if (difference === 0 || this.#isDifference(key, difference, false) !== false) continue;
      const kind = this.#isDifference(key, difference, true) === false ? "garbage-read" : "G1a";
      const transactions = [transaction, first.of];
      this.#add({ kind, transactions, at: [at, first.deed.at], key });
    }
  }

  /** Whether transfers, also failed ones, make a difference; undefined where that is too much. */
  #isDifference(key: number, difference: number, withFailed: boolean): boolean | undefined {
    const name = `${key} ${withFailed}`;
    if (!this.#differences.has(name)) {
      const by = this.#history.writers[key]?.concat(withFailed ? (this.#failed[key] ?? []) : []);
      const amounts = (by ?? []).flatMap((each) => this.#steps(each, key));
      this.#differences.set(name, totalsOf([...amounts, ...amounts.map((each) => -each)]));
    }
    return this.#differences.get(name)?.has(difference);
  }

  /** What is only moved between counters is the same at every time. */
  #addUp(
    transaction: number,
    deeds: readonly Deed[],
    known: Map<string, { readonly of: number | undefined; readonly total: number }>,
  ): void {
    const touched = new Set<number>();
    const reads: Deed[] = [];
    for (const deed of deeds) {
      if (deed.f === "read" && !touched.has(deed.key)) reads.push(deed);
      touched.add(deed.key);
    }
    this.#addUpReads(transaction, reads, known);
    if (reads.length < 3) return;
    for (const read of reads) {
      const partner = this.#partners.get(read.key);
      const other = reads.find(({ key }) => key === partner);
      if (other === undefined || other.key < read.key) continue;
      this.#addUpReads(transaction, [read, other], known);
    }
  }

  #addUpReads(
    transaction: number,
    reads: readonly Deed[],
    known: Map<string, { readonly of: number | undefined; readonly total: number }>,
  ): void {
    if (reads.length < 2) return;
    const keys = reads.map(({ key }) => key).toSorted((a, b) => a - b);
    const name = keys.join();
    let expected = known.get(name);
    const total = reads.reduce((sum, { amount }) => sum + amount, 0);
    if (expected === undefined) {
      const bases = keys.map((key) => this.#history.initial[key]);
      const isKnown = bases.every((base) => base !== undefined);
      const base = bases.reduce<number>((sum, each) => sum + (each ?? 0), 0);
      const isClosed = this.#isClosed(keys);
      expected = isKnown ? { of: undefined, total: base } : { of: transaction, total };
      known.set(name, isClosed ? expected : { of: undefined, total: Number.NaN });
      if (!isClosed) return;
    }
    if (Number.isNaN(expected.total) || total === expected.total) return;
    const transactions = [transaction, ...(expected.of === undefined ? [] : [expected.of])];
    const at = reads.map((read) => read.at);
    const [one, other, third] = keys as [number, number, number?];
    const isPair = third === undefined && this.#partners.get(one) === other;
    const also: readonly BaseIsolation[] = isPair ? ["read-atomic"] : [];
    this.#add({ kind: "wrong-total", transactions, at, key: undefined, also });
  }

  /** Whether nobody changes what these counters hold together. */
  #isClosed(keys: readonly number[]): boolean {
    const sums = new Map<number, number>();
    for (const key of keys) {
      for (const each of this.#history.writers[key] ?? []) {
        sums.set(each, (sums.get(each) ?? 0) + this.#sum(each, key));
      }
    }
    return [...sums.values()].every((sum) => sum === 0);
  }
}

/**
 * Pairs of accounts that exchange with each other alone. Where who sees one write of a transfer
 * sees the other, what a transaction read of the one and of the other was left by the same
 * transfer: of two different ones each would be missed by who sees it. So both together are never
 * more or less.
 */
function partnersIn({ kind, keys, writers, transactions }: CounterHistory): Map<number, number> {
  const partners = new Map<number, number>();
  if (kind !== "bank") return partners;
  for (const key of keys.keys()) {
    const others = new Set<number>();
    for (const each of writers[key] ?? []) {
      const sums = transactions[each]?.sums ?? new Map<number, number>();
      // Whoever moves money in place writes the account alone.
      for (const other of sums.keys()) if (other !== key || sums.size === 1) others.add(other);
    }
    const [only, another] = others;
    if (only !== undefined && another === undefined && only !== key) partners.set(key, only);
  }
  const isMutual = ([key, other]: readonly [number, number]): boolean =>
    partners.get(other) === key;
  return new Map([...partners].filter(isMutual));
}

/** What one may have added until some time, from nothing to all. */
function beginnings(steps: readonly number[]): readonly number[] {
  let sum = 0;
  return [0, ...steps.map((step) => (sum += step))];
}

/** Whether these make the total, without one of these parts of it: mostly it is without all. */
function makes(totals: Totals | undefined, total: number, parts: readonly number[]): boolean {
  if (totals === undefined) return false;
  for (let at = parts.length - 1; at >= 0; at--) {
    if (totals.has(total - (parts[at] as number))) return true;
  }
  return false;
}

/** What is under a name, made when it is first asked for. */
function kept<T>(known: Map<string, T>, name: string, make: () => T): T {
  if (!known.has(name)) known.set(name, make());
  return known.get(name) as T;
}
