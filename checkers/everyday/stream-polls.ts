/**
 * What polls skip, and where they go back: within one answer, from one poll of a consumer to its
 * next, and in what all members of a group were given together.
 */
import { NONE } from "../../src/history/history.js";
import type { Limits } from "./limits.js";
import type { StreamEvents } from "./stream-events.js";
import { isPlain, placeShown, positionFrom, type Places } from "./stream-places.js";

/** A stretch of a log that was passed over, or run through backwards. */
export interface PollFault {
  /** The number of the batch. */
  readonly batch: number;
  /** The batch that its consumer polled before; `NONE` within one answer, or after an offset. */
  readonly previous: number;
  /** The offset that it stood at, or was asked for. */
  readonly before: number;
  /** The place that it showed then. */
  readonly place: number;
  /** The first place that was skipped; `NONE` where it went back. */
  readonly skipped: number;
  /** How many were skipped. */
  readonly count: number;
}

/** Tells of each fault. */
export interface PollFaults {
  skips(kind: "int-poll-skip" | "poll-skip", fault: PollFault): void;
  goesBack(kind: "int-nonmonotonic-poll" | "nonmonotonic-poll", fault: PollFault): void;
  /** A member of a group was given what another poll of the group had been given. */
  redelivered(first: number, again: number, place: number): void;
}

interface Following {
  readonly events: StreamEvents;
  readonly places: Places;
  readonly limits: Limits;
  readonly faults: PollFaults;
}

/** Follows every consumer through its logs. */
export function followPolls(following: Following): void {
  const { events, limits } = following;
  const { batches } = events;
  /** Batches by log and group. */
  const groups = new Map<number, number[]>();
  for (let batch = 0; batch < batches.count; batch++) {
    if (batch % 65_536 === 0) limits.check();
    const first = withinAnswer(following, batch);
    if (first !== NONE) sinceLastPoll(following, batch, first);
    const group = batches.groups.at(batch);
    if (group === NONE) continue;
    const name = group * events.logs.length + batches.logOf(batch);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [batch]);
    else known.push(batch);
  }
  for (const ofOne of groups.values()) ofGroup(following, ofOne);
}

/** Neighbours in one answer; returns the first place that it shows, or `NONE`. */
function withinAnswer({ events, places, faults }: Following, batch: number): number {
  const { offsets, ranks, certain } = places;
  const { batches } = events;
  const [start, end] = [batches.startOf(batch), batches.endOf(batch)];
  if (isPlain(events, places, batch)) {
    const [one, last] = [placeShown(events, places, start), placeShown(events, places, end - 1)];
    // As many certain places as it shows: there are no others in between.
    if ((ranks[last] as number) - (ranks[one] as number) === end - 1 - start) return one;
  }
  let [first, before] = [NONE, NONE];
  for (let k = start; k < end; k++) {
    const place = placeShown(events, places, k);
    if (place === NONE) continue;
    if (before === NONE) first = place;
    else {
      const stood = offsets[before] as number;
      const skipped = (ranks[place] as number) - (ranks[before] as number) - certain.at(before);
      if ((offsets[place] as number) <= stood) {
        const fault = { batch, previous: NONE, before: stood, place };
        faults.goesBack("int-nonmonotonic-poll", { ...fault, skipped: NONE, count: 0 });
      } else if (skipped > 0) {
        const log = batches.logOf(batch);
        const from = firstCertain(places, log, { offset: stood, isAfter: true });
        const fault = { batch, previous: NONE, before: stood, place };
        faults.skips("int-poll-skip", { ...fault, skipped: from, count: skipped });
      }
    }
    before = place;
  }
  return first;
}

