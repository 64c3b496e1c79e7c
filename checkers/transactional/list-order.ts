/**
 * The order of versions of a list that is only appended to: whoever reads it sees the elements of
 * all versions up to then, in order. So the longest read is the order of most versions, and every
 * other is a prefix of it, or two reads contradict each other (Kingsbury & Alvaro 2020, 4.2.3).
 *
 * Equal lists have equal positions, so that each is looked at once, however often it was read.
 */
import { FAIL, NONE, OK } from "../../src/history/history.js";
import type { Dependencies } from "./dependencies.js";
import type { Findings } from "./findings.js";
import { READ, type Transactions } from "./layout.js";

/** What stands where no micro-operation is known to have appended an element. */
const UNKNOWN = -2;

/** One key at a time; the arrays are reused for the next. */
export class ListOrder {
  /** Elements in order, up to `length`, and the micro-operation that appended each. */
  length = 0;
  appenders: Int32Array = new Int32Array(64);
  /** Place → transaction of the first element from there on that a transaction committed. */
  nexts: Int32Array = new Int32Array(64);
  readonly #dependencies: Dependencies;
  readonly #findings: Findings;
  readonly #transactions: Transactions;
  /** By position of a value; valid where the stamp is that of the key. */
  readonly #appendStamps: Int32Array;
  readonly #appenders: Int32Array;
  readonly #listStamps: Int32Array;
  readonly #readers: Int32Array;
  readonly #seenStamps: Int32Array;
  #stamp = 0;
  #seenStamp = 0;
  #distinct: number[] = [];
  /** The list that the order was taken from. */
  #longest = NONE;
  /** Appends that their own transaction follows by another, and that one. */
  readonly #overtaken = new Map<number, number>();
  /** Element → how often it was appended, where that is more than once. */
  readonly #counts = new Map<number, number>();
  #lastAppend = NONE;
  /** Lists that are no beginning of the order → the first place of it that they have not. */
  readonly #missing = new Map<number, number>();

  constructor(dependencies: Dependencies, findings: Findings = dependencies.findings) {
    const { valueCount } = dependencies.transactions;
    this.#dependencies = dependencies;
    this.#findings = findings;
    this.#transactions = dependencies.transactions;
    this.#appendStamps = new Int32Array(valueCount);
    this.#appenders = new Int32Array(valueCount);
    this.#listStamps = new Int32Array(valueCount);
    this.#readers = new Int32Array(valueCount);
    this.#seenStamps = new Int32Array(valueCount);
  }

  /** Finds the order of a key from its micro-operations. */
  find(micro: Int32Array): void {
    this.#stamp++;
    this.#missing.clear();
    this.#counts.clear();
    this.#distinct = [];
    this.#overtaken.clear();
    this.#lastAppend = NONE;
    this.#longest = NONE;
    this.length = 0;
    for (const at of micro) {
      if (this.#transactions.kinds[at] === READ) this.#addRead(at);
      else this.#addAppend(at);
    }
    this.#takeLongest();
    this.#nameAppenders();
    for (const list of this.#distinct) this.#compare(list);
  }

  /** The micro-operation that appended the last element of a list, `NONE` or `UNKNOWN`. */
  lastAppender(list: number): number {
    const { starts, items } = this.#transactions.lists;
    const start = starts[list] as number;
    const length = start >= 0 ? (items[start] as number) : 0;
    return length === 0 ? NONE : this.#appenderOf(items[start + length] as number);
  }

  /** Who appended the last element that the reader had not appended itself before. */
  lastAppenderBefore(read: number): number {
    const { owners, values, lists } = this.#transactions;
    const start = lists.starts[values[read] as number] as number;
    for (let place = start >= 0 ? (lists.items[start] as number) : 0; place > 0; place--) {
      const appender = this.#appenderOf(lists.items[start + place] as number);
      if (appender < 0 || owners[appender] !== owners[read] || appender > read) return appender;
    }
    return NONE;
  }

  #addAppend(at: number): void {
    const { values, owners } = this.#transactions;
    if (this.#lastAppend !== NONE && owners[this.#lastAppend] === owners[at]) {
      this.#overtaken.set(this.#lastAppend, at);
    }
    this.#lastAppend = at;
    const element = values[at] as number;
    const isSecond = this.#appendStamps[element] === this.#stamp;
    this.#appendStamps[element] = this.#stamp;
    // Appended twice: whose it is, nobody can tell.
    if (isSecond) {
      this.#dependencies.isAppendedTwice = true;
      this.#counts.set(element, (this.#counts.get(element) ?? 1) + 1);
    }
    this.#appenders[element] = isSecond ? UNKNOWN : at;
  }

  #addRead(at: number): void {
    const list = this.#transactions.values[at] as number;
    if (list === NONE || this.#listStamps[list] === this.#stamp) return;
    this.#listStamps[list] = this.#stamp;
    this.#readers[list] = at;
    if (this.lengthOf(list) > 0) this.#distinct.push(list);
  }

  /** How many elements a list has; null is the empty list. */
  lengthOf(list: number): number {
    const { starts, items } = this.#transactions.lists;
    const start = starts[list] as number;
    return start >= 0 ? (items[start] as number) : 0;
  }

  #appenderOf(element: number): number {
    return this.#appendStamps[element] === this.#stamp
      ? (this.#appenders[element] as number)
      : UNKNOWN;
  }

  /** The longest read that has no element twice, or the longest beginning of one. */
  #takeLongest(): void {
    // Of contradicting ones that are equally long, what was read last.
    this.#distinct.reverse().sort((a, b) => this.lengthOf(b) - this.lengthOf(a));
    for (const list of this.#distinct) {
      if (this.lengthOf(list) <= this.length) break;
      const length = this.#lengthUntilTwice(list);
      if (length <= this.length) continue;
      this.length = length;
      this.#longest = list;
    }
  }

