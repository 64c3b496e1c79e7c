/**
 * The order of versions of a register, as far as anything shows it. A write replaces the value, so
 * that unlike a list a read does not tell what came before; what does is (Kingsbury & Alvaro 2020,
 * section 4.2.4):
 *
 * - the initial value, null, comes before all others;
 * - `writes-follow-reads`: who read one version and wrote another, wrote after what it had read;
 * - `sessions`: what a transaction sees or leaves does not come before what the transaction before
 *   it in its session left or saw, key by key;
 * - `realtime`: the same for every transaction that completed before another was invoked.
 *
 * The last three are assumptions about the system, and only made when they are asked for. They say
 * nothing about values that were written twice.
 */
import {
  createDigraph,
  EdgeList,
  topologicalOrder,
  type Digraph,
} from "../../src/graph/digraph.js";
import { IntList } from "../../src/graph/growing.js";
import { shortestCycle } from "../../src/graph/shortest-cycle.js";
import { FAIL, INFO, NONE, OK } from "../../src/history/history.js";
import type { Dependencies } from "./dependencies.js";
import type { Findings, VersionReason, VersionRule, VersionStep } from "./findings.js";
import { READ, WRITE, type Transactions } from "./layout.js";

/** Of so many that completed last before a transaction, each is held against it. */
const FRONTIER_MAX = 64;

/** Why a version comes after another: a place among these. */
const RULES: readonly VersionReason["rule"][] = [
  "writes-follow-reads",
  "sessions",
  "realtime",
  "initial",
];
const [FOLLOWS, SESSIONS, REALTIME, INITIAL] = [0, 1, 2, 3] as const;

/** Stands for a value that was written twice, or never. */
const UNKNOWN = -2;

/** Completed transactions, in the order of their calls: what each had to do with this key. */
export class Touches {
  count = 0;
  readonly transactions: IntList = new IntList();
  /** The version that it saw before it wrote any, or `NONE`. */
  readonly reads: IntList = new IntList();
  /** The version that it left by writing, or `NONE`. */
  readonly wrotes: IntList = new IntList();
  /** Versions that it saw or left first and last. */
  readonly firsts: IntList = new IntList();
  readonly lasts: IntList = new IntList();

  clear(): void {
    this.count = 0;
    for (const column of this.#columns()) column.length = 0;
  }

  add(transaction: number, read: number, wrote: number, first: number, last: number): void {
    this.transactions.push(transaction);
    this.reads.push(read);
    this.wrotes.push(wrote);
    this.firsts.push(first);
    this.lasts.push(last);
    this.count++;
  }

  /** What one transaction read and wrote, each `NONE` when it did not. */
  of(transaction: number): { readonly read: number; readonly wrote: number } {
    for (let touch = 0; touch < this.count; touch++) {
      if (this.transactions.at(touch) !== transaction) continue;
      return { read: this.reads.at(touch), wrote: this.wrotes.at(touch) };
    }
    return { read: NONE, wrote: NONE };
  }

  #columns(): readonly IntList[] {
    return [this.transactions, this.reads, this.wrotes, this.firsts, this.lasts];
  }
}

/** One key at a time. */
export class RegisterOrder {
  /** Version → the micro-operation that wrote it, `NONE` for the initial one, or unknown. */
  writers: number[] = [];
  readonly touches: Touches = new Touches();
  /** Version → what comes right after it. */
  graph: Digraph = createDigraph(0, new EdgeList());
  /** Writes that their own transaction wrote over. */
  readonly intermediate: Set<number> = new Set();

  readonly #dependencies: Dependencies;
  readonly #transactions: Transactions;
  readonly #findings: Findings;
  readonly #rules: ReadonlySet<VersionRule>;
  readonly #stamps: Int32Array;
  readonly #versions: Int32Array;
  readonly #edges = new EdgeList();
  /** Edge → why: a rule, by its place, and two transactions or `NONE`. */
  readonly #why = { rules: new IntList(), earlier: new IntList(), later: new IntList() };
  /** Version → the one that was last said to come after it. */
  readonly #lastAfter = new IntList();
  /** Version → position of its value. */
  #values: number[] = [];
  #stamp = 0;

  constructor(
    dependencies: Dependencies,
    rules: ReadonlySet<VersionRule>,
    findings: Findings = dependencies.findings,
  ) {
    const { transactions } = dependencies;
    this.#dependencies = dependencies;
    this.#transactions = transactions;
    this.#findings = findings;
    this.#rules = rules;
    this.#stamps = new Int32Array(transactions.valueCount);
    this.#versions = new Int32Array(transactions.valueCount);
  }

  /** The version of a value that was read or written. */
  versionOf(value: number): number {
    return this.#stamps[value] === this.#stamp ? (this.#versions[value] as number) : NONE;
  }

