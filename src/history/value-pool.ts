/**
 * Every distinct value of a history, each once, named by its position.
 *
 * Lists are kept as the positions of their items (hash consing: Ershov 1958, Goto 1974), so that a
 * list that a thousand operations return, or a micro-operation that they share, takes its room
 * once, and equal lists are found equal by comparing numbers. Objects are kept as lists of their
 * names and values by turns. JSON is made of them only when somebody asks.
 */
import { canonical, isPlainObject, type Value } from "./value.js";

/** The lists and objects of a pool, by position. */
export interface Lists {
  /**
   * Position → where a list stands in `items`: its length, then the positions of its items. An
   * object stands at `objectStart` of what is here, for which it is below -1; what is neither has
   * -1.
   */
  readonly starts: Int32Array;
  readonly items: Int32Array;
  /**
   * Position → `smallInteger` of what is here, where that is below -1: an integer from 0 below
   * 2^22, which is read without its value. Absent in parts of a history.
   */
  readonly integers?: Int32Array | undefined;
}

/** Stands where a value is neither a list nor an object. */
export const NO_LIST = -1;

/**
 * Where an object stands among the items, from its entry in `starts`: twice the number of its
 * fields, then the position of each name and its value. The same the other way round.
 */
export function objectStart(start: number): number {
  return -2 - start;
}

/**
 * Integers from 0 up to this are found by an array, unless it had to be much longer than there are
 * values: few that are far apart are found like other scalars.
 */
const SMALL_INTEGERS = 1 << 22;
const SPARSE = 16;
const FEW = 256;

/** The integer of an entry in `integers` that is below -1. */
export function smallInteger(entry: number): number {
  return -2 - entry;
}

function smallEntry(integer: number): number {
  return -2 - integer;
}

/** Has no place in `#values`: a list, or an object that nobody has asked for. */
const NO_PLACE = -1;

const OWN_FIELD = { enumerable: true, configurable: true, writable: true } as const;

