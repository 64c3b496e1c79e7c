/**
 * What became of the messages that were acknowledged: whether their offsets grow, whether consumers
 * passed over them (lost), or nobody came so far (unseen).
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Limits } from "./limits.js";
import type { AcknowledgedSend, Batch, StreamEvents } from "./stream-events.js";
import type { Message } from "./stream-numbers.js";
import type { Places } from "./stream-places.js";

/** Tells of each fault. */
export interface SendFaults {
  /** The second was sent after the first in one operation, or after it was acknowledged. */
  goesBack(
    kind: "int-nonmonotonic-send" | "nonmonotonic-send",
    sends: { readonly earlier: AcknowledgedSend; readonly later: AcknowledgedSend },
  ): void;
  /** The batch shows what comes after the message, and nobody was ever shown the message. */
  lost(send: AcknowledgedSend, offset: number, batch: Batch): void;
  /** The batch shows nothing although the message was there for so long, and nobody ever saw it. */
  unseen(send: AcknowledgedSend, batch: Batch, waitedNs: number): void;
}

/** What became of the acknowledged sends. */
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

/** Follows every acknowledged send. */
export function followSends(history: History, following: Following): SendFacts {
  const { events, places, limits, faults, settleNs } = following;
  const { acknowledged, messages } = events;
  const { timesNs } = history;
  limits.check();
  compareOffsets(events, faults);
  limits.check();
  const reaches = reachesOf(following);
  const waits = waitsOf(events);
  let [lost, unseen, delivered] = [0, 0, 0];
  const deliveriesMs = new Float64Array(acknowledged.length);
  for (let at = 0; at < acknowledged.length; at++) {
    const send = acknowledged[at] as AcknowledgedSend;
    const { log, polledAt } = messages[send.message] as Message;
    const ackedNs = timesNs[send.completion] as number;
    if (polledAt !== NONE) {
      deliveriesMs[delivered++] = Math.max(0, (timesNs[polledAt] as number) - ackedNs) / 1e6;
      continue;
    }
    const place = places.sent[at] as number;
    const offset = place === NONE ? Number.NaN : (places.offsets[place] as number);
    const passed = reaches[log]?.over(offset);
    if (passed !== undefined) {
      lost++;
      faults.lost(send, offset, passed);
      continue;
    }
    unseen++;
    const isShown = ({ since }: Batch): boolean => since === -Infinity || since <= offset;
    const wait = waits[log]?.find((batch) => isShown(batch));
    if (wait === undefined) continue;
    const waitedNs = (timesNs[wait.invocation] as number) - ackedNs;
    if (wait.invocation > send.completion && waitedNs >= settleNs) {
      faults.unseen(send, wait, waitedNs);
    }
  }
  return { lost, unseen, deliveriesMs: deliveriesMs.slice(0, delivered) };
}

/** Offsets grow: in one operation, and from what was acknowledged to what is sent afterwards. */
function compareOffsets({ acknowledged, messages, logs }: StreamEvents, faults: SendFaults): void {
  /** Of each log, the sends with more than all before, in the order of their completions. */
  const records: AcknowledgedSend[][] = logs.map(() => []);
  const byCompletion = acknowledged.filter(({ offset }) => !Number.isNaN(offset));
  const isSorted = byCompletion.every(
    ({ completion }, at) => completion >= (byCompletion[at - 1]?.completion ?? 0),
  );
  if (!isSorted) byCompletion.sort((a, b) => a.completion - b.completion);
  for (let at = 0; at < byCompletion.length; at++) {
    const later = byCompletion[at] as AcknowledgedSend;
    const { log } = messages[later.message] as Message;
    const before = sentJustBefore(byCompletion, at, messages);
    if (before !== undefined && later.offset < before.offset) {
      faults.goesBack("int-nonmonotonic-send", { earlier: before, later });
    }
    const record = records[log] as AcknowledgedSend[];
    const earlier = lastBefore(record, later.invocation);
    if (earlier !== undefined && later.offset < earlier.offset) {
      faults.goesBack("nonmonotonic-send", { earlier, later });
    }
    const largest = record.at(-1);
    if (largest === undefined || largest.offset < later.offset) record.push(later);
  }
}

