/**
 * From what is known of the versions of a register to edges between transactions: who wrote a
 * version overwrites what is right before it, who read that read what is overwritten.
 */
import { IntList } from "../../src/graph/growing.js";
import { FAIL, NONE, OK } from "../../src/history/history.js";
import { AllBut } from "./all-but.js";
import { RW, UPDATE, WR, WW, type Dependencies } from "./dependencies.js";
import type { VersionRule } from "./findings.js";
import { READ, type Transactions } from "./layout.js";
import { RegisterOrder } from "./register-order.js";

/** So many versions after one are overwritten by its readers one by one. */
const NEXT_FEW = 4;

/** Adds what registers say, one key after the other. */
export class RegisterEdges {
  readonly #dependencies: Dependencies;
  readonly #transactions: Transactions;
  readonly #order: RegisterOrder;
  /** Version → the first touch that read it; touch → the next that read the same. */
  readonly #heads = new IntList();
  readonly #nexts = new IntList();
  /** Who wrote what comes right after the version that is looked at; when they are many, so. */
  #members: number[] = [];
  #allBut: AllBut | undefined;

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
    this.#checkChanges(micro);
    this.#findReaders();
    for (let version = 0; version < order.writers.length; version++) this.#addVersion(version);
  }

  /** Chains the touches that read each version, the first of them at its head. */
  #findReaders(): void {
    const { touches, writers } = this.#order;
    const heads = this.#heads;
    const nexts = this.#nexts;
    heads.length = 0;
    nexts.length = 0;
    for (let version = 0; version < writers.length; version++) heads.push(NONE);
    for (let touch = 0; touch < touches.count; touch++) nexts.push(NONE);
    for (let touch = touches.count - 1; touch >= 0; touch--) {
      const read = touches.reads.at(touch);
      if (read === NONE) continue;
      nexts.set(touch, heads.at(read));
      heads.set(read, touch);
    }
  }

  #addVersion(version: number): void {
    const members = this.#findOwnersAfter(version);
    if (members.length === 0) return;
    const dependencies = this.#dependencies;
    const owner = this.#order.ownerOf(version);
    this.#allBut = members.length > NEXT_FEW ? new AllBut(dependencies, members) : undefined;
    if (owner !== NONE && dependencies.happened[owner] === 1) this.#addToMembers(owner, WW);
    const { transactions, wrotes } = this.#order.touches;
    for (let touch = this.#heads.at(version); touch !== NONE; touch = this.#nexts.at(touch)) {
      const transaction = transactions.at(touch);
      this.#addToMembers(transaction, RW);
      if (wrotes.at(touch) !== NONE) this.#addToMembers(transaction, UPDATE);
    }
  }

  #addToMembers(from: number, kind: number): void {
    if (this.#allBut !== undefined) {
      this.#allBut.add(from, kind);
      return;
    }
    const members = this.#members;
    for (let place = 0; place < members.length; place++) {
      this.#dependencies.add(from, members[place] as number, kind);
    }
  }

  /** Who wrote what comes right after a version, each once. */
  #findOwnersAfter(version: number): readonly number[] {
    const { starts, targets } = this.#order.graph;
    const owners = this.#members;
    owners.length = 0;
    const end = starts[version + 1] as number;
    for (let place = starts[version] as number; place < end; place++) {
      const owner = this.#order.ownerOf(targets[place] as number);
      if (owner === NONE || this.#dependencies.happened[owner] !== 1) continue;
      if (owners.length > NEXT_FEW || !owners.includes(owner)) owners.push(owner);
    }
    if (owners.length > NEXT_FEW) this.#members = [...new Set(owners)];
    return this.#members;
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
    const { count, transactions, reads, wrotes } = this.#order.touches;
    const first = new Map<number, number>();
    for (let touch = 0; touch < count; touch++) {
      const read = reads.at(touch);
      if (read === NONE || wrotes.at(touch) === NONE || this.#order.isAmbiguous(read)) continue;
      const transaction = transactions.at(touch);
      const other = first.get(read);
      if (other === undefined) {
        first.set(read, transaction);
        continue;
      }
      this.#dependencies.findings.add({
        kind: "lost-update",
        key: keys[micro[0] as number] as number,
        transactions: [other, transaction],
        micro: [...this.#accesses(other, micro), ...this.#accesses(transaction, micro).slice(1)],
      });
    }
  }

  /**
   * One that read two versions and then wrote a third: whichever of the two came first, another
   * overwrote it before this one did.
   */
  #checkChanges(micro: Int32Array): void {
    const { keys, kinds, owners, outcomes, values } = this.#transactions;
    let owner = NONE;
    let [first, other] = [NONE, NONE];
    let hasWritten = false;
    for (const at of micro) {
      if (owners[at] !== owner) {
        owner = owners[at] as number;
        [first, other] = [NONE, NONE];
        hasWritten = false;
      }
      if (outcomes[owner] !== OK || hasWritten || values[at] === NONE) continue;
      if (kinds[at] === READ) {
        if (first === NONE) first = at;
        else if (values[at] !== values[first]) other = at;
        continue;
      }
      hasWritten = true;
      if (other === NONE) continue;
      this.#dependencies.findings.add({
        kind: "lost-update",
        key: keys[at] as number,
        transactions: [owner],
        micro: [first, other, at],
      });
    }
  }

  /** What a transaction did to the key first and last; the key's are ordered by transaction. */
  #accesses(transaction: number, micro: Int32Array): readonly number[] {
    const { owners } = this.#transactions;
    const after = (owner: number): number => {
      let [low, high] = [0, micro.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((owners[micro[middle] as number] as number) <= owner) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return [micro[after(transaction - 1)] as number, micro[after(transaction) - 1] as number];
  }
}