  /** How long a list is before an element comes a second time. */
  #lengthUntilTwice(list: number): number {
    const { starts, items } = this.#transactions.lists;
    const start = (starts[list] as number) + 1;
    const length = this.lengthOf(list);
    this.#seenStamp++;
    for (let place = 0; place < length; place++) {
      const element = items[start + place] as number;
      if (this.#seenStamps[element] === this.#seenStamp) return place;
      this.#seenStamps[element] = this.#seenStamp;
    }
    return length;
  }

  /** Who appended each element of the order, and what is wrong with them. */
  #nameAppenders(): void {
    const { length } = this;
    if (this.appenders.length <= length) {
      this.appenders = new Int32Array(2 * length);
      this.nexts = new Int32Array(2 * length);
    }
    const { versions } = this.#dependencies;
    if (this.#longest !== NONE) this.#classify(this.#longest, length);
    const { starts, items } = this.#transactions.lists;
    const start = this.#longest === NONE ? 0 : (starts[this.#longest] as number) + 1;
    for (let place = 0; place < length; place++) {
      const appender = this.#appenderOf(items[start + place] as number);
      this.appenders[place] = appender;
      if (appender >= 0) versions[appender] = place;
    }
    this.#checkOwnOrder();
    const { owners, outcomes } = this.#transactions;
    let next = NONE;
    this.nexts[length] = NONE;
    for (let place = length - 1; place >= 0; place--) {
      const appender = this.appenders[place] as number;
      const owner = appender >= 0 ? (owners[appender] as number) : NONE;
      if (owner !== NONE && outcomes[owner] !== FAIL) next = owner;
      this.nexts[place] = next;
    }
  }