/** What the same operation sent to the same log before. */
function sentJustBefore(
  sends: readonly AcknowledgedSend[],
  at: number,
  messages: readonly Message[],
): AcknowledgedSend | undefined {
  const { completion, message } = sends[at] as AcknowledgedSend;
  for (let before = at - 1; sends[before]?.completion === completion; before--) {
    const send = sends[before] as AcknowledgedSend;
    if (messages[send.message]?.log === messages[message]?.log) return send;
  }
  return undefined;
}

/** The last that was complete before this event. */
function lastBefore(
  sends: readonly AcknowledgedSend[],
  index: number,
): AcknowledgedSend | undefined {
  let [low, high] = [0, sends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sends[middle] as AcknowledgedSend).completion < index) low = middle + 1;
    else high = middle;
  }
  return sends[low - 1];
}

/** Which offsets of a log were passed over by some consumer, or shown to it. */
class Reach {
  /** The batch that goes furthest, of consumers that began at the beginning. */
  #furthest: { readonly offset: number; readonly batch: Batch } | undefined;
  readonly #stretches: {
    readonly since: number;
    readonly offset: number;
    readonly batch: Batch;
  }[] = [];
  #isSorted = true;

  add(since: number, offset: number, batch: Batch): void {
    if (since === -Infinity) {
      if (this.#furthest === undefined || offset > this.#furthest.offset) {
        this.#furthest = { offset, batch };
      }
    } else {
      this.#stretches.push({ since, offset, batch });
      this.#isSorted = false;
    }
  }

  /** A batch that shows something after the offset, of a consumer that began before it. */
  over(offset: number): Batch | undefined {
    if (Number.isNaN(offset)) return undefined;
    if (this.#furthest !== undefined && offset < this.#furthest.offset) return this.#furthest.batch;
    if (!this.#isSorted) this.#sort();
    let [low, high] = [0, this.#stretches.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#stretches[middle]?.since ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const stretch = this.#stretches[low - 1];
    return stretch !== undefined && stretch.offset > offset ? stretch.batch : undefined;
  }

  /** By beginning; each gets the furthest end of all that begin before it or with it. */
  #sort(): void {
    this.#stretches.sort((a, b) => a.since - b.since);
    for (let at = 1; at < this.#stretches.length; at++) {
      const [before, own] = [this.#stretches[at - 1], this.#stretches[at]];
      if (before === undefined || own === undefined || before.offset <= own.offset) continue;
      this.#stretches[at] = { ...before, since: own.since };
    }
    this.#isSorted = true;
  }
}

function reachesOf({ events, places }: Following): readonly Reach[] {
  const reaches = events.logs.map(() => new Reach());
  for (const batch of events.batches) {
    const { start, end, log, group, completion, since } = batch;
    let largest = -Infinity;
    for (let k = start; k < end; k++) {
      const place = places.seen[k] as number;
      if (place !== NONE) largest = Math.max(largest, places.offsets[place] as number);
    }
    if (largest === -Infinity) continue;
    // A group begins at the beginning; who of it has taken what is known as long as all answer.
    const isKnown =
      group !== undefined && completion < (events.unknownPolls.get(group) ?? Infinity);
    reaches[log]?.add(isKnown ? -Infinity : since, largest, batch);
  }
  return reaches;
}

/**
 * Of each log, the polls that waited for it in vain: the last one, and before it those of consumers
 * that began earlier in the log.
 */
function waitsOf({ batches, logs }: StreamEvents): readonly (readonly Batch[])[] {
  const waits: Batch[][] = logs.map(() => []);
  const empty = batches.filter(({ start, end, since }) => start === end && since < Infinity);
  for (const batch of empty.sort((a, b) => b.invocation - a.invocation)) {
    const known = waits[batch.log] as Batch[];
    if (batch.since < (known.at(-1)?.since ?? Infinity)) known.push(batch);
  }
  return waits;
}
