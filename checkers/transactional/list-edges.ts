/**
 * From the order of a list's elements to edges between transactions, in time linear in the
 * micro-operations: each append overwrites the one before it; a read comes after who appended its
 * last element, and before who appended the next. An element that a transaction committed and that
 * is not in the order (mostly, because nobody read it) comes after all that are, for lists only
 * grow: so it overwrites the last of them, and whoever read them all read what it overwrites.
 *
 * ```
 * G1b          0  append x 1   append x 2        lost-update   0  r x → []   append x 1
 *              1  r x → [1]                                    1  r x → []   append x 2
 * dirty-update 0  append x 1 (aborted)           G1a           0  append x 1 (aborted)
 *              1  append x 2   r x → [1 2]                     1  r x → [1]
 * ```
 */
import { FAIL, NONE, OK } from "../../src/history/history.js";
import { RW, UPDATE, WR, WW, type Dependencies } from "./dependencies.js";
import { AllBut } from "./all-but.js";
import { APPEND, READ, type Transactions } from "./layout.js";
import { ListOrder } from "./list-order.js";

/** So many that nobody read are overwritten by each other's readers one by one. */
const UNREAD_FEW = 4;

/** Stands for a read, where the transaction has appended itself. */
const OWN = -2;

/** Adds what lists say, one key after the other. */
export class ListEdges {
  readonly #dependencies: Dependencies;
  readonly #transactions: Transactions;
  readonly #order: ListOrder;
  readonly #areSnapshots: boolean;
  /** Transactions that committed an element that nobody read. */
  #unread: number[] = [];
  /** Leads to all of them but one, by number of that one; made when there are many. */
  #allBut: AllBut | undefined;
  /** Who read all elements and appended one that nobody read. */
  #updaters: { readonly read: number; readonly append: number }[] = [];

  /**
   * `areSnapshots`: who read its own append after another's has that one in its snapshot, which
   * matters where nothing else says that who overwrites another begins after it.
   */
  constructor(dependencies: Dependencies, areSnapshots: boolean = false) {
    this.#dependencies = dependencies;
    this.#areSnapshots = areSnapshots;
    this.#transactions = dependencies.transactions;
    this.#order = new ListOrder(dependencies);
  }

  addKey(micro: Int32Array): void {
    const order = this.#order;
    order.find(micro);
    this.#unread = [];
    this.#allBut = undefined;
    this.#updaters = [];
    this.#findUnread(micro);
    this.#addOverwrites();
    this.#addReads(micro);
    this.#addLostUpdate();
  }

  #findUnread(micro: Int32Array): void {
    const { kinds, owners } = this.#transactions;
    const { versions, happened } = this.#dependencies;
    for (const at of micro) {
      const owner = owners[at] as number;
      if (kinds[at] !== APPEND || happened[owner] === 0 || versions[at] !== NONE) continue;
      if (this.#order.isAmbiguous(at) || this.#unread.at(-1) === owner) continue;
      this.#unread.push(owner);
    }
    if (this.#unread.length > 1) this.#dependencies.unordered.push(this.#unread);
    if (this.#unread.length > UNREAD_FEW) {
      this.#allBut = new AllBut(this.#dependencies, this.#unread);
    }
  }

  #addOverwrites(): void {
    const { length, appenders } = this.#order;
    const { owners, outcomes } = this.#transactions;
    let last = NONE;
    let lastOk = NONE;
    for (let place = 0; place < length; place++) {
      const appender = appenders[place] as number;
      if (appender < 0) continue;
      const owner = owners[appender] as number;
      if (outcomes[owner] === FAIL) continue;
      if (last !== NONE) this.#dependencies.add(last, owner, WW);
      // Where reads of uncommitted data are allowed, only those that completed surely happened.
      if (lastOk !== NONE && lastOk !== last && outcomes[owner] === OK) {
        this.#dependencies.add(lastOk, owner, WW);
      }
      last = owner;
      if (outcomes[owner] === OK) lastOk = owner;
    }
    if (last !== NONE) this.#addUnread(last, WW);
    if (lastOk !== NONE && lastOk !== last) this.#addUnread(lastOk, WW);
  }

  /** Edges to all who committed an element that nobody read, but not to itself. */
  #addUnread(from: number, kind: number): void {
    if (this.#allBut === undefined) {
      for (const to of this.#unread) this.#dependencies.add(from, to, kind);
    } else {
      this.#allBut.add(from, kind);
    }
  }