/** Grows as values come in. */
export class ValuePool {
  /**
   * Scalars but small integers, and objects that were asked for. Few: the engine goes over them
   * whenever it looks for what it may free.
   */
  readonly #values: Value[] = [];
  /** Position → place in `#values`, or `NO_PLACE`; of a small integer what stands for it. */
  #places = new Int32Array(64);
  readonly #scalars = new Map<Value, number>();
  /** Integer → its position + 1. */
  #integers = new Int32Array(64);
  /** Whether some small integers are among the scalars, for want of others. */
  #areSomeSparse = false;
  #starts = new Int32Array(64).fill(NO_LIST);
  #items = new Int32Array(128);
  #itemsEnd = 0;
  /** Open addressing: position of a list or object + 1. */
  #table = new Int32Array(128);
  #listCount = 0;
  /** Items of the lists that are being read. */
  #open = new Int32Array(32);
  #openEnd = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** One that grows by itself, in which all values have the positions that they have here. */
  copy(): ValuePool {
    const other = new ValuePool();
    for (const value of this.#values) other.#values.push(value);
    for (const [value, position] of this.#scalars) other.#scalars.set(value, position);
    other.#places = this.#places.slice();
    other.#integers = this.#integers.slice();
    other.#areSomeSparse = this.#areSomeSparse;
    other.#starts = this.#starts.slice();
    other.#items = this.#items.slice();
    other.#itemsEnd = this.#itemsEnd;
    other.#table = this.#table.slice();
    other.#listCount = this.#listCount;
    other.#length = this.#length;
    return other;
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
    if (typeof value === "object" && value !== null) {
      return this.#object(value as { readonly [name: string]: Value });
    }
    return this.#scalar(value ?? null);
  }

  number(value: number): number {
    if (value >= 0 && value < SMALL_INTEGERS && Number.isInteger(value)) {
      if (value >= this.#integers.length) {
        if (value >= SPARSE * (this.length + FEW)) {
          this.#areSomeSparse = true;
          return this.#scalar(value);
        }
        this.#growIntegers(value);
      }
      const known = this.#integers[value] as number;
      if (known !== 0) return known - 1;
      // Minus zero is zero.
      const whole = value === 0 ? 0 : value;
      const sparse = this.#areSomeSparse ? this.#scalars.get(whole) : undefined;
      const position = sparse ?? this.#add(smallEntry(whole));
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
    const length = this.#openEnd - mark;
    const place = this.#placeOf(mark, length);
    const known = this.#table[place] as number;
    if (known === 0) return this.#keep(mark, place, false);
    this.#openEnd = mark;
    return known - 1;
  }

  /** The same for an object whose names and values were pushed by turns, each name once. */
  closeObject(mark: number): number {
    const place = this.#placeOfObject(mark, this.#openEnd - mark);
    const known = this.#table[place] as number;
    if (known === 0) return this.#keep(mark, place, true);
    this.#openEnd = mark;
    return known - 1;
  }

  /** Adds what was pushed since `mark`, which belongs at this place of the table. */
  #keep(mark: number, place: number, isObject: boolean): number {
    const open = this.#open;
    const length = this.#openEnd - mark;
    this.#openEnd = mark;
    const position = this.#add(NO_PLACE);
    this.#table[place] = position + 1;
    while (this.#itemsEnd + length + 1 > this.#items.length) this.#items = larger(this.#items);
    const start = this.#itemsEnd;
    this.#starts[position] = isObject ? objectStart(start) : start;
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
    if (start < 0) return undefined;
    return this.#items.subarray(start + 1, start + 1 + (this.#items[start] as number));
  }

  /** The value at a position. */
  at(position: number): Value {
    const place = this.#places[position] as number;
    if (place > NO_PLACE) return this.#values[place] as Value;
    if (place < NO_PLACE) return smallInteger(place);
    const start = this.#starts[position] as number;
    if (start < 0) return this.#makeObject(position);
    const length = this.#items[start] as number;
    const list: Value[] = [];
    for (let i = 1; i <= length; i++) list.push(this.at(this.#items[start + i] as number));
    return list;
  }

  /** All values, by position. */
  all(): readonly Value[] {
    const all: Value[] = [];
    const items = this.#items;
    for (let position = 0; position < this.#length; position++) {
      const start = this.#starts[position] as number;
      if (start < 0) {
        all.push(this.at(position));
        continue;
      }
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
      // What stands for integers never changes.
      integers: this.#places.subarray(0, this.length),
    };
  }

  /** Makes an object; once, for who reads it may ask for it often. */
  #makeObject(position: number): Value {
    const items = this.#items;
    const start = objectStart(this.#starts[position] as number);
    const end = start + (items[start] as number);
    const object: Record<string, Value> = {};
    for (let at = start + 1; at < end; at += 2) {
      const name = this.at(items[at] as number) as string;
      const value = this.at(items[at + 1] as number);
      if (name === "__proto__") {
        Object.defineProperty(object, name, { value, ...OWN_FIELD });
      } else object[name] = value;
    }
    this.#places[position] = this.#values.push(object) - 1;
    return object;
  }

  /** Adds a value that has this place in `#values`. */
  #add(place: number): number {
    const position = this.#length++;
    if (position === this.#starts.length) {
      const starts = new Int32Array(2 * position).fill(NO_LIST);
      starts.set(this.#starts);
      this.#starts = starts;
      this.#places = larger(this.#places);
    }
    this.#places[position] = place;
    return position;
  }

  #scalar(value: Value): number {
    const known = this.#scalars.get(value);
    if (known !== undefined) return known;
    const position = this.#add(this.#values.push(value) - 1);
    this.#scalars.set(value, position);
    return position;
  }

  #object(value: { readonly [name: string]: Value }): number {
    // What has a JSON form of its own is that.
    if (!isPlainObject(value)) return this.intern(JSON.parse(canonical(value)) as Value);
    const mark = this.open();
    for (const name of Object.keys(value)) {
      this.push(this.#scalar(name));
      this.push(this.intern(value[name] as Value));
    }
    return this.closeObject(mark);
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
      if (start >= 0 && items[start] === length) {
        let i = 0;
        while (i < length && items[start + 1 + i] === open[mark + i]) i++;
        if (i === length) return place;
      }
      place = (place + 1) & mask;
    }
  }

  /** The same for an object: the order of its fields makes no difference. */
  #placeOfObject(mark: number, length: number): number {
    const mask = this.#table.length - 1;
    let place = fieldsHash(this.#open, mark, length) & mask;
    for (;;) {
      const known = this.#table[place] as number;
      if (known === 0) return place;
      const start = objectStart(this.#starts[known - 1] as number);
      if (start >= 0 && this.#items[start] === length && this.#hasFields(start, mark, length)) {
        return place;
      }
      place = (place + 1) & mask;
    }
  }

  /** Whether the object at `start` has the fields `open[mark, mark + length)`, of as many. */
  #hasFields(start: number, mark: number, length: number): boolean {
    const [open, items] = [this.#open, this.#items];
    for (let i = 0; i < length; i += 2) {
      const name = open[mark + i] as number;
      let at = start + 1 + i;
      if (items[at] !== name) {
        at = start + 1;
        while (at <= start + length && items[at] !== name) at += 2;
      }
      if (at > start + length || items[at + 1] !== open[mark + i + 1]) return false;
    }
    return true;
  }

  #rehash(): void {
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    const items = this.#items;
    for (const known of this.#table) {
      if (known === 0) continue;
      const start = this.#starts[known - 1] as number;
      const from = start >= 0 ? start : objectStart(start);
      const hashed = start >= 0 ? hashOf : fieldsHash;
      let place = hashed(items, from + 1, items[from] as number) & mask;
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

/** The same for names and values by turns, whatever the order of the fields. */
function fieldsHash(items: Int32Array, from: number, length: number): number {
  let sum = ~length;
  for (let i = from; i < from + length; i += 2) {
    let hash = Math.imul((items[i] as number) ^ 0x2545f491, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (items[i + 1] as number), 0x85ebca6b);
    sum = (sum + (hash ^ (hash >>> 13))) | 0;
  }
  return sum ^ (sum >>> 16);
}

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * array.length);
  grown.set(array);
  return grown;
}
