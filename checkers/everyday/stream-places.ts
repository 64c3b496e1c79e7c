/**
 * The places of each log: what clients say is at which offset, in the order of the offsets. Offsets
 * may have gaps (a transaction's marks take some), so that neighbours are those between which
 * nobody knows of any other.
 */
import { NONE } from "../../src/history/history.js";
import { FloatList, IntList, UsualList } from "../../src/graph/growing.js";
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
  readonly firstBy: (place: number) => number;
  /** How many places that are certain have a smaller offset in the log. */
  readonly ranks: Int32Array;
  /** 1 when what is there was sent for certain, or may have been. */
  readonly certain: UsualList;
  /** The places of each log, by offset. */
  readonly byLog: readonly Int32Array[];
  /** The place where each message was first shown; `NONE` where it was told no offset. */
  readonly firstShown: Int32Array;
  /** The same of other spots (stream-shown.ts), by what is left when one is taken from -1. */
  readonly othersShown: Int32Array;
  /** Of each batch, 1 when it shows something that nobody may have sent. */
  readonly inDoubt: UsualList;
  /** The place of each send that is certain; `NONE` where nobody told or showed an offset. */
  readonly sent: Int32Array;
  readonly conflicts: readonly Misplaced[];
  readonly copies: readonly Misplaced[];
}

/** Of a spot that has not been looked at. */
const UNPLACED = NONE - 1;

/** Puts everything that has an offset in its place. */
export function placesOf(events: StreamEvents, limits: Limits): Places {
  const { sends, batches, shown, messages } = events;
  const { items: copies } = messages.copies;
  const builder = new PlacesBuilder(events);
  limits.hold((messages.count + sends.count) * 4);
  const sent = new Int32Array(sends.count).fill(NONE);
  for (let send = 0; send < sent.length; send++) {
    const offset = sends.offsetOf(send);
    if (Number.isNaN(offset)) continue;
    sent[send] = builder.put(sends.messageOf(send), offset, sends.invocationOf(send));
  }
  // What was told an offset is shown there, mostly: then it has its place already.
  let areAllPlaced = shown.otherCount === 0;
  let areAllCertain = true;
  for (let message = 0; message < messages.count; message++) {
    if (message % 65_536 === 0) limits.check();
    if (messages.shownAt(message) === NONE) continue;
    if (copies[message] === 0) areAllCertain = false;
    areAllPlaced &&= builder.isAt(message, shown.offsetAt(message));
  }
  const firstShown = areAllPlaced
    ? builder.firstPlaces
    : new Int32Array(messages.count).fill(UNPLACED);
  const othersShown = new Int32Array(shown.otherCount).fill(UNPLACED);
  const inDoubt = new UsualList(0);
  const looked = areAllPlaced && areAllCertain ? 0 : batches.count;
  for (let batch = 0; batch < looked; batch++) {
    if (batch % 65_536 === 0) limits.check();
    const end = batches.endOf(batch);
    for (let k = batches.startOf(batch); k < end; k++) {
      const spot = shown.spots.items[k] as number;
      const message = shown.messageAt(spot);
      if (copies[message] === 0) inDoubt.set(batch, 1);
      const places = spot < 0 ? othersShown : firstShown;
      const at = spot < 0 ? -1 - spot : spot;
      if (places[at] !== UNPLACED) continue;
      const offset = shown.offsetAt(spot);
      places[at] = Number.isNaN(offset)
        ? NONE
        : builder.put(message, offset, batches.invocationOf(batch));
    }
  }
  for (let send = 0; send < sent.length; send++) {
    if (sent[send] === NONE) sent[send] = builder.onlyPlaceOf(sends.messageOf(send));
  }
  limits.hold(builder.count * 24);
  return builder.places({ firstShown, othersShown, inDoubt, sent });
}

/** Puts one message after the other. */
class PlacesBuilder {
  readonly #events: StreamEvents;
  /** Of each log, offset → place. */
  readonly #tables: readonly NumberTable[];
  /** Of each log, its places as they come up. */
  readonly #own: readonly IntList[];
  readonly #offsets: FloatList;
  readonly #held: IntList;
  readonly #certain = new UsualList(1);
  /** Message → its first place; `NONE` for none. */
  readonly firstPlaces: Int32Array;
  /** All places of messages that have several. */
  readonly #allPlaces = new Map<number, Set<number>>();
  readonly #conflicts: Misplaced[] = [];
  readonly #inConflict = new Set<string>();
  readonly #copies: Misplaced[] = [];

  constructor(events: StreamEvents) {
    this.#events = events;
    // Few are only shown.
    const room = events.sends.count + 64;
    this.#offsets = new FloatList(room);
    this.#held = new IntList(room);
    this.#tables = events.logs.map(() => new NumberTable());
    this.#own = events.logs.map(() => new IntList());
    this.firstPlaces = new Int32Array(events.messages.count).fill(NONE);
  }

  get count(): number {
    return this.#held.length;
  }

