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
import { componentsOf } from "../../src/graph/components.js";
import { createDigraph, EdgeList, type Digraph } from "../../src/graph/digraph.js";
import { shortestCycle } from "../../src/graph/shortest-cycle.js";
import { FAIL, INFO, NONE, OK } from "../../src/history/history.js";
import type { Dependencies } from "./dependencies.js";
import type { Findings, VersionReason, VersionRule, VersionStep } from "./findings.js";
import { READ, WRITE, type Transactions } from "./layout.js";

/** Of so many that completed last before a transaction, each is held against it. */
const FRONTIER_MAX = 64;

/** Stands for a value that was written twice, or never. */
const UNKNOWN = -2;

/** A transaction that completed, and this key. */
export interface Touch {
  readonly transaction: number;
  /** The version that it saw before it wrote any, or `NONE`. */
  readonly read: number;
  /** The version that it left by writing, or `NONE`. */
  readonly wrote: number;
  /** Versions that it saw or left first and last. */
  readonly first: number;
  readonly last: number;
}

/** One key at a time. */
export class RegisterOrder {
  /** Version → the micro-operation that wrote it, `NONE` for the initial one, or unknown. */
  writers: number[] = [];
  touches: Touch[] = [];
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
  readonly #known = new Set<number>();
  /** Edge → why. */
  #reasons: VersionReason[] = [];
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
    this.touches = this.#touchesOf(micro);
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

  #touchesOf(micro: Int32Array): Touch[] {
    const { owners, outcomes, kinds, values } = this.#transactions;
    const touches: Touch[] = [];
    for (let from = 0; from < micro.length;) {
      const transaction = owners[micro[from] as number] as number;
      let end = from;
      let wrote = NONE;
      while (end < micro.length && owners[micro[end] as number] === transaction) {
        const at = micro[end++] as number;
        if (kinds[at] === WRITE) wrote = this.versionOf(values[at] as number);
      }
      const first = micro[from] as number;
      const last = micro[end - 1] as number;
      from = end;
      if (outcomes[transaction] !== OK) continue;
      touches.push({
        transaction,
        read: kinds[first] === READ ? this.versionOf(values[first] as number) : NONE,
        wrote,
        first: this.versionOf(values[first] as number),
        last: this.versionOf(values[last] as number),
      });
    }
    return touches;
  }

  #order(micro: Int32Array): void {
    this.#edges.length = 0;
    this.#known.clear();
    this.#reasons = [];
    if (this.#rules.has("writes-follow-reads")) {
      for (const { transaction, read, wrote } of this.touches) {
        if (read === NONE || wrote === NONE) continue;
        this.#add(read, wrote, { rule: "writes-follow-reads", transactions: [transaction] });
      }
    }
    if (this.#rules.has("sessions")) this.#addSessions();
    if (this.#rules.has("realtime")) this.#addRealtime();
    if (this.#isCyclic()) this.#reportCycle(micro);
    this.#addInitial();
    this.graph = createDigraph(this.writers.length, this.#edges);
  }

  #add(before: number, after: number, reason: VersionReason): void {
    if (before === after || after === 0) return;
    if (this.writers[before] === UNKNOWN || this.writers[after] === UNKNOWN) return;
    const name = before * this.writers.length + after;
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#edges.add(before, after);
    this.#reasons.push(reason);
  }

  #addSessions(): void {
    const { processes } = this.#transactions;
    const before = new Map<number, Touch>();
    for (const touch of this.touches) {
      const process = processes[touch.transaction] as number;
      const earlier = before.get(process);
      before.set(process, touch);
      if (earlier === undefined) continue;
      const transactions = [earlier.transaction, touch.transaction];
      this.#add(earlier.last, touch.first, { rule: "sessions", transactions });
    }
  }

  /** Each follows those that completed last before it was invoked. */
  #addRealtime(): void {
    const { invocations, completions } = this.#transactions;
    const endOf = ({ transaction }: Touch): number => completions[transaction] as number;
    const byEnd = this.touches.toSorted((a, b) => endOf(a) - endOf(b));
    let frontier: Touch[] = [];
    let ended = 0;
    for (const touch of this.touches) {
      const begin = invocations[touch.transaction] as number;
      for (; ended < byEnd.length && endOf(byEnd[ended] as Touch) < begin; ended++) {
        const next = byEnd[ended] as Touch;
        const began = invocations[next.transaction] as number;
        frontier = frontier.filter((earlier) => endOf(earlier) > began);
        frontier.push(next);
      }
      for (const earlier of frontier.slice(-FRONTIER_MAX)) {
        const transactions = [earlier.transaction, touch.transaction];
        this.#add(earlier.last, touch.first, { rule: "realtime", transactions });
      }
    }
  }

  #isCyclic(): boolean {
    if (this.#edges.length < 2) return false;
    const { sizes } = componentsOf(createDigraph(this.writers.length, this.#edges));
    return sizes.some((size) => size > 1);
  }

  /** What was assumed does not hold; nothing is known of this key then. */
  #reportCycle(micro: Int32Array): void {
    const { keys } = this.#transactions;
    const cycle = shortestCycle(createDigraph(this.writers.length, this.#edges)) ?? [];
    const versions = cycle.map((edge) => this.#stepOf(edge));
    const named = versions.flatMap(({ reason }) => reason.transactions);
    this.#findings.add({
      kind: "cyclic-versions",
      key: keys[micro[0] as number] as number,
      transactions: [...new Set(named)],
      micro: [],
      versions,
    });
    this.#edges.length = 0;
    this.#known.clear();
    this.#reasons = [];
  }

  #stepOf(edge: number): VersionStep {
    return {
      value: this.#values[this.#edges.froms[edge] as number] as number,
      next: this.#values[this.#edges.tos[edge] as number] as number,
      reason: this.#reasons[edge] as VersionReason,
    };
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
    const hasBefore = new Set<number>();
    for (let edge = 0; edge < this.#edges.length; edge++) {
      hasBefore.add(this.#edges.tos[edge] as number);
    }
    for (let version = 1; version < this.writers.length; version++) {
      if (hasBefore.has(version)) continue;
      this.#add(0, version, { rule: "initial", transactions: [] });
    }
  }
}
