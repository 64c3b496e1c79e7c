/**
 * What polls skip, and where they go back: within one answer, from one poll of a consumer to its
 * next, and in what all members of a group were given together.
 */
import { NONE } from "../../src/history/history.js";
import type { Limits } from "./limits.js";
import type { Batch, StreamEvents } from "./stream-events.js";
import { positionFrom, type Places } from "./stream-places.js";

/** A stretch of a log that was passed over, or run through backwards. */
export interface PollFault {
  readonly batch: Batch;
  /** What its consumer polled before; undefined within one answer, or after an offset. */
  readonly previous: Batch | undefined;
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
  redelivered(first: Batch, again: Batch, place: number): void;
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
  const groups = new Map<string, Batch[]>();
  for (const [at, batch] of events.batches.entries()) {
    if (at % 65_536 === 0) limits.check();
    const first = withinAnswer(following, batch);
    if (first !== NONE) sinceLastPoll(following, batch, first);
    if (batch.group === undefined) continue;
    const name = `${batch.log} ${batch.group}`;
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [batch]);
    else known.push(batch);
  }
  for (const batches of groups.values()) ofGroup(following, batches);
}

/** Neighbours in one answer; returns the first place that it shows, or `NONE`. */
function withinAnswer({ places, faults }: Following, batch: Batch): number {
  const { offsets, ranks, certain, seen } = places;
  let [first, before] = [NONE, NONE];
  for (let k = batch.start; k < batch.end; k++) {
    const place = seen[k] as number;
    if (place === NONE) continue;
    if (before === NONE) first = place;
    else {
      const stood = offsets[before] as number;
      const skipped =
        (ranks[place] as number) - (ranks[before] as number) - (certain[before] as number);
      const fault = { batch, previous: undefined, before: stood, place };
      if ((offsets[place] as number) <= stood) {
        faults.goesBack("int-nonmonotonic-poll", { ...fault, skipped: NONE, count: 0 });
      } else if (skipped > 0) {
        const from = firstCertain(places, batch.log, { offset: stood, isAfter: true });
        faults.skips("int-poll-skip", { ...fault, skipped: from, count: skipped });
      }
    }
    before = place;
  }
  return first;
}

/** From where the consumer stood, or wanted to go on, to the first place that it was shown. */
function sinceLastPoll({ places, faults }: Following, batch: Batch, place: number): void {
  const { offsets, ranks, seen } = places;
  const { previous, isNext, from, log } = batch;
  const last = previous === undefined ? NONE : lastPlace(seen, previous);
  const isAfter = Number.isNaN(from);
  if (isAfter && last === NONE) return;
  const before = isAfter ? (offsets[last] as number) : from;
  const isInternal = previous?.invocation === batch.invocation;
  const offset = offsets[place] as number;
  const fault = { batch, previous, before, place };
  if (offset < before || (isAfter && offset === before)) {
    const kind = isInternal ? "int-nonmonotonic-poll" : "nonmonotonic-poll";
    faults.goesBack(kind, { ...fault, skipped: NONE, count: 0 });
    return;
  }
  if (isAfter && !isNext) return;
  const skipped = firstCertain(places, log, { offset: before, isAfter });
  if (skipped === NONE || (offsets[skipped] as number) >= offset) return;
  const count = (ranks[place] as number) - (ranks[skipped] as number);
  faults.skips(isInternal ? "int-poll-skip" : "poll-skip", { ...fault, skipped, count });
}

function lastPlace(seen: Int32Array, { start, end }: Batch): number {
  for (let k = end - 1; k >= start; k--) if (seen[k] !== NONE) return seen[k] as number;
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
    if (places.certain[place] === 1) return place;
  }
  return NONE;
}

/**
 * What a group was given of one log, from the lowest place to the highest. Polls whose result
 * nobody knows may have taken anything: what was passed over after the first of them began is
 * excused.
 */
function ofGroup({ events, places, limits, faults }: Following, batches: readonly Batch[]): void {
  const { offsets, seen, certain, byLog } = places;
  const { group = "", log } = batches[0] as Batch;
  const until = events.unknownPolls.get(group) ?? Infinity;
  limits.check();
  const givenBy = new Map<number, Batch>();
  let lowest = Infinity;
  let highest: { readonly batch: Batch; readonly place: number } | undefined;
  for (const batch of batches) {
    for (let k = batch.start; k < batch.end; k++) {
      const place = seen[k] as number;
      if (place === NONE) continue;
      const before = givenBy.get(place);
      if (before === undefined) givenBy.set(place, batch);
      else if (before !== batch) faults.redelivered(before, batch, place);
      const offset = offsets[place] as number;
      lowest = Math.min(lowest, offset);
      if (batch.completion > until) continue;
      if (highest === undefined || offset > (offsets[highest.place] as number)) {
        highest = { batch, place };
      }
    }
  }
  if (highest === undefined) return;
  const list = byLog[log] as Int32Array;
  let [skipped, count] = [NONE, 0];
  let previous: number = NONE;
  for (let at = positionFrom(places, log, lowest); list[at] !== highest.place; at++) {
    const place = list[at] as number;
    if (certain[place] === 0 || givenBy.has(place)) {
      if (skipped === NONE) previous = place;
      continue;
    }
    if (skipped === NONE) skipped = place;
    count++;
  }
  if (skipped === NONE) return;
  faults.skips("poll-skip", {
    batch: highest.batch,
    previous: givenBy.get(previous),
    before: offsets[previous] as number,
    place: highest.place,
    skipped,
    count,
  });
}