  #addReads(micro: Int32Array): void {
    const { kinds, owners, outcomes } = this.#transactions;
    const { versions } = this.#dependencies;
    let owner = NONE;
    /**
     * Of the reads of this transaction, as long as it has appended nothing, the one of the earliest
     * version: who overwrites that precedes all who overwrite the others.
     */
    let earliest = NONE;
    for (let place = 0; place < micro.length; place++) {
      const at = micro[place] as number;
      if (owners[at] !== owner) earliest = NONE;
      owner = owners[at] as number;
      if (outcomes[owner] !== OK) continue;
      if (kinds[at] === READ) {
        this.#addRead(at, owner);
        if (earliest !== OWN && isEarlier(at, earliest, versions)) earliest = at;
      } else {
        if (earliest !== NONE) this.#noteUpdate(earliest, at);
        // What it reads from now on is its own.
        earliest = OWN;
      }
    }
  }

  #addRead(at: number, owner: number): void {
    const order = this.#order;
    const { owners, outcomes, values, keys } = this.#transactions;
    const list = values[at] as number;
    const appender = order.lastAppender(list);
    if (appender >= 0) {
      const writer = owners[appender] as number;
      if (outcomes[writer] !== FAIL) this.#dependencies.add(writer, owner, WR);
      if (writer === owner && appender < at && this.#areSnapshots) this.#addSnapshot(at, owner);
      if (writer === owner && appender > at) {
        const key = keys[at] as number;
        const micro = [at, appender];
        this.#dependencies.findings.add({ kind: "future-read", key, transactions: [owner], micro });
      }
      if (writer !== owner && order.isIntermediate(appender)) {
        const key = keys[at] as number;
        const transactions = [owner, writer];
        const micro = [at, appender];
        this.#dependencies.findings.add({ kind: "G1b", key, transactions, micro });
      }
    }
    const missing = order.firstMissing(list);
    if (order.isPrefix(list)) this.#dependencies.versions[at] = missing;
    const next = order.nexts[missing] as number;
    if (next !== NONE) this.#dependencies.add(owner, next, RW);
    else if (order.isPrefix(list)) this.#addUnread(owner, RW);
  }

  #addSnapshot(at: number, owner: number): void {
    const { owners, outcomes } = this.#transactions;
    const appender = this.#order.lastAppenderBefore(at);
    if (appender < 0) return;
    const writer = owners[appender] as number;
    if (outcomes[writer] !== FAIL) this.#dependencies.add(writer, owner, WR);
  }

  /** A transaction that read a version and appended later: was there another in between? */
  #noteUpdate(read: number, append: number): void {
    if (read < 0) return;
    const { owners, keys } = this.#transactions;
    const { versions, findings } = this.#dependencies;
    const owner = owners[read] as number;
    const saw = versions[read] as number;
    const next = this.#order.nexts[saw] as number;
    if (next === NONE && versions[append] === NONE) {
      this.#addUnread(owner, UPDATE);
      if (!this.#order.isAmbiguous(append)) this.#updaters.push({ read, append });
      return;
    }
    if (next === NONE || next === owner) return;
    this.#dependencies.add(owner, next, UPDATE);
    // Where its own append stands is not known, or it is in what it read: a read of the future.
    const own = versions[append] as number;
    if (own === NONE ? this.#order.isAmbiguous(append) : own < saw) return;
    const other = this.#order.nextAppender(saw);
    findings.add({
      kind: "lost-update",
      key: keys[read] as number,
      transactions: [owner, next],
      micro: [read, append, other],
    });
  }

  /** Two that read all elements and then each appended one that nobody read. */
  #addLostUpdate(): void {
    const { owners, keys } = this.#transactions;
    const [one, other] = this.#updaters;
    if (one === undefined || other === undefined) return;
    this.#dependencies.findings.add({
      kind: "lost-update",
      key: keys[one.read] as number,
      transactions: [owners[one.read] as number, owners[other.read] as number],
      micro: [one.read, one.append, other.append],
    });
  }
}

/** Whether a read is of a known version, and that comes before what another read shows, if any. */
function isEarlier(at: number, than: number, versions: Int32Array): boolean {
  const version = versions[at] as number;
  return version !== NONE && (than === NONE || version < (versions[than] as number));
}