  /** Answers the place of a message at an offset. */
  put(message: number, offset: number, by: number): number {
    const { messages } = this.#events;
    const log = messages.logOf(message);
    const sent = messages.copies.items[message] as number;
    const table = this.#tables[log] as NumberTable;
    let place = table.find(offset);
    if (place === NONE) {
      place = this.#offsets.push(offset);
      this.#held.push(message);
      if (sent === 0) this.#certain.set(place, 0);
      this.#own[log]?.push(place);
      table.set(offset, place);
    }
    if (sent > 0 && this.#certain.at(place) === 0) this.#certain.set(place, 1);
    if (this.#held.items[place] !== message) this.#conflict({ offset, message, by, other: place });
    const first = this.firstPlaces[message] as number;
    if (first === NONE) this.firstPlaces[message] = place;
    else if (first !== place && sent > 0) {
      const others = this.#allPlaces.get(message) ?? new Set([first]);
      this.#allPlaces.set(message, others);
      if (!others.has(place)) {
        others.add(place);
        if (others.size > sent) this.#copies.push({ offset, message, by, other: first });
      }
    }
    return place;
  }

  /** Whether a message has its first place at this offset. */
  isAt(message: number, offset: number): boolean {
    const place = this.firstPlaces[message] as number;
    return place !== NONE && this.#offsets.items[place] === offset;
  }

  /** Where a message is that was sent once and is at one place; else `NONE`. */
  onlyPlaceOf(message: number): number {
    const isOne = this.#events.messages.copies.items[message] === 1;
    if (!isOne || this.#allPlaces.has(message)) return NONE;
    return this.firstPlaces[message] as number;
  }

  /** What has been put where. */
  places({
    firstShown,
    othersShown,
    inDoubt,
    sent,
  }: Pick<Places, "firstShown" | "othersShown" | "inDoubt" | "sent">): Places {
    const { count } = this;
    const { items: offsets } = this.#offsets;
    const certain = this.#certain;
    const ranks = new Int32Array(count);
    const byLog = this.#own.map(({ items, length }) => {
      const sorted = inOffsetOrder(items.subarray(0, length), offsets);
      let rank = 0;
      for (const place of sorted) {
        ranks[place] = rank;
        rank += certain.at(place);
      }
      return sorted;
    });
    return {
      count,
      firstShown,
      othersShown,
      inDoubt,
      sent,
      offsets,
      messages: this.#held.items,
      firstBy: this.#firstBy({ firstShown, othersShown, sent }),
      ranks,
      certain,
      byLog,
      conflicts: this.#conflicts,
      copies: this.#copies,
    };
  }

  /** Who first has something at a place; looked for when somebody asks. */
  #firstBy({
    firstShown,
    othersShown,
    sent,
  }: Pick<Places, "firstShown" | "othersShown" | "sent">): Places["firstBy"] {
    const { sends, batches, shown } = this.#events;
    let known: Int32Array | undefined;
    const all = (): Int32Array => {
      const by = new Int32Array(this.count).fill(NONE);
      for (let send = 0; send < sends.count; send++) {
        const place = sent[send] as number;
        if (Number.isNaN(sends.offsetOf(send)) || by[place] !== NONE) continue;
        by[place] = sends.invocationOf(send);
      }
      for (let batch = 0; batch < batches.count; batch++) {
        const end = batches.endOf(batch);
        for (let k = batches.startOf(batch); k < end; k++) {
          const spot = shown.spots.items[k] as number;
          const place = (spot >= 0 ? firstShown[spot] : othersShown[-1 - spot]) as number;
          if (place !== NONE && by[place] === NONE) by[place] = batches.invocationOf(batch);
        }
      }
      return by;
    };
    return (place) => (known ??= all())[place] as number;
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

/** The place of an entry; `NONE` where nobody told an offset. */
export function placeShown({ shown }: StreamEvents, places: Places, entry: number): number {
  const spot = shown.spots.items[entry] as number;
  return spot >= 0
    ? (places.firstShown[spot] as number)
    : (places.othersShown[-1 - spot] as number);
}

/** Whether all that a batch shows is certain, has a place, and is in the order of the offsets. */
export function isPlain({ batches }: StreamEvents, { inDoubt }: Places, batch: number): boolean {
  return batches.isGrowing(batch) && inDoubt.at(batch) === 0;
}

/** The place with the largest offset that a batch shows, of those that are certain if so asked. */
export function largestIn(
  events: StreamEvents,
  places: Places,
  { batch, isCertain = false }: { readonly batch: number; readonly isCertain?: boolean },
): number {
  const { offsets, certain } = places;
  const end = events.batches.endOf(batch);
  if (isPlain(events, places, batch)) return placeShown(events, places, end - 1);
  let largest: number = NONE;
  for (let k = events.batches.startOf(batch); k < end; k++) {
    const place = placeShown(events, places, k);
    if (place === NONE || (isCertain && certain.at(place) === 0)) continue;
    if (largest === NONE || (offsets[place] as number) > (offsets[largest] as number)) {
      largest = place;
    }
  }
  return largest;
}
