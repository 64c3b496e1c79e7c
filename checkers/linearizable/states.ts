/**
 * The states that a model has been in, each under a number: equal states have the same one.
 *
 * There may be many millions of them, so that their memory is kept small and known to the byte.
 * Numbers are kept as they are; arrays and objects as their canonical texts, one behind the other
 * in blocks of bytes, from which a state is read again when the model is asked about it. Objects of
 * the engine would take many times as much, by an amount that nobody can tell, and the collector of
 * garbage would go over all of them again and again. Those that were seen last are kept as objects
 * too, so that a search that goes on from there does not read them.
 */
import { canonical, type Value } from "../../src/history/value.js";
import { LimitReached, type Meter } from "./meter.js";

/** Words of a record: hash, then where the state is. */
const RECORD_WORDS = 4;
/** The number of the block, or a kind from below; then the place in the block and the length. */
const BLOCK = 1;
const PLACE = 2;
const LENGTH = 3;
/** Instead of a block: the next two words are a number; the place is one in the list of strings. */
const NUMBER = -1;
const STRING = -2;

const ROOM_MIN = 16;
/** Bytes of a block: of the first, and of later ones at most, but for a state that is longer. */
const BLOCK_MIN = 1 << 10;
const BLOCK_MAX = 1 << 20;
/** UTF-8 has at most so many bytes for a unit of a string. */
const BYTES_PER_UNIT = 3;

/**
 * Bytes that a string costs beside its units: its header, and its entries in a map and an array,
 * each of which may just have grown, with the old one still there.
 */
const STRING_BYTES = 144;
/** A map takes no more entries than that. */
const STRINGS_MAX = 1 << 24;

/** So many states are kept as objects, if their texts are no longer than that. */
const RECENT = 1 << 9;
const RECENT_LENGTH_MAX = 1 << 10;

/** A state as an object. */
interface Kept {
  readonly number: number;
  readonly state: Value;
}

const NOTHING: Kept = { number: -1, state: null };

/** The numbers of states, from 0 on. */
export class States {
  count = 0;
  readonly #meter: Meter;
  #records = new Int32Array(0);
  /** Number + 1 of the state whose hash leads here; 0 when empty. */
  #slots = new Int32Array(0);
  readonly #blocks: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  /** Where the next text begins in the last block. */
  #end = 0;
  readonly #strings: string[] = [];
  readonly #stringStates = new Map<string, number>();
  readonly #recent: Value[] = [];
  /** Number of the state in each place of `#recent`. */
  readonly #recentStates: number[] = [];
  /** Of those with longer texts: the one that was asked for last, and the last new one. */
  #asked: Kept = NOTHING;
  #made: Kept = NOTHING;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** The number of a state, which is frozen and plain JSON. @throws LimitReached */
  intern(state: Value): number {
    if (typeof state === "number") return this.#internNumber(state);
    if (typeof state === "string") return this.#internString(state);
    return this.#internText(state);
  }

  /** The state with this number, frozen. */
  at(number: number): Value {
    if (this.#recentStates[number % RECENT] === number) {
      return this.#recent[number % RECENT] as Value;
    }
    if (number === this.#asked.number) return this.#asked.state;
    if (number === this.#made.number) return this.#made.state;
    const record = number * RECORD_WORDS;
    const block = this.#records[record + BLOCK] as number;
    const place = this.#records[record + PLACE] as number;
    const length = this.#records[record + LENGTH] as number;
    if (block === NUMBER) return numberOf(place, length);
    if (block === STRING) return this.#strings[place] as string;
    const text = (this.#blocks[block] as Buffer).toString("utf8", place, place + length);
    const state = frozen(JSON.parse(text) as Value);
    if (length > RECENT_LENGTH_MAX) this.#asked = { number, state };
    else this.#remember(number, state);
    return state;
  }

  #internNumber(state: number): number {
    // Adding 0 makes 0 of -0, which is the same state.
    NUMBERS[0] = state + 0;
    const low = WORDS[0] as number;
    const high = WORDS[1] as number;
    const hash = mixed(Math.imul(low, 0x9e3779b1) ^ high);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.count > 0; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0) break;
      const record = number * RECORD_WORDS;
      if (
        this.#records[record + BLOCK] === NUMBER &&
        this.#records[record + PLACE] === low &&
        this.#records[record + LENGTH] === high
      ) {
        return number;
      }
    }
    return this.#add(hash, NUMBER, low, high);
  }

