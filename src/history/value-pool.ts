/**
 * Every distinct value of a history, each once, named by its position.
 *
 * Lists are kept as the positions of their items (hash consing: Ershov 1958, Goto 1974), so that a
 * list that a thousand operations return, or a micro-operation that they share, takes its room
 * once, and equal lists are found equal by comparing numbers. JSON is made of them only when
 * somebody asks. Objects are rare, and are told apart by their canonical text.
 */
import { canonical, type Value } from "./value.js";

/** The lists of a pool, by position. */
export interface Lists {
  /**
   * Position → where the list stands in `items`: its length, then the positions of its items; or
   * -1 for what is no list.
   */
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

const NO_LIST = -1;

/** Integers from 0 up to this are found by an array. */
const SMALL_INTEGERS = 1 << 22;

/** Stands in the place of a list in `#values`. */
const LIST = Symbol("list");

/** Grows as values come in. */
export class ValuePool {
  /** Scalars and objects by position; lists have their mark here. */
  readonly #values: (Value | typeof LIST)[] = [];
  readonly #scalars = new Map<Value, number>();
  readonly #objects = new Map<string, number>();
  /** Integer → its position + 1. */
  #integers = new Int32Array(64);
  #starts = new Int32Array(64).fill(NO_LIST);
  #items = new Int32Array(128);
  #itemsEnd = 0;
  /** Open addressing: position of a list + 1. */
  #table = new Int32Array(128);
  #listCount = 0;
  /** Items of the lists that are being read. */
  #open = new Int32Array(32);
  #openEnd = 0;

  get length(): number {
    return this.#values.length;
  }

  /**
   * The position of a value. What JSON has no word for (undefined and NaN, from a client in plain
   * JavaScript) is null, as it is in a file.
   */
  intern(value: Value): number {
    if (Array.isArray(value)) {
      const mark = this.open();
      for (let i = 0; i < value.length; i++) this.push(this.intern(value[i] as Value));
      return this.close(mark);
    }
    if (typeof value === "number") return this.number(value);
    if (typeof value === "object" && value !== null) return this.#object(value);
    return this.#scalar(value ?? null);
  }

  number(value: number): number {
    if (value >= 0 && value < SMALL_INTEGERS && Number.isInteger(value)) {
      if (value >= this.#integers.length) this.#growIntegers(value);
      const known = this.#integers[value] as number;
      if (known !== 0) return known - 1;
      // Minus zero is zero.
      const position = this.#add(value === 0 ? 0 : value);
      this.#integers[value] = position + 1;
      return position;
    }
    return this.#scalar(Number.isFinite(value) ? value : null);
  }

  /** Begins a list; its items are pushed, and `close` gets what this answered. */
  open(): number {
    return this.#openEnd;
  }

  push(position: number): void {
    if (this.#openEnd === this.#open.length) this.#open = larger(this.#open);
    this.#open[this.#openEnd++] = position;
  }

  /** The position of the list of what was pushed since `mark`. */
  close(mark: number): number {
    const open = this.#open;
    const end = this.#openEnd;
    this.#openEnd = mark;
    const length = end - mark;
    const place = this.#placeOf(mark, length);
    const known = this.#table[place] as number;
    if (known !== 0) return known - 1;
    const position = this.#add(LIST);
    this.#table[place] = position + 1;
    while (this.#itemsEnd + length + 1 > this.#items.length) this.#items = larger(this.#items);
    const start = this.#itemsEnd;
    this.#starts[position] = start;
    this.#items[start] = length;
    for (let i = 0; i < length; i++) this.#items[start + 1 + i] = open[mark + i] as number;
    this.#itemsEnd = start + 1 + length;
    if (++this.#listCount * 2 > this.#table.length) this.#rehash();
    return position;
  }

  /** Forgets lists that were begun and never closed, because their text was cut off. */
  reset(): void {
    this.#openEnd = 0;
  }

  /** The positions of the items of a list; undefined for what is none. */
  itemsOf(position: number): Int32Array | undefined {
    const start = this.#starts[position] as number;
    if (start === NO_LIST) return undefined;
    return this.#items.subarray(start + 1, start + 1 + (this.#items[start] as number));
  }

  /** The value at a position. */
  at(position: number): Value {
    const value = this.#values[position];
    if (value !== LIST) return value as Value;
    const start = this.#starts[position] as number;
    const length = this.#items[start] as number;
    const list: Value[] = [];
    for (let i = 1; i <= length; i++) list.push(this.at(this.#items[start + i] as number));
    return list;
  }

  /** All values, by position. */
  all(): readonly Value[] {
    const all: Value[] = [];
    const items = this.#items;
    for (const [position, value] of this.#values.entries()) {
      if (value !== LIST) {
        all.push(value);
        continue;
      }
      const start = this.#starts[position] as number;
      const list: Value[] = [];
      // The items of a list have lower positions than the list.
      for (let i = 1; i <= (items[start] as number); i++) {
        list.push(all[items[start + i] as number] as Value);
      }
      all.push(list);
    }
    return all;
  }

  /** The lists as they are now. */
  lists(): Lists {
    return {
      starts: this.#starts.slice(0, this.length),
      items: this.#items.slice(0, this.#itemsEnd),
    };
  }

  #add(value: Value | typeof LIST): number {
    const position = this.#values.push(value) - 1;
    if (position === this.#starts.length) {
      const starts = new Int32Array(2 * position).fill(NO_LIST);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    return position;
  }

  #scalar(value: Value): number {
    const known = this.#scalars.get(value);
    if (known !== undefined) return known;
    const position = this.#add(value);
    this.#scalars.set(value, position);
    return position;
  }

  #object(value: Value): number {
    const text = canonical(value);
    const known = this.#objects.get(text);
    if (known !== undefined) return known;
    const position = this.#add(value);
    this.#objects.set(text, position);
    return position;
  }

  #growIntegers(value: number): void {
    let length = this.#integers.length;
    while (length <= value) length *= 2;
    const integers = new Int32Array(length);
    integers.set(this.#integers);
    this.#integers = integers;
  }

  /** Where a list with the items `open[mark, mark + length)` is in the table, or belongs. */
  #placeOf(mark: number, length: number): number {
    const open = this.#open;
    const items = this.#items;
    const mask = this.#table.length - 1;
    let place = hashOf(open, mark, length) & mask;
    for (;;) {
      const known = this.#table[place] as number;
      if (known === 0) return place;
      const start = this.#starts[known - 1] as number;
      if (items[start] === length) {
        let i = 0;
        while (i < length && items[start + 1 + i] === open[mark + i]) i++;
        if (i === length) return place;
      }
      place = (place + 1) & mask;
    }
  }

  #rehash(): void {
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (const known of this.#table) {
      if (known === 0) continue;
      const start = this.#starts[known - 1] as number;
      let place = hashOf(this.#items, start + 1, this.#items[start] as number) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = known;
    }
    this.#table = table;
  }
}

function hashOf(items: Int32Array, from: number, length: number): number {
  let hash = length;
  for (let i = from; i < from + length; i++) {
    hash = Math.imul(hash ^ (items[i] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash ^ (hash >>> 13);
}

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * array.length);
  grown.set(array);
  return grown;
}