/** From where the consumer stood, or wanted to go on, to the first place that it was shown. */
function sinceLastPoll({ events, places, faults }: Following, batch: number, place: number): void {
  const { offsets, ranks } = places;
  const { batches } = events;
  const previous = batches.previousOf(batch);
  const from = batches.froms.at(batch);
  const last = previous === NONE ? NONE : lastPlace(events, places, previous);
  const isAfter = Number.isNaN(from);
  if (isAfter && last === NONE) return;
  const before = isAfter ? (offsets[last] as number) : from;
  const isInternal =
    previous !== NONE && batches.invocationOf(previous) === batches.invocationOf(batch);
  const offset = offsets[place] as number;
  if (offset < before || (isAfter && offset === before)) {
    const kind = isInternal ? "int-nonmonotonic-poll" : "nonmonotonic-poll";
    faults.goesBack(kind, { batch, previous, before, place, skipped: NONE, count: 0 });
    return;
  }
  if (isAfter && !batches.isNext(batch)) return;
  // Who goes on with the very next place skips nothing.
  if (isAfter && ranks[place] === (ranks[last] as number) + places.certain.at(last)) {
    return;
  }
  const log = batches.logOf(batch);
  const skipped = firstCertain(places, log, { offset: before, isAfter });
  if (skipped === NONE || (offsets[skipped] as number) >= offset) return;
  const count = (ranks[place] as number) - (ranks[skipped] as number);
  const fault = { batch, previous, before, place, skipped, count };
  faults.skips(isInternal ? "int-poll-skip" : "poll-skip", fault);
}

function lastPlace(events: StreamEvents, places: Places, batch: number): number {
  const start = events.batches.startOf(batch);
  for (let k = events.batches.endOf(batch) - 1; k >= start; k--) {
    const place = placeShown(events, places, k);
    if (place !== NONE) return place;
  }
  return NONE;
}

/** The first place that is certain at (or only after) an offset; `NONE` when there is none. */
function firstCertain(
  places: Places,
  log: number,
  { offset, isAfter }: { readonly offset: number; readonly isAfter: boolean },
): number {
  const list = places.byLog[log] as Int32Array;
  for (let at = positionFrom(places, log, offset); at < list.length; at++) {
    const place = list[at] as number;
    if (isAfter && places.offsets[place] === offset) continue;
    if (places.certain.at(place) === 1) return place;
  }
  return NONE;
}

/**
 * What a group was given of one log, from the lowest place to the highest. Polls whose result
 * nobody knows may have taken anything: what was passed over after the first of them began is
 * excused.
 */
function ofGroup(following: Following, ofOne: readonly number[]): void {
  const { events, places, limits, faults } = following;
  const { offsets, certain, byLog } = places;
  const { batches } = events;
  const some = ofOne[0] as number;
  const until = events.unknownPolls.get(batches.groupOf(some) ?? "") ?? Infinity;
  limits.check();
  const givenBy = new Map<number, number>();
  let lowest = Infinity;
  let highest: { readonly batch: number; readonly place: number } | undefined;
  for (const batch of ofOne) {
    const end = batches.endOf(batch);
    for (let k = batches.startOf(batch); k < end; k++) {
      const place = placeShown(events, places, k);
      if (place === NONE) continue;
      const before = givenBy.get(place);
      if (before === undefined) givenBy.set(place, batch);
      else if (before !== batch) faults.redelivered(before, batch, place);
      const offset = offsets[place] as number;
      lowest = Math.min(lowest, offset);
      if (batches.completionOf(batch) > until) continue;
      if (highest === undefined || offset > (offsets[highest.place] as number)) {
        highest = { batch, place };
      }
    }
  }
  if (highest === undefined) return;
  const log = batches.logOf(some);
  const list = byLog[log] as Int32Array;
  let [skipped, count] = [NONE, 0];
  let previous: number = NONE;
  for (let at = positionFrom(places, log, lowest); list[at] !== highest.place; at++) {
    const place = list[at] as number;
    if (certain.at(place) === 0 || givenBy.has(place)) {
      if (skipped === NONE) previous = place;
      continue;
    }
    if (skipped === NONE) skipped = place;
    count++;
  }
  if (skipped === NONE) return;
  faults.skips("poll-skip", {
    batch: highest.batch,
    previous: givenBy.get(previous) ?? NONE,
    before: offsets[previous] as number,
    place: highest.place,
    skipped,
    count,
  });
}
