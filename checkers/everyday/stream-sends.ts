/**
 * What became of the messages that were sent for certain: whether their offsets grow, whether
 * consumers passed over them (lost), or nobody came so far (unseen).
 */
import { NONE, type History } from "../../src/history/history.js";
import { IntList } from "../../src/graph/growing.js";
import type { Limits } from "./limits.js";
import { inEventOrder } from "./event-order.js";
import type { StreamEvents } from "./stream-events.js";
import { largestIn, type Places } from "./stream-places.js";
import { Bounds } from "./stream-bounds.js";
import { reachesOf, waitsOf, type Reach } from "./stream-reach.js";

/** Two offsets that do not grow; sends and batches are numbers. */
export interface SendFault {
  /** A send, or (of `isShown`) a batch, which had the larger offset before. */
  readonly earlier: number;
  readonly isShown: boolean;
  readonly before: number;
  readonly later: number;
  readonly offset: number;
}

/** Tells of each fault; sends and batches are numbers. */
export interface SendFaults {
  /** The second was sent after the first in one operation, or after that was known to be there. */
  goesBack(kind: "int-nonmonotonic-send" | "nonmonotonic-send", fault: SendFault): void;
  /**
   * The batch shows what comes after the message, and nobody was ever shown the message. The offset
   * is its own, or (of `isBound`) one that it must be below.
   */
  lost(
    send: number,
    where: { readonly offset: number; readonly isBound: boolean; readonly batch: number },
  ): void;
  /** The batch shows nothing although the message was there for so long, and nobody ever saw it. */
  unseen(send: number, batch: number, waitedNs: number): void;
}

/** What became of all that was sent for certain. */
export interface SendFacts {
  readonly lost: number;
  /** Never polled, and not lost for certain. */
  readonly unseen: number;
  /** From acknowledgement to the end of the first poll that shows it, in milliseconds. */
  readonly deliveriesMs: Float64Array;
}

interface Following {
  readonly events: StreamEvents;
  readonly places: Places;
  readonly limits: Limits;
  readonly faults: SendFaults;
  /** How long a message may wait until a poll has to show it, in nanoseconds. */
  readonly settleNs: number;
}

/** Follows every send that is certain. */
export function followSends(history: History, following: Following): SendFacts {
  const { events, places, limits, faults, settleNs } = following;
  const { sends, acknowledged, messages, batches } = events;
  const { timesNs } = history;
  limits.check();
  if (!growsAsSent(following)) compareOffsets(following);
  limits.check();
  // Mostly somebody was shown each message, and nobody has to ask how far consumers came.
  let reaches: readonly Reach[] | undefined;
  let waits: ReturnType<typeof waitsOf> | undefined;
  const bounds = new Bounds(events, places);
  const { sinces } = batches;
  let [lost, unseen, delivered] = [0, 0, 0];
  const deliveriesMs = new Float64Array(acknowledged);
  for (let send = 0; send < sends.count; send++) {
    const message = sends.messageOf(send);
    const completion = sends.completionOf(send);
    const polledAt = messages.polledAt(message);
    const ackedNs = timesNs[completion] as number;
    if (polledAt !== NONE) {
      if (send >= acknowledged) continue;
      deliveriesMs[delivered++] = Math.max(0, (timesNs[polledAt] as number) - ackedNs) / 1e6;
      continue;
    }
    const log = messages.logOf(message);
    const place = places.sent[send] as number;
    const isBound = place === NONE;
    const offset = isBound ? bounds.above(send) : (places.offsets[place] as number);
    const reach = (reaches ??= reachesOf(events, places))[log] as Reach;
    const batch = isBound ? reach.from(offset) : reach.over(offset);
    if (batch !== NONE) {
      lost++;
      faults.lost(send, { offset, isBound, batch });
      continue;
    }
    unseen++;
    const wait = (waits ??= waitsOf(events))[log]?.find(
      (each) => sinces.at(each) === -Infinity || (!isBound && sinces.at(each) <= offset),
    );
    if (wait === undefined) continue;
    const invocation = batches.invocationOf(wait);
    const waitedNs = (timesNs[invocation] as number) - ackedNs;
    if (invocation > completion && waitedNs >= settleNs) faults.unseen(send, wait, waitedNs);
  }
  return { lost, unseen, deliveriesMs: deliveriesMs.subarray(0, delivered) };
}

/**
 * Whether messages completed one after the other, at offsets that grow, and nobody was shown one
 * before: then there is nothing to compare. False where that is not seen at once.
 */
