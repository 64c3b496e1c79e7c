/**
 * The places of each log: what clients say is at which offset, in the order of the offsets. Offsets
 * may have gaps (a transaction's marks take some), so that neighbours are those between which
 * nobody knows of any other.
 */
import { NONE } from "../../src/history/history.js";
import type { Limits } from "./limits.js";
import { NumberTable } from "./number-table.js";
import type { StreamEvents } from "./stream-events.js";
import type { Message } from "./stream-numbers.js";

/** A second message at an offset, or a message at one more offset than it was sent. */
export interface Misplaced {
  readonly offset: number;
  readonly message: number;
  /** Invocation of the operation that says so. */
  readonly by: number;
  /** The place that is there already. */
  readonly other: number;
}

/** All places; arrays have one entry a place. */
export interface Places {
  readonly count: number;
  readonly offsets: readonly number[];
  readonly messages: readonly number[];
  /** Invocation of the first operation that has something there: a send, else a poll. */
  readonly firstBy: readonly number[];
  /** How many places that are certain have a smaller offset in the log. */
  readonly ranks: Int32Array;
  /** 1 when what is there was sent for certain, or may have been. */
  readonly certain: Uint8Array;
  /** The places of each log, by offset. */
  readonly byLog: readonly Int32Array[];
  /** The place of each entry of `seenMessages`; `NONE` where nobody told an offset. */
  readonly seen: Int32Array;
  /** The place of each acknowledged send; `NONE` where nobody told an offset. */
  readonly sent: Int32Array;
  readonly conflicts: readonly Misplaced[];
  readonly copies: readonly Misplaced[];
}

/** Puts everything that has an offset in its place. */
export function placesOf(events: StreamEvents, limits: Limits): Places {
  const { logs, messages, acknowledged, batches, seenMessages, seenOffsets } = events;
  const tables = logs.map(() => new NumberTable());
  const offsets: number[] = [];
  const held: number[] = [];
  const firstBy: number[] = [];
  const certain: number[] = [];
  const own: number[][] = logs.map(() => []);
  const placesOfMessage = new Map<number, number[]>();
  const onlyPlace = new Int32Array(messages.length).fill(NONE);
  const conflicts: Misplaced[] = [];
  const inConflict = new Set<string>();
  const copies: Misplaced[] = [];

  const put = (message: number, offset: number, by: number): number => {
    const { log, copies: sent } = messages[message] as Message;
    const table = tables[log] as NumberTable;
    let place = table.find(offset);
    if (place === NONE) {
      place = offsets.push(offset) - 1;
      held.push(message);
      firstBy.push(by);
      certain.push(0);
      (own[log] as number[]).push(place);
      table.set(offset, place);
    }
    if (sent > 0) certain[place] = 1;
    if (held[place] !== message && !inConflict.has(`${place} ${message}`)) {
      inConflict.add(`${place} ${message}`);
      conflicts.push({ offset, message, by, other: place });
    }
    const first = onlyPlace[message] as number;
    if (first === NONE) onlyPlace[message] = place;
    else if (first !== place && sent > 0) {
      const others = placesOfMessage.get(message) ?? [first];
      placesOfMessage.set(message, others);
      if (!others.includes(place)) {
        others.push(place);
        if (others.length > sent) copies.push({ offset, message, by, other: first });
      }
    }
    return place;
  };

  limits.hold(seenMessages.length * 4 + acknowledged.length * 4);
  const sent = Int32Array.from(acknowledged, ({ message, offset, invocation }) =>
    Number.isNaN(offset) ? NONE : put(message, offset, invocation),
  );
  const seen = new Int32Array(seenMessages.length).fill(NONE);
  for (const [at, { start, end, invocation }] of batches.entries()) {
    if (at % 65_536 === 0) limits.check();
    for (let k = start; k < end; k++) {
      const offset = seenOffsets[k] as number;
      if (!Number.isNaN(offset)) seen[k] = put(seenMessages[k] as number, offset, invocation);
    }
  }
  const count = offsets.length;
  limits.hold(count * 24);
  const ranks = new Int32Array(count);
  const byLog = own.map((list) => {
    const sorted = Int32Array.from(inOffsetOrder(list, offsets));
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
    messages: held,
    firstBy,
    ranks,
    certain: Uint8Array.from(certain),
    byLog,
    seen,
    sent,
    conflicts,
    copies,
  };
}

function inOffsetOrder(list: number[], offsets: readonly number[]): readonly number[] {
  const isSorted = list.every(
    (place, at) =>
      at === 0 || (offsets[list[at - 1] as number] as number) < (offsets[place] as number),
  );
  if (isSorted) return list;
  return list.sort((a, b) => (offsets[a] as number) - (offsets[b] as number));
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
