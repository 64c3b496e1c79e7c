/**
 * Finds for everything that is shown who added it, and arranges the calls by session.
 *
 * One table, from positions in the pool to calls, serves all keys one after the other, so that what
 * a read shows costs one look-up an element.
 */
import { NONE, type History } from "../../../src/history/history.js";
import { canonical } from "../../../src/history/value.js";
import type { Model } from "../../../src/model/model.js";
import type { Meter } from "../../linearizable/meter.js";
import { collect, type Calls, type Collected } from "./collect.js";
import {
  ADDS,
  FINDS,
  MISSES,
  READS,
  REFUSED,
  type Collections,
  type Impossible,
} from "./layout.js";

/** Lays a history out; undefined when nothing of it is about collections that only grow. */
export function layOutCollections(
  history: History,
  model: Model,
  meter: Meter,
): Collections | undefined {
  const { type, observesProcess } = model;
  const isOrdered = type?.name === "log";
  if (!isOrdered && type?.name !== "set") return undefined;
  if (observesProcess === true || model.observesFailure !== undefined) return undefined;
  if (history.lists === undefined || canonical(model.initial()) !== "[]") return undefined;
  const calls = collect(history, type.roles, isOrdered);
  if (calls === undefined) return undefined;
  meter.reserve(60 * calls.invocations.length + 12 * history.lists.starts.length);
  meter.spend(8 * calls.invocations.length);
  return arrange(history, calls, { isOrdered, meter });
}

function arrange(
  history: History,
  calls: Collected,
  about: { readonly isOrdered: boolean; readonly meter: Meter },
): Collections | undefined {
  const shown = new Additions(history, calls, about.meter).find();
  if (shown.keysLeft === 0) return undefined;
  const { members, starts, parents } = intoSessions(calls, shown.takesPart);
  const count = members.length;
  const numbers = new Int32Array(calls.invocations.length).fill(NONE);
  for (let operation = 0; operation < count; operation++) {
    numbers[members[operation] as number] = operation;
  }
  const numberOf = (call: number): number => (call === NONE ? NONE : (numbers[call] as number));
  const sessions = new Int32Array(count);
  for (let session = 0; session + 1 < starts.length; session++) {
    sessions.fill(session, starts[session], starts[session + 1]);
  }
  const invocations = new Int32Array(count);
  const keys = new Int32Array(count);
  const kinds = new Uint8Array(count);
  const shows = new Int32Array(count);
  const isCertain = new Uint8Array(count);
  for (let operation = 0; operation < count; operation++) {
    const call = members[operation] as number;
    const kind = calls.kinds[call] as number;
    invocations[operation] = calls.invocations[call] as number;
    keys[operation] = calls.keys[call] as number;
    kinds[operation] = kind;
    isCertain[operation] = calls.isCertain[call] === true ? 1 : 0;
    const found = shown.shows[call] as number;
    shows[operation] = kind === READS ? found : numberOf(found);
  }
  const items = shown.listItems;
  const listItems = new Int32Array(items.length);
  for (let at = 0; at < items.length; at++) listItems[at] = numberOf(items[at] as number);
  return {
    isOrdered: about.isOrdered,
    count,
    invocations,
    sessions,
    starts,
    parents: parents.map((parent) => numberOf(parent)),
    kinds,
    isCertain,
    keys,
    keyCount: calls.keyCount,
    shows,
    listStarts: Int32Array.from(shown.listStarts),
    listItems,
    impossible: shown.impossible,
    leftOut: calls.leftOut + shown.leftOut,
  };
}

/** Who added what is shown. */
class Additions {
  /** Calls that are there: completed, or seen. */
  readonly takesPart: Uint8Array;
  /** By call: the list that it shows, or who added what it looks for. */
  readonly shows: Int32Array;
  readonly listStarts: number[] = [0];
  listItems: Int32Array = new Int32Array(1024);
  impossible: Impossible | undefined;
  leftOut = 0;
  keysLeft = 0;
  readonly #calls: Collected;
  readonly #lists: NonNullable<History["lists"]>;
  readonly #meter: Meter;
  /** Of one key: position in the pool → the call that added it; → the number of the list. */
  readonly #adders: Int32Array;
  readonly #listAt: Int32Array;
  /** Addition → the last list that shows it. */
  readonly #lastShown: Int32Array;
  #end = 0;

  constructor(history: History, calls: Collected, meter: Meter) {
    const count = calls.invocations.length;
    this.#calls = calls;
    this.#lists = history.lists as NonNullable<History["lists"]>;
    this.#meter = meter;
    this.takesPart = new Uint8Array(count);
    this.shows = new Int32Array(count).fill(NONE);
    this.#adders = new Int32Array(this.#lists.starts.length).fill(NONE);
    this.#listAt = new Int32Array(this.#lists.starts.length).fill(NONE);
    this.#lastShown = new Int32Array(count).fill(NONE);
  }