function growsAsSent({ events, places, limits }: Following): boolean {
  const { sends, messages, logs } = events;
  if (places.conflicts.length > 0 || places.copies.length > 0) return false;
  const { items: copies } = messages.copies;
  const largest = new Float64Array(logs.length).fill(-Infinity);
  let [before, unseen] = [NONE, 0];
  for (let send = 0; send < sends.count; send++) {
    if (send % 65_536 === 0) limits.check();
    const completion = sends.completionOf(send);
    const message = sends.messageOf(send);
    const shown = messages.shownAt(message);
    if (completion < before || copies[message] !== 1) return false;
    if (shown === NONE) unseen++;
    else if (shown <= completion) return false;
    before = completion;
    const place = places.sent[send] as number;
    if (place === NONE) continue;
    const log = messages.logOf(message);
    const offset = places.offsets[place] as number;
    if (offset < (largest[log] as number)) return false;
    largest[log] = offset;
  }
  // What was shown was sent for certain, all of it.
  let shownCount = 0;
  for (let message = 0; message < messages.count; message++) {
    if (messages.shownAt(message) !== NONE) shownCount++;
  }
  return shownCount === sends.count - unseen;
}

/** Who had the largest offset of a log so far. A batch is what is left when it is taken from -1. */
class Growth {
  readonly sources: IntList = new IntList();
  largest = -Infinity;

  /** Enters an offset where it is the largest so far. */
  enter(offset: number, source: number): void {
    if (offset <= this.largest) return;
    this.largest = offset;
    this.sources.push(source);
  }
}

/**
 * Offsets grow: in one operation, and from what was acknowledged, or shown to anybody, to what is
 * sent afterwards.
 */
function compareOffsets({ events, places, faults, limits }: Following): void {
  const { sends, messages, logs, batches } = events;
  const completions = Int32Array.from({ length: sends.count }, (_, send) =>
    sends.completionOf(send),
  );
  const { offsets, sent } = places;
  /** Of each log, what has more than all before, in the order of events. */
  const records = logs.map(() => new Growth());
  const eventOf = (source: number): number =>
    source < 0 ? batches.completionOf(-1 - source) : (completions[source] as number);
  // What nobody sent is wrong by itself.
  const largestOf = (batch: number): number =>
    largestIn(events, places, { batch, isCertain: true });
  const offsetOf = (source: number): number =>
    offsets[source < 0 ? largestOf(-1 - source) : (sent[source] as number)] as number;
  const byCompletion = inEventOrder(completions);
  let told = 0;
  for (const send of byCompletion) if (sent[send] !== NONE) byCompletion[told++] = send;
  let batch = 0;
  for (let at = 0; at < told; at++) {
    if (at % 65_536 === 0) limits.check();
    const later = byCompletion[at] as number;
    const completion = completions[later] as number;
    // Of what comes at one event, no order matters: all of it is later than what is sent by then.
    for (; batch < batches.count && batches.completionOf(batch) <= completion; batch++) {
      const place = largestOf(batch);
      if (place === NONE) continue;
      const record = records[batches.logOf(batch)] as Growth;
      record.enter(offsets[place] as number, -1 - batch);
    }
    const offset = offsetOf(later);
    const log = messages.logOf(sends.messageOf(later));
    const own = sentJustBefore(events, byCompletion, at);
    const before = own === NONE ? -Infinity : offsetOf(own);
    if (offset < before) {
      const fault = { earlier: own, isShown: false, before, later, offset };
      faults.goesBack("int-nonmonotonic-send", fault);
    }
    const record = records[log] as Growth;
    // Most are larger than all before.
    if (offset < record.largest) {
      const known = lastBefore(record.sources, sends.invocationOf(later), eventOf);
      const source = known < 0 ? undefined : record.sources.at(known);
      const largest = source === undefined ? -Infinity : offsetOf(source);
      if (source !== undefined && offset < largest) {
        const isShown = source < 0;
        const earlier = isShown ? -1 - source : source;
        faults.goesBack("nonmonotonic-send", { earlier, isShown, before: largest, later, offset });
      }
    }
    record.enter(offset, later);
  }
}

/** What the same operation sent to the same log before; `NONE` for nothing. */
function sentJustBefore({ sends, messages }: StreamEvents, order: Int32Array, at: number): number {
  const { items: invocations } = sends.invocations;
  const own = order[at] as number;
  const log = messages.logOf(sends.messageOf(own));
  for (let before = at - 1; before >= 0; before--) {
    const send = order[before] as number;
    if (invocations[send] !== invocations[own]) return NONE;
    if (messages.logOf(sends.messageOf(send)) === log) return send;
  }
  return NONE;
}

/**
 * Position of the last source whose event is before this one, or -1. It is mostly near the end:
 * steps of growing size go back from there, then halves.
 */
function lastBefore(
  { items: sources, length }: IntList,
  event: number,
  eventOf: (source: number) => number,
): number {
  const eventAt = (at: number): number => eventOf(sources[at] as number);
  let high = length;
  let step = 1;
  while (high > 0 && eventAt(Math.max(0, high - step)) >= event) {
    high = Math.max(0, high - step);
    step *= 2;
  }
  let low = Math.max(0, high - step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (eventAt(middle) < event) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
