/**
 * The numbers of logs and of messages: found by what they are, or, which is much faster, by where
 * they stand in the pool of the history, whose equal values have equal positions.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { smallInteger } from "../../src/history/value-pool.js";
import { identityOf } from "./identity.js";
import type { Limits } from "./limits.js";
import { NumberTable } from "./number-table.js";
import { Messages } from "./stream-messages.js";
import { logName, wantedBy, type Wanted } from "./stream-shapes.js";

/** Messages of one log, by value: numbers, and all others. */
interface Table {
  readonly numbers: NumberTable;
  readonly others: Map<Value, number>;
}

/** A key: its log, and what a poll of it asks for. */
export interface Key {
  readonly log: number;
  readonly name: string;
  readonly wanted: Wanted;
}

/** Numbers of logs and messages, by what they are and by where it stands in the pool. */
export class StreamNumbers {
  readonly logs: string[] = [];
  readonly messages: Messages;
  readonly #history: History;
  readonly #logs = new Map<string, number>();
  /** By log: messages that are numbers, and the others; made when they are first asked for. */
  #tables: Table[] | undefined;
  /** By position in the pool. */
  readonly #keys = new Map<number, Key>();
  /** Small integer → 1 more than the last message that was it, or 0. */
  #byInteger = new Int32Array(64);
  /** The same by the position in the pool, for all others. */
  #byPosition: Int32Array | undefined;
  readonly #integers: Int32Array | undefined;
  readonly #valueCount: number;
  readonly #limits: Limits;

  constructor(history: History, valueCount: number, limits: Limits) {
    this.messages = new Messages(history);
    this.#history = history;
    this.#integers = history.lists?.integers;
    this.#valueCount = valueCount;
    this.#limits = limits;
  }

  log(name: string): number {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    this.#logs.set(name, this.logs.length);
    return this.logs.push(name) - 1;
  }

  keyAt(position: number): Key {
    const known = this.#keys.get(position);
    if (known !== undefined) return known;
    const value = this.#history.valueAt(position);
    const name = logName(value);
    const wanted = wantedBy({ key: value, input: null });
    const key: Key = { log: this.log(name), name, wanted };
    this.#keys.set(position, key);
    return key;
  }

  /** A message that is known, where that is soon seen; else `NONE`. */
  near(log: number, position: number): number {
    const entry = this.#integers === undefined ? NONE : (this.#integers[position] as number);
    if (entry >= NONE) return NONE;
    const integer = smallInteger(entry);
    if (integer >= this.#byInteger.length) return NONE;
    const near = (this.#byInteger[integer] as number) - 1;
    return near !== NONE && this.messages.logOf(near) === log ? near : NONE;
  }

  messageAt(log: number, position: number): number {
    const entry = this.#integers === undefined ? NONE : (this.#integers[position] as number);
    const isSmall = entry < NONE;
    const place = isSmall ? smallInteger(entry) : position;
    const known = isSmall ? this.#smallUpTo(place) : this.#allPositions();
    const near = (known[place] as number) - 1;
    if (near !== NONE && this.messages.logOf(near) === log) return near;
    // As long as nobody asks for a value by what it is, one that is new here is new.
    const isNew = near === NONE && this.#tables === undefined;
    const number = isNew
      ? this.messages.addAt(log, position)
      : this.message(log, this.#history.valueAt(position));
    known[place] = number + 1;
    return number;
  }

  #smallUpTo(integer: number): Int32Array {
    if (integer >= this.#byInteger.length) {
      const larger = new Int32Array(4 * integer);
      larger.set(this.#byInteger);
      this.#byInteger = larger;
    }
    return this.#byInteger;
  }

  #allPositions(): Int32Array {
    if (this.#byPosition === undefined) {
      this.#limits.hold(this.#valueCount * 4);
      this.#byPosition = new Int32Array(this.#valueCount);
    }
    return this.#byPosition;
  }

  message(log: number, value: Value): number {
    const tables = (this.#tables ??= this.#allTables());
    const table = tables[log];
    const known =
      typeof value === "number"
        ? (table?.numbers.find(value) ?? NONE)
        : (table?.others.get(identityOf(value)) ?? NONE);
    if (known !== NONE) return known;
    const number = this.messages.add(log, value);
    this.#enter(tables, number);
    return number;
  }

  #allTables(): Table[] {
    const tables: Table[] = [];
    for (let number = 0; number < this.messages.count; number++) this.#enter(tables, number);
    return tables;
  }

  #enter(tables: Table[], number: number): void {
    const log = this.messages.logOf(number);
    const value = this.messages.valueOf(number);
    while (tables.length <= log) tables.push({ numbers: new NumberTable(), others: new Map() });
    const { numbers, others } = tables[log] as Table;
    if (typeof value === "number") numbers.set(value, number);
    else others.set(identityOf(value), number);
  }
}
