/**
 * Why an edge is one: the two micro-operations that imply it, found again when an edge is to be
 * shown, so that the graph need not remember them.
 */
import { FAIL, NONE, OK } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { DependencyEdge } from "../../src/verdict/isolation-certificate.js";
import type { Step } from "./cycle-search.js";
import { versionSteps } from "./explain.js";
import type { VersionRule } from "./findings.js";
import { RegisterReasons } from "./register-reasons.js";
import {
  PROCESS,
  REALTIME,
  RW,
  UPDATE,
  WR,
  type ByKey,
  type Dependencies,
} from "./dependencies.js";
import { APPEND, READ, type Transactions } from "./layout.js";

/** Finds the reasons of edges between lists. */
export class Justify {
  readonly #transactions: Transactions;
  readonly #dependencies: Dependencies;
  readonly #byKey: ByKey;

  readonly #registers: RegisterReasons;

  constructor(dependencies: Dependencies, byKey: ByKey, rules: ReadonlySet<VersionRule>) {
    this.#transactions = dependencies.transactions;
    this.#dependencies = dependencies;
    this.#byKey = byKey;
    this.#registers = new RegisterReasons(dependencies, byKey, rules);
  }

  /** `before`: of who overwrites lists only what it appended before that micro-operation. */
  edge(edge: Step, before: number = Infinity): DependencyEdge {
    const { from, to, kind } = edge;
    const { invocations } = this.#transactions;
    const ends = { from: invocations[from] as number, to: invocations[to] as number };
    if (kind === PROCESS) return { ...ends, by: "process" };
    if (kind === REALTIME) return { ...ends, by: "realtime" };
    if (kind === WR) return { ...ends, by: "wr", ...this.#read(from, to) };
    const register = this.#registers.find(edge);
    if (register !== undefined) {
      const by = kind === UPDATE ? "update" : kind === RW ? "rw" : "ww";
      const [step] = versionSteps([register.step], this.#transactions);
      if (step === undefined) throw new Error("a step of versions got lost");
      return { ...ends, by, key: register.key, step, ...this.toSeenBy(to) };
    }
    if (kind === UPDATE) return { ...ends, by: "update", ...this.#antiDependency(from, to, true) };
    if (kind === RW) return { ...ends, by: "rw", ...this.#antiDependency(from, to, false) };
    return { ...ends, by: "ww", ...this.#overwrite(from, to, before) };
  }

  /** Micro-operations of a transaction, of some kinds. */
  *#micro(transaction: number, isAsked: (kind: number) => boolean): Iterable<number> {
    const { starts, kinds } = this.#transactions;
    const end = starts[transaction + 1] as number;
    for (let at = starts[transaction] as number; at < end; at++) {
      if (isAsked(kinds[at] as number)) yield at;
    }
  }

  #read(writer: number, reader: number): { readonly key: Value; readonly value: Value } {
    const { kinds, keys, values, lists, valueAt, keyAt } = this.#transactions;
    const written = new Map<string, number>();
    for (const at of this.#micro(writer, (kind) => kind !== READ)) {
      written.set(`${keys[at]} ${values[at]}`, at);
    }
    const isWritten = (at: number, value: number): boolean => {
      const write = written.get(`${keys[at]} ${value}`);
      return write !== undefined && this.#isAlone(write);
    };
    const own = new Set<string>();
    for (const at of this.#micro(reader, () => true)) {
      const value = values[at] as number;
      if (kinds[at] !== READ) {
        own.add(`${keys[at]} ${value}`);
        continue;
      }
      if (isWritten(at, value)) {
        return { key: keyAt(keys[at] as number), value: valueAt(value) };
      }
      const start = lists.starts[value] as number;
      let place = start >= 0 ? (lists.items[start] as number) : 0;
      const last = (): number => lists.items[start + place] as number;
      if (place > 0 && isWritten(at, last())) {
        return { key: keyAt(keys[at] as number), value: valueAt(last()) };
      }
      // What it had appended itself stands behind what was in its snapshot.
      while (place > 0 && own.has(`${keys[at]} ${last()}`)) place--;
      if (place === 0 || !isWritten(at, last())) continue;
      return { key: keyAt(keys[at] as number), value: valueAt(last()) };
    }
    throw new Error(`no read of ${reader} says that it follows ${writer}`);
  }

  /** Whether nobody else wrote the same to the key, who may be read instead, nor is it initial. */
  #isAlone(write: number): boolean {
    const { kinds, keys, values, nullAt } = this.#transactions;
    if (kinds[write] !== APPEND && values[write] === nullAt) return false;
    const { starts, micro } = this.#byKey;
    const key = keys[write] as number;
    for (let place = starts[key] as number; place < (starts[key + 1] as number); place++) {
      const at = micro[place] as number;
      if (at === write || kinds[at] === READ || values[at] !== values[write]) continue;
      if (!this.#isNoMatter(at, write)) return false;
    }
    return true;
  }

  /** Of a register what was aborted, or written by the same transaction. */
  #isNoMatter(other: number, write: number): boolean {
    const { kinds, owners, outcomes } = this.#transactions;
    if (kinds[write] === APPEND) return false;
    const owner = owners[other] as number;
    return owner === owners[write] || outcomes[owner] === FAIL;
  }

  #antiDependency(
    reader: number,
    writer: number,
    isUpdate: boolean,
  ): { readonly key: Value; readonly next: Value; readonly toSeenBy?: number } {
    const { keys, values, valueAt, keyAt } = this.#transactions;
    const append = this.#missed(reader, writer, isUpdate);
    const key = keys[append] as number;
    return {
      key: keyAt(key),
      next: valueAt(values[append] as number),
      ...this.toSeenBy(writer),
    };
  }

  /** What the one appended that the other did not read: the first in the order of versions. */
  #missed(reader: number, writer: number, isUpdate: boolean): number {
    const { keys, values, lists } = this.#transactions;
    const { versions } = this.#dependencies;
    const appends = new Map<number, number[]>();
    for (const at of this.#micro(writer, (kind) => kind === APPEND)) {
      const known = appends.get(keys[at] as number);
      if (known === undefined) appends.set(keys[at] as number, [at]);
      else known.push(at);
    }
    let best: { readonly append: number; readonly place: number } | undefined;
    for (const read of this.#micro(reader, (kind) => kind === READ)) {
      if (isUpdate && !this.#isUpdated(read)) continue;
      const start = lists.starts[values[read] as number] as number;
      const end = start >= 0 ? start + 1 + (lists.items[start] as number) : 0;
      const list = start >= 0 ? lists.items.subarray(start + 1, end) : lists.items.subarray(0, 0);
      for (const append of appends.get(keys[read] as number) ?? []) {
        if (list.includes(values[append] as number)) continue;
        const version = versions[append] as number;
        const place = version === NONE ? Infinity : version - list.length;
        if (best === undefined || place < best.place) best = { append, place };
      }
    }
    if (best === undefined) throw new Error(`${reader} did not miss what ${writer} wrote`);
    return best.append;
  }

  /** Whether the transaction of a read appends to the same key later, and not before. */
  #isUpdated(read: number): boolean {
    const { owners, keys, starts, kinds } = this.#transactions;
    const owner = owners[read] as number;
    const end = starts[owner + 1] as number;
    for (let at = starts[owner] as number; at < end; at++) {
      if (kinds[at] === APPEND && keys[at] === keys[read]) return at > read;
    }
    return false;
  }

