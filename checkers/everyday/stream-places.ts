/**
 * The places of each log: what clients say is at which offset, in the order of the offsets. Offsets
 * may have gaps (a transaction's marks take some), so that neighbours are those between which
 * nobody knows of any other.
 */
import { NONE } from "../../src/history/history.js";
import { FloatList, IntList } from "../../src/graph/growing.js";
import type { Limits } from "./limits.js";
import { NumberTable } from "./number-table.js";
import type { StreamEvents } from "./stream-events.js";

/** A second message at an offset, or a message at one more offset than it was sent. */
export interface Misplaced {
  readonly offset: number;
  readonly message: number;
  /** Invocation of the operation that says so. */
  readonly by: number;
  /** The place that is there already. */
  readonly other: number;
}

/** All places; arrays have at least one entry a place. */
export interface Places {
  readonly count: number;
  readonly offsets: Float64Array;
  readonly messages: Int32Array;
  /** Invocation of the first operation that has something there: a send, else a poll. */
  readonly firstBy: Int32Array;
  /** How many places that are certain have a smaller offset in the log. */
  readonly ranks: Int32Array;
  /** 1 when what is there was sent for certain, or may have been. */
  readonly certain: Int32Array;
  /** The places of each log, by offset. */
  readonly byLog: readonly Int32Array[];
  /** The place of each entry of `seenMessages`; `NONE` where nobody told an offset. */
  readonly seen: Int32Array;
  /** The place of each send that is certain; `NONE` where nobody told or showed an offset. */
  readonly sent: Int32Array;
  readonly conflicts: readonly Misplaced[];
  readonly copies: readonly Misplaced[];
}

/** Puts everything that has an offset in its place. */
export function placesOf(events: StreamEvents, limits: Limits): Places {
  const { sends, batches, seenMessages, seenOffsets } = events;
  const builder = new PlacesBuilder(events);
  limits.hold(seenMessages.length * 4 + sends.count * 4);
  const sent = new Int32Array(sends.count).fill(NONE);
  for (let send = 0; send < sent.length; send++) {
    const offset = sends.offsetOf(send);
    if (Number.isNaN(offset)) continue;
    sent[send] = builder.put(sends.messageOf(send), offset, sends.invocationOf(send));
  }
  const seen = new Int32Array(seenMessages.length).fill(NONE);
  const { items: messages } = seenMessages;
  for (let batch = 0; batch < batches.count; batch++) {
    if (batch % 65_536 === 0) limits.check();
    const invocation = batches.invocationOf(batch);
    const end = batches.endOf(batch);
    for (let k = batches.startOf(batch); k < end; k++) {
      const offset = seenOffsets.at(k);
      if (!Number.isNaN(offset)) seen[k] = builder.put(messages[k] as number, offset, invocation);
    }
  }
  for (let send = 0; send < sent.length; send++) {
    if (sent[send] === NONE) sent[send] = builder.onlyPlaceOf(sends.messageOf(send));
  }
  limits.hold(builder.count * 24);
  return { ...builder.places(), seen, sent };
}

/** Puts one message after the other. */
class PlacesBuilder {
  readonly #events: StreamEvents;
  /** Of each log, offset → place. */
  readonly #tables: readonly NumberTable[];
  /** Of each log, its places as they come up. */
  readonly #own: readonly IntList[];
  readonly #offsets = new FloatList();
  readonly #held = new IntList();
  readonly #firstBy = new IntList();
  readonly #certain = new IntList();
  /** Message → its first place, and all of them where there are several. */
  readonly #firstPlace: Int32Array;
  readonly #allPlaces = new Map<number, number[]>();
  readonly #conflicts: Misplaced[] = [];
  readonly #inConflict = new Set<string>();
  readonly #copies: Misplaced[] = [];

  constructor(events: StreamEvents) {
    this.#events = events;
    this.#tables = events.logs.map(() => new NumberTable());
    this.#own = events.logs.map(() => new IntList());
    this.#firstPlace = new Int32Array(events.messages.count).fill(NONE);
  }

  get count(): number {
    return this.#held.length;
  }

  /** Answers the place of a message at an offset. */
  put(message: number, offset: number, by: number): number {
    const { logs, copies } = this.#events.messages;
    const log = logs.items[message] as number;
    const sent = copies.items[message] as number;
    const table = this.#tables[log] as NumberTable;
    let place = table.find(offset);
    if (place === NONE) {
      place = this.#offsets.push(offset);
      this.#held.push(message);
      this.#firstBy.push(by);
      this.#certain.push(0);
      this.#own[log]?.push(place);
      table.set(offset, place);
    }
    if (sent > 0) this.#certain.items[place] = 1;
    if (this.#held.items[place] !== message) this.#conflict({ offset, message, by, other: place });
    const first = this.#firstPlace[message] as number;
    if (first === NONE) this.#firstPlace[message] = place;
    else if (first !== place && sent > 0) {
      const others = this.#allPlaces.get(message) ?? [first];
      this.#allPlaces.set(message, others);
      if (!others.includes(place)) {
        others.push(place);
        if (others.length > sent) this.#copies.push({ offset, message, by, other: first });
      }
    }
    return place;
  }

  /** Where a message is that was sent once and is at one place; else `NONE`. */
  onlyPlaceOf(message: number): number {
    const isOne = this.#events.messages.copies.items[message] === 1;
    if (!isOne || this.#allPlaces.has(message)) return NONE;
    return this.#firstPlace[message] as number;
  }

  /** What has been put where. */
  places(): Omit<Places, "seen" | "sent"> {
    const { count } = this;
    const { items: offsets } = this.#offsets;
    const { items: certain } = this.#certain;
    const ranks = new Int32Array(count);
    const byLog = this.#own.map(({ items, length }) => {
      const sorted = inOffsetOrder(items.subarray(0, length), offsets);
      let rank = 0;
      for (const place of sorted) {
        ranks[place] = rank;
        rank += certain[place] as number;
      }
      return sorted;
    });
    return {
      count,
      offsets,
      messages: this.#held.items,
      firstBy: this.#firstBy.items,
      ranks,
      certain,
      byLog,
      conflicts: this.#conflicts,
      copies: this.#copies,
    };
  }

  #conflict(found: Misplaced): void {
    const name = `${found.other} ${found.message}`;
    if (this.#inConflict.has(name)) return;
    this.#inConflict.add(name);
    this.#conflicts.push(found);
  }
}

function inOffsetOrder(places: Int32Array, offsets: Float64Array): Int32Array {
  const offsetOf = (place: number): number => offsets[place] as number;
  let isSorted = true;
  for (let at = 1; isSorted && at < places.length; at++) {
    isSorted = offsetOf(places[at - 1] as number) < offsetOf(places[at] as number);
  }
  return isSorted ? places : places.sort((a, b) => offsetOf(a) - offsetOf(b));
}

/** The first place of a log at or after an offset, as a position in its list. */
export function positionFrom(places: Places, log: number, offset: number): number {
  const list = places.byLog[log] as Int32Array;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places.offsets[list[middle] as number] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