  find(): this {
    const { keys, kinds, values, spoilt } = this.#calls;
    for (const ofKey of callsByKey(this.#calls)) {
      const isSpoilt = spoilt.has(keys[ofKey[0] as number] as number);
      if (isSpoilt || this.#addedTwice(ofKey)) this.leftOut += ofKey.length;
      else {
        this.keysLeft++;
        for (const call of ofKey) this.#look(call);
      }
      for (const call of ofKey) {
        const table = kinds[call] === READS ? this.#listAt : this.#adders;
        table[values[call] as number] = NONE;
      }
    }
    this.listItems = this.listItems.subarray(0, this.#end);
    return this;
  }

  /** Notes who adds what; whether two add the same. */
  #addedTwice(ofKey: Int32Array): boolean {
    const { kinds, values } = this.#calls;
    for (const call of ofKey) {
      if (kinds[call] !== ADDS && kinds[call] !== REFUSED) continue;
      const value = values[call] as number;
      if (this.#adders[value] !== NONE) return true;
      this.#adders[value] = call;
    }
    return false;
  }

  #look(call: number): void {
    const { kinds, values, isCertain } = this.#calls;
    const kind = kinds[call] as number;
    const value = values[call] as number;
    if (isCertain[call] === true) this.takesPart[call] = 1;
    if (kind === READS) this.shows[call] = this.#listOf(call, value);
    else if (kind === REFUSED) this.#fail("refused", call, value);
    else if (kind === FINDS || kind === MISSES) {
      const adder = this.#adders[value] as number;
      this.shows[call] = adder;
      if (kind === FINDS) this.#see(adder, call, value);
    }
  }

  /** The number of what a read shows. */
  #listOf(call: number, value: number): number {
    const known = this.#listAt[value] as number;
    if (known !== NONE) return known;
    const { starts, items } = this.#lists;
    const list = this.listStarts.length - 1;
    this.#listAt[value] = list;
    const start = starts[value] as number;
    const length = items[start] as number;
    this.#meter.spend(length);
    this.#makeRoom(length);
    for (let place = start + 1; place <= start + length; place++) {
      const element = items[place] as number;
      const adder = this.#adders[element] as number;
      if (!this.#see(adder, call, element)) continue;
      if (this.#lastShown[adder] === list) this.#fail("repeated", call, element);
      this.#lastShown[adder] = list;
      this.listItems[this.#end++] = adder;
    }
    this.listStarts.push(this.#end);
    return list;
  }

  #see(adder: number, call: number, element: number): boolean {
    if (adder === NONE) {
      this.#fail("thin-air", call, element);
      return false;
    }
    this.takesPart[adder] = 1;
    return true;
  }

  #fail(pattern: Impossible["pattern"], call: number, element: number): void {
    this.impossible ??= { pattern, read: this.#calls.invocations[call] as number, element };
  }

  #makeRoom(length: number): void {
    const { length: room } = this.listItems;
    if (this.#end + length <= room) return;
    const larger = Math.max(2 * room, this.#end + length);
    this.#meter.reserve(8 * (larger - room));
    const items = new Int32Array(larger);
    items.set(this.listItems);
    this.listItems = items;
  }
}

/** Calls by key, in order. */
function callsByKey({ keys, keyCount }: Collected): readonly Int32Array[] {
  const starts = new Int32Array(keyCount + 1);
  for (const key of keys) starts[key + 1] = (starts[key + 1] as number) + 1;
  for (let key = 0; key < keyCount; key++) {
    starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  }
  const ends = starts.slice(0, keyCount);
  const calls = new Int32Array(keys.length);
  for (const [call, key] of keys.entries()) {
    const place = ends[key] as number;
    calls[place] = call;
    ends[key] = place + 1;
  }
  const found: Int32Array[] = [];
  for (let key = 0; key < keyCount; key++) {
    if (starts[key] !== starts[key + 1]) found.push(calls.subarray(starts[key], starts[key + 1]));
  }
  return found;
}

interface Arranged {
  /** Calls, session by session. */
  readonly members: Int32Array;
  readonly starts: Int32Array;
  /** Session → call, or `NONE`. */
  readonly parents: Int32Array;
}

/** What is not certain and was gone on after is a session of its own, after all others. */
function intoSessions({ processes, isCertain }: Calls, takesPart: Uint8Array): Arranged {
  const byProcess = new Map<number, number[]>();
  for (const [call, process] of processes.entries()) {
    if (takesPart[call] === 0) continue;
    const own = byProcess.get(process);
    if (own === undefined) byProcess.set(process, [call]);
    else own.push(call);
  }
  const members: number[] = [];
  const starts: number[] = [0];
  const parents: number[] = [];
  const alone: [call: number, parent: number][] = [];
  for (const own of byProcess.values()) {
    let before = NONE;
    const first = members.length;
    for (const [place, call] of own.entries()) {
      if (isCertain[call] !== true && place < own.length - 1) {
        alone.push([call, before]);
        continue;
      }
      members.push(call);
      before = call;
    }
    if (members.length === first) continue;
    starts.push(members.length);
    parents.push(NONE);
  }
  for (const [call, parent] of alone) {
    members.push(call);
    starts.push(members.length);
    parents.push(parent);
  }
  return {
    members: Int32Array.from(members),
    starts: Int32Array.from(starts),
    parents: Int32Array.from(parents),
  };
}