  #overwrite(
    first: number,
    second: number,
    before: number,
  ): {
    readonly key: Value;
    readonly value: Value;
    readonly next: Value;
    readonly seenBy: number;
    readonly toSeenBy?: number;
  } {
    const { keys, values, valueAt, keyAt } = this.#transactions;
    const found = this.#closest(
      this.#micro(first, (kind) => kind === APPEND),
      [...this.#micro(second, (kind) => kind === APPEND)].filter(
        (at) => at < before && this.#isAlone(at),
      ),
      (place, next) => next > place,
    );
    const key = keys[found.first] as number;
    const seenBy = this.#seenBy(key, found.first, found.second);
    if (seenBy === undefined) throw new Error(`no read shows who overwrote ${first}`);
    return {
      key: keyAt(key),
      value: valueAt(values[found.first] as number),
      next: valueAt(values[found.second] as number),
      seenBy,
      ...this.toSeenBy(second),
    };
  }

  /** Of pairs on one key that are so ordered the one with the closest versions. */
  #closest(
    firsts: Iterable<number>,
    seconds: Iterable<number>,
    isOrdered: (first: number, second: number) => boolean,
  ): { readonly first: number; readonly second: number } {
    const { keys } = this.#transactions;
    const { versions } = this.#dependencies;
    /** Key → appends, with those that nobody read at the end of all. */
    const byKey = new Map<number, number[]>();
    for (const at of seconds) {
      const known = byKey.get(keys[at] as number);
      if (known === undefined) byKey.set(keys[at] as number, [at]);
      else known.push(at);
    }
    const placeOf = (at: number): number => {
      const version = versions[at] as number;
      return version === NONE ? Infinity : version;
    };
    let best: { first: number; second: number; gap: number } | undefined;
    for (const first of firsts) {
      const from = versions[first] as number;
      if (from === NONE) continue;
      for (const second of byKey.get(keys[first] as number) ?? []) {
        const gap = placeOf(second) - from;
        if (!isOrdered(from, from + gap) || (best !== undefined && best.gap <= gap)) continue;
        best = { first, second, gap };
      }
    }
    if (best === undefined) throw new Error("an edge between transactions has no reason");
    return best;
  }

  /** For one that is indeterminate: who read something that it wrote, or appended. */
  toSeenBy(transaction: number): { readonly toSeenBy?: number } {
    const { outcomes, kinds, keys, owners, values, lists, invocations } = this.#transactions;
    const { starts, micro } = this.#byKey;
    if (outcomes[transaction] === OK) return {};
    for (const append of this.#micro(transaction, (kind) => kind !== READ)) {
      const key = keys[append] as number;
      const isList = kinds[append] === APPEND;
      for (let place = starts[key] as number; place < (starts[key + 1] as number); place++) {
        const at = micro[place] as number;
        if (kinds[at] !== READ || values[at] === NONE) continue;
        const start = lists.starts[values[at] as number] as number;
        if (!isList && values[at] === values[append]) {
          return { toSeenBy: invocations[owners[at] as number] as number };
        }
        if (!isList || !(start >= 0)) continue;
        const list = lists.items.subarray(start + 1, start + 1 + (lists.items[start] as number));
        if (!list.includes(values[append] as number)) continue;
        return { toSeenBy: invocations[owners[at] as number] as number };
      }
    }
    return {};
  }

  /** A transaction that read a list with an element, and another behind it or not at all. */
  #seenBy(key: number, first: number, second: number): number | undefined {
    const { kinds, owners, invocations, values, lists } = this.#transactions;
    const { starts, micro } = this.#byKey;
    const isUnread = this.#dependencies.versions[second] === NONE;
    for (let place = starts[key] as number; place < (starts[key + 1] as number); place++) {
      const at = micro[place] as number;
      if (kinds[at] !== READ || values[at] === NONE) continue;
      const start = lists.starts[values[at] as number] as number;
      const length = start >= 0 ? (lists.items[start] as number) : 0;
      const list = lists.items.subarray(start + 1, start + 1 + length);
      // Where reads contradict one another, or show something twice, not each shows this order.
      const from = list.indexOf(values[first] as number);
      const to = from < 0 ? NONE : list.indexOf(values[second] as number);
      if (from < 0 || (to < 0 ? !isUnread : to < from)) continue;
      return invocations[owners[at] as number];
    }
    return undefined;
  }
}