  /** Whether what a transaction appended one after the other is so in the order. */
  #checkOwnOrder(): void {
    const { owners, keys, values, outcomes } = this.#transactions;
    const findings = this.#findings;
    const { versions } = this.#dependencies;
    for (const [at, next] of this.#overtaken) {
      const before = versions[at] as number;
      const after = versions[next] as number;
      const isFailed = outcomes[owners[at] as number] === FAIL;
      if (after === NONE || isFailed || this.isAmbiguous(at)) continue;
      // Lists only grow: what is not there before the later one comes after it.
      if (before !== NONE && before < after) continue;
      const reader = this.#readers[this.#longest] as number;
      findings.add({
        // It need not have happened, but nobody may read what did not.
        kind: outcomes[owners[at] as number] === OK ? "cyclic-versions" : "reordered-writes",
        key: keys[at] as number,
        transactions: [owners[at] as number, owners[reader] as number],
        micro: [at, next, reader],
        value: values[next] as number,
      });
    }
  }

  /** Looks at who appended the first elements of a list. */
  #classify(list: number, length: number): void {
    const { starts, items } = this.#transactions.lists;
    const { owners, outcomes, keys } = this.#transactions;
    const findings = this.#findings;
    const { happened } = this.#dependencies;
    const start = (starts[list] as number) + 1;
    const reader = this.#readers[list] as number;
    const by = owners[reader] as number;
    const key = keys[reader] as number;
    let aborted = NONE;
    for (let place = 0; place < length; place++) {
      const value = items[start + place] as number;
      const appender = this.#appenderOf(value);
      if (appender === UNKNOWN) {
        if (this.#appendStamps[value] !== this.#stamp) {
          const micro = [reader];
          findings.add({ kind: "garbage-read", key, transactions: [by], micro, value });
        }
        continue;
      }
      const owner = owners[appender] as number;
      if (outcomes[owner] !== FAIL) {
        happened[owner] = 1;
        if (aborted === NONE || outcomes[owner] !== OK) continue;
        const transactions = [owner, owners[aborted] as number, by];
        const micro = [appender, aborted, reader];
        findings.add({ kind: "dirty-update", key, transactions, micro, value });
        aborted = NONE;
        continue;
      }
      aborted = appender;
      findings.add({
        kind: "G1a",
        key,
        transactions: [by, owner],
        micro: [reader, appender],
        value,
      });
    }
  }

  /** Holds a list against the order, and notes the version of its reads by its length. */
  #compare(list: number): void {
    if (list === this.#longest && this.lengthOf(list) === this.length) return;
    const { starts, items } = this.#transactions.lists;
    const { owners, keys } = this.#transactions;
    const findings = this.#findings;
    const start = (starts[list] as number) + 1;
    const whole = (starts[this.#longest] as number) + 1;
    const reader = this.#readers[list] as number;
    const length = this.lengthOf(list);
    let same = 0;
    while (same < length && same < this.length && items[start + same] === items[whole + same]) {
      same++;
    }
    if (same === length) return;
    this.#missing.set(list, this.#firstMissing(list, same));
    const key = keys[reader] as number;
    const by = owners[reader] as number;
    const once = this.#lengthUntilTwice(list);
    const value = once < length ? this.#shownTooOften(list) : NONE;
    if (value !== NONE) {
      const micro = [reader];
      findings.add({ kind: "duplicate-elements", key, transactions: [by], micro, value });
    }
    if (list === this.#longest) return;
    this.#classify(list, length);
    if (once <= same) return;
    const other = this.#readers[this.#longest] as number;
    findings.add({
      kind: "incompatible-order",
      key,
      transactions: [by, owners[other] as number],
      micro: [reader, other],
    });
  }

  /** The first element that a list shows more often than it was appended, or `NONE`. */
  #shownTooOften(list: number): number {
    const { starts, items } = this.#transactions.lists;
    const start = (starts[list] as number) + 1;
    const counts = new Map<number, number>();
    for (let place = start; place < start + this.lengthOf(list); place++) {
      const element = items[place] as number;
      const count = (counts.get(element) ?? 0) + 1;
      counts.set(element, count);
      if (count > (this.#counts.get(element) ?? 1)) return element;
    }
    return NONE;
  }

  /** Whether an element was appended twice, so that nobody knows whose it is. */
  isAmbiguous(append: number): boolean {
    return this.#appenders[this.#transactions.values[append] as number] === UNKNOWN;
  }

  /** Whether its transaction appended to the same key again. */
  isIntermediate(append: number): boolean {
    return this.#overtaken.has(append);
  }

  /** The first micro-operation from a place on that a transaction committed. */
  nextAppender(from: number): number {
    const { owners } = this.#transactions;
    const next = this.nexts[from] as number;
    let place = from;
    while (owners[this.appenders[place] as number] !== next) place++;
    return this.appenders[place] as number;
  }

  /** The first place of the order that a list lacks; if no beginning, of what was committed. */
  firstMissing(list: number): number {
    return this.#missing.get(list) ?? this.lengthOf(list);
  }

  #firstMissing(list: number, from: number): number {
    const { starts, items } = this.#transactions.lists;
    const start = (starts[list] as number) + 1;
    const whole = (starts[this.#longest] as number) + 1;
    const length = this.lengthOf(list);
    this.#seenStamp++;
    for (let place = 0; place < length; place++) {
      this.#seenStamps[items[start + place] as number] = this.#seenStamp;
    }
    let place = from;
    while (
      place < this.length &&
      (this.#seenStamps[items[whole + place] as number] === this.#seenStamp ||
        !this.#isCommitted(this.appenders[place] as number))
    ) {
      place++;
    }
    return place;
  }

  #isCommitted(appender: number): boolean {
    const { owners, outcomes } = this.#transactions;
    return appender >= 0 && outcomes[owners[appender] as number] !== FAIL;
  }

  /** Whether a list that was read is a beginning of the order. */
  isPrefix(list: number): boolean {
    return !this.#missing.has(list);
  }
}
