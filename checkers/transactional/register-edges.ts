/**
 * From what is known of the versions of a register to edges between transactions: who wrote a
 * version overwrites what is right before it, who read that read what is overwritten.
 */
import { FAIL, NONE } from "../../src/history/history.js";
import { AllBut } from "./all-but.js";
import { RW, UPDATE, WR, WW, type Dependencies } from "./dependencies.js";
import type { VersionRule } from "./findings.js";
import { READ, type Transactions } from "./layout.js";
import { RegisterOrder, type Touch } from "./register-order.js";

/** So many versions after one are overwritten by its readers one by one. */
const NEXT_FEW = 4;

/** Adds what registers say, one key after the other. */
export class RegisterEdges {
  readonly #dependencies: Dependencies;
  readonly #transactions: Transactions;
  readonly #order: RegisterOrder;

  constructor(dependencies: Dependencies, rules: ReadonlySet<VersionRule>) {
    this.#dependencies = dependencies;
    this.#transactions = dependencies.transactions;
    this.#order = new RegisterOrder(dependencies, rules);
  }

  addKey(micro: Int32Array): void {
    const order = this.#order;
    order.find(micro);
    for (const at of micro) this.#checkRead(at);
    this.#checkUpdates(micro);
    const { starts, targets } = order.graph;
    const readers = this.#readersByVersion();
    for (let version = 0; version < order.writers.length; version++) {
      const next: number[] = [];
      const end = starts[version + 1] as number;
      for (let place = starts[version] as number; place < end; place++) {
        const owner = order.ownerOf(targets[place] as number);
        if (owner !== NONE && this.#dependencies.happened[owner] === 1) next.push(owner);
      }
      if (next.length > 0) this.#addVersion(version, next, readers.get(version) ?? []);
    }
  }

  #readersByVersion(): ReadonlyMap<number, readonly Touch[]> {
    const readers = new Map<number, Touch[]>();
    for (const touch of this.#order.touches) {
      if (touch.read === NONE) continue;
      const known = readers.get(touch.read);
      if (known === undefined) readers.set(touch.read, [touch]);
      else known.push(touch);
    }
    return readers;
  }

  #addVersion(version: number, next: readonly number[], readers: readonly Touch[]): void {
    const dependencies = this.#dependencies;
    const owner = this.#order.ownerOf(version);
    const members = [...new Set(next)];
    const allBut = members.length > NEXT_FEW ? new AllBut(dependencies, members) : undefined;
    const add = (from: number, kind: number): void => {
      if (allBut !== undefined) allBut.add(from, kind);
      else for (const to of members) dependencies.add(from, to, kind);
    };
    if (owner !== NONE && dependencies.happened[owner] === 1) add(owner, WW);
    for (const { transaction, wrote } of readers) {
      add(transaction, RW);
      if (wrote !== NONE) add(transaction, UPDATE);
    }
  }

  #checkRead(at: number): void {
    const { kinds, owners, outcomes, values, keys } = this.#transactions;
    const { findings } = this.#dependencies;
    const value = values[at] as number;
    if (kinds[at] !== READ || value === NONE) return;
    const writer = this.#order.writers[this.#order.versionOf(value)] as number;
    if (writer < 0) return;
    const by = owners[at] as number;
    const owner = owners[writer] as number;
    const about = { key: keys[at] as number, micro: [at, writer], value };
    if (outcomes[owner] === FAIL) {
      findings.add({ ...about, kind: "G1a", transactions: [by, owner] });
      return;
    }
    this.#dependencies.add(owner, by, WR);
    if (owner === by) {
      if (writer > at) findings.add({ ...about, kind: "future-read", transactions: [by] });
    } else if (this.#order.intermediate.has(writer)) {
      findings.add({ ...about, kind: "G1b", transactions: [by, owner] });
    }
  }

  /** Two that read the same version and each wrote another: one of them is lost. */
  #checkUpdates(micro: Int32Array): void {
    const { keys } = this.#transactions;
    const first = new Map<number, Touch>();
    for (const touch of this.#order.touches) {
      const { read, wrote, transaction } = touch;
      if (read === NONE || wrote === NONE || this.#order.isAmbiguous(read)) continue;
      const other = first.get(read);
      if (other === undefined) {
        first.set(read, touch);
        continue;
      }
      this.#dependencies.findings.add({
        kind: "lost-update",
        key: keys[micro[0] as number] as number,
        transactions: [other.transaction, transaction],
        micro: [
          ...this.#accesses(other.transaction, micro),
          ...this.#accesses(transaction, micro).slice(1),
        ],
      });
    }
  }

  /** What a transaction did to the key first and last. */
  #accesses(transaction: number, micro: Int32Array): readonly number[] {
    const { owners } = this.#transactions;
    const own = micro.filter((at) => owners[at] === transaction);
    return [own[0] as number, own.at(-1) as number];
  }
}