  #internString(state: string): number {
    const known = this.#stringStates.get(state);
    if (known !== undefined) return known;
    if (this.#strings.length === STRINGS_MAX) throw new LimitReached("memory");
    this.#meter.reserve(STRING_BYTES + 2 * state.length);
    const number = this.#add(mixed(this.count), STRING, this.#strings.length, 0);
    this.#strings.push(state);
    this.#stringStates.set(state, number);
    return number;
  }

  #internText(state: Value): number {
    const text = canonical(state);
    const room = BYTES_PER_UNIT * text.length;
    if (this.#end + room > this.#block.length) this.#openBlock(room);
    const block = this.#block;
    const start = this.#end;
    const length = block.write(text, start, "utf8");
    let hash = length;
    for (let at = start; at < start + length; at++) {
      hash = Math.imul(hash ^ (block[at] as number), 0x01000193);
    }
    hash = mixed(hash);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.count > 0; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0) break;
      if (this.#records[number * RECORD_WORDS] === hash && this.#isText(number, start, length)) {
        return number;
      }
    }
    const number = this.#add(hash, this.#blocks.length - 1, start, length);
    this.#end += length;
    if (length > RECENT_LENGTH_MAX) this.#made = { number, state };
    else this.#remember(number, state);
    return number;
  }

  /** Whether the state is the text that was just written to the end of the last block. */
  #isText(number: number, start: number, length: number): boolean {
    const record = number * RECORD_WORDS;
    const block = this.#records[record + BLOCK] as number;
    if (block < 0 || this.#records[record + LENGTH] !== length) return false;
    const bytes = this.#blocks[block] as Buffer;
    const place = this.#records[record + PLACE] as number;
    for (let at = 0; at < length; at++) {
      if (bytes[place + at] !== this.#block[start + at]) return false;
    }
    return true;
  }

  #openBlock(room: number): void {
    const bytes = Math.max(Math.min(BLOCK_MAX, Math.max(BLOCK_MIN, 2 * this.#block.length)), room);
    this.#meter.reserve(bytes);
    this.#block = Buffer.allocUnsafeSlow(bytes);
    this.#blocks.push(this.#block);
    this.#end = 0;
  }

  #remember(number: number, state: Value): void {
    this.#recent[number % RECENT] = state;
    this.#recentStates[number % RECENT] = number;
  }

  #add(hash: number, block: number, place: number, length: number): number {
    const record = this.count * RECORD_WORDS;
    if (record === this.#records.length) this.#grow();
    this.#records[record] = hash;
    this.#records[record + BLOCK] = block;
    this.#records[record + PLACE] = place;
    this.#records[record + LENGTH] = length;
    this.#enter(hash, this.count);
    return this.count++;
  }

  #enter(hash: number, number: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }

  #grow(): void {
    const room = Math.max(ROOM_MIN, 2 * this.count);
    const records = this.#records;
    const before = 4 * (records.length + this.#slots.length);
    this.#meter.reserve(4 * room * (RECORD_WORDS + 2));
    this.#records = new Int32Array(room * RECORD_WORDS);
    this.#records.set(records);
    this.#slots = new Int32Array(2 * room);
    for (let number = 0; number < this.count; number++) {
      this.#enter(this.#records[number * RECORD_WORDS] as number, number);
    }
    this.#meter.release(before);
  }
}

const NUMBERS = new Float64Array(1);
const WORDS = new Int32Array(NUMBERS.buffer);

function numberOf(low: number, high: number): number {
  WORDS[0] = low;
  WORDS[1] = high;
  return NUMBERS[0] as number;
}

function mixed(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}

function frozen(value: Value): Value {
  if (value === null || typeof value !== "object") return value;
  for (const item of Object.values(value) as readonly Value[]) frozen(item);
  return Object.freeze(value);
}