  /** The transaction that wrote a version, when that is known and it did not fail. */
  ownerOf(version: number): number {
    const writer = this.writers[version] as number;
    if (writer < 0) return NONE;
    const owner = this.#transactions.owners[writer] as number;
    return this.#transactions.outcomes[owner] === FAIL ? NONE : owner;
  }

  /** Whether a version is one of several writes, or of none. */
  isAmbiguous(version: number): boolean {
    return this.writers[version] === UNKNOWN;
  }

  /** Finds what is known of a key from its micro-operations. */
  find(micro: Int32Array): void {
    this.#stamp++;
    this.writers = [];
    this.#values = [];
    this.intermediate.clear();
    this.#number(this.#transactions.nullAt, NONE);
    this.#numberWrites(micro);
    this.#numberReads(micro);
    this.#findTouches(micro);
    this.#order(micro);
  }

  #number(value: number, writer: number): void {
    this.#stamps[value] = this.#stamp;
    this.#versions[value] = this.writers.push(writer) - 1;
    this.#values.push(value);
  }

  #numberWrites(micro: Int32Array): void {
    const { kinds, values, owners } = this.#transactions;
    let last = NONE;
    for (const at of micro) {
      if (kinds[at] !== WRITE) continue;
      if (last !== NONE && owners[last] === owners[at]) this.intermediate.add(last);
      last = at;
      const version = this.versionOf(values[at] as number);
      if (version === NONE) {
        this.#number(values[at] as number, at);
        continue;
      }
      this.writers[version] = UNKNOWN;
      this.#dependencies.hasAmbiguous = true;
    }
  }

  #numberReads(micro: Int32Array): void {
    const { kinds, values, owners, outcomes, keys } = this.#transactions;
    const { happened } = this.#dependencies;
    for (const at of micro) {
      const value = values[at] as number;
      if (kinds[at] !== READ || value === NONE) continue;
      const version = this.versionOf(value);
      if (version === NONE) {
        this.#number(value, UNKNOWN);
        const transactions = [owners[at] as number];
        const key = keys[at] as number;
        this.#findings.add({ kind: "garbage-read", key, transactions, micro: [at], value });
        continue;
      }
      const writer = this.writers[version] as number;
      if (writer < 0) continue;
      const owner = owners[writer] as number;
      if (outcomes[owner] === INFO) happened[owner] = 1;
    }
  }

  #findTouches(micro: Int32Array): void {
    const { owners, outcomes, kinds, values } = this.#transactions;
    this.touches.clear();
    for (let from = 0; from < micro.length;) {
      const transaction = owners[micro[from] as number] as number;
      let end = from;
      let wrote = NONE;
      while (end < micro.length && owners[micro[end] as number] === transaction) {
        const at = micro[end++] as number;
        if (kinds[at] === WRITE) wrote = this.versionOf(values[at] as number);
      }
      const at = micro[from] as number;
      const first = this.versionOf(values[at] as number);
      const last = this.versionOf(values[micro[end - 1] as number] as number);
      from = end;
      if (outcomes[transaction] !== OK) continue;
      this.touches.add(transaction, kinds[at] === READ ? first : NONE, wrote, first, last);
    }
  }

  #order(micro: Int32Array): void {
    this.#forgetEdges();
    if (this.#rules.has("writes-follow-reads")) this.#addFollowing();
    if (this.#rules.has("sessions")) this.#addSessions();
    if (this.#rules.has("realtime")) this.#addRealtime();
    this.#addInitial();
    this.graph = createDigraph(this.writers.length, this.#edges);
    if (!this.#isCyclic()) return;
    this.#reportCycle(micro);
    this.#addInitial();
    this.graph = createDigraph(this.writers.length, this.#edges);
  }

  #forgetEdges(): void {
    this.#edges.length = 0;
    const { rules, earlier, later } = this.#why;
    for (const column of [rules, earlier, later, this.#lastAfter]) column.length = 0;
    for (let version = 0; version < this.writers.length; version++) this.#lastAfter.push(NONE);
  }

  /** Most of what is said twice is said twice in a row, and left out. */
  #add(before: number, after: number, rule: number, earlier = NONE, later = NONE): void {
    if (before === after || after === 0) return;
    if (this.writers[before] === UNKNOWN || this.writers[after] === UNKNOWN) return;
    if (this.#lastAfter.at(before) === after) return;
    this.#lastAfter.set(before, after);
    this.#edges.add(before, after);
    this.#why.rules.push(rule);
    this.#why.earlier.push(earlier);
    this.#why.later.push(later);
  }

  #addFollowing(): void {
    const { count, transactions, reads, wrotes } = this.touches;
    for (let touch = 0; touch < count; touch++) {
      const read = reads.at(touch);
      const wrote = wrotes.at(touch);
      if (read === NONE || wrote === NONE) continue;
      this.#add(read, wrote, FOLLOWS, transactions.at(touch));
    }
  }

  #addSessions(): void {
    const { processes } = this.#transactions;
    const { count, transactions, firsts, lasts } = this.touches;
    const before = new Map<number, number>();
    for (let touch = 0; touch < count; touch++) {
      const transaction = transactions.at(touch);
      const process = processes[transaction] as number;
      const earlier = before.get(process);
      before.set(process, touch);
      if (earlier === undefined) continue;
      this.#add(
        lasts.at(earlier),
        firsts.at(touch),
        SESSIONS,
        transactions.at(earlier),
        transaction,
      );
    }
  }

  /** Each follows those that completed last before it was invoked. */
  #addRealtime(): void {
    const { invocations, completions } = this.#transactions;
    const { count, transactions, firsts, lasts } = this.touches;
    const endOf = (touch: number): number => completions[transactions.at(touch)] as number;
    const byEnd = this.#byEnd(endOf);
    /** By completion: those from `oldest` on, who nobody else began after. */
    const frontier: number[] = [];
    let oldest = 0;
    let ended = 0;
    for (let touch = 0; touch < count; touch++) {
      const transaction = transactions.at(touch);
      const begin = invocations[transaction] as number;
      for (; ended < count && endOf(byEnd[ended] as number) < begin; ended++) {
        const next = byEnd[ended] as number;
        const began = invocations[transactions.at(next)] as number;
        while (oldest < frontier.length && endOf(frontier[oldest] as number) <= began) oldest++;
        frontier.push(next);
      }
      const from = Math.max(oldest, frontier.length - FRONTIER_MAX);
      for (let place = from; place < frontier.length; place++) {
        const earlier = frontier[place] as number;
        this.#add(
          lasts.at(earlier),
          firsts.at(touch),
          REALTIME,
          transactions.at(earlier),
          transaction,
        );
      }
    }
  }

  /** Touches by completion; as numbers, which sort without being compared by a function. */
  #byEnd(endOf: (touch: number) => number): Int32Array {
    const { count } = this.touches;
    const codes = new Float64Array(count);
    for (let touch = 0; touch < count; touch++) codes[touch] = endOf(touch) * count + touch;
    codes.sort();
    const byEnd = new Int32Array(count);
    for (let place = 0; place < count; place++) byEnd[place] = (codes[place] as number) % count;
    return byEnd;
  }

  #isCyclic(): boolean {
    const { froms, tos, length } = this.#edges;
    let edge = 0;
    while (edge < length && (froms[edge] as number) < (tos[edge] as number)) edge++;
    return edge < length && topologicalOrder(this.graph).length < this.writers.length;
  }

  /** What was assumed does not hold; nothing is known of this key then. */
  #reportCycle(micro: Int32Array): void {
    const { keys } = this.#transactions;
    const cycle = shortestCycle(this.graph) ?? [];
    const versions = cycle.map((edge) => this.#stepOf(edge));
    const named = versions.flatMap(({ reason }) => reason.transactions);
    this.#findings.add({
      kind: "cyclic-versions",
      key: keys[micro[0] as number] as number,
      transactions: [...new Set(named)],
      micro: [],
      versions,
    });
    this.#forgetEdges();
  }

  #stepOf(edge: number): VersionStep {
    return {
      value: this.#values[this.#edges.froms[edge] as number] as number,
      next: this.#values[this.#edges.tos[edge] as number] as number,
      reason: this.#reasonOf(edge),
    };
  }

  #reasonOf(edge: number): VersionReason {
    const { rules, earlier, later } = this.#why;
    const transactions = [earlier.at(edge), later.at(edge)].filter((each) => each !== NONE);
    return { rule: RULES[rules.at(edge)] as VersionReason["rule"], transactions };
  }

  /** Why one version comes right before another; undefined when it does not. */
  stepBetween(before: number, after: number): VersionStep | undefined {
    const { starts, targets, edges } = this.graph;
    const end = starts[before + 1] as number;
    for (let place = starts[before] as number; place < end; place++) {
      if (targets[place] === after) return this.#stepOf(edges[place] as number);
    }
    return undefined;
  }

  /** The initial value comes before what nothing else is known to come before. */
  #addInitial(): void {
    const { length, tos } = this.#edges;
    const hasBefore = new Uint8Array(this.writers.length);
    for (let edge = 0; edge < length; edge++) hasBefore[tos[edge] as number] = 1;
    for (let version = 1; version < this.writers.length; version++) {
      if (hasBefore[version] === 0) this.#add(0, version, INITIAL);
    }
  }
}
