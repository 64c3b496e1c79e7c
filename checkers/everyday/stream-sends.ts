/**
 * What became of the messages that were acknowledged: whether their offsets grow, whether consumers
 * passed over them (lost), or nobody came so far (unseen).
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Limits } from "./limits.js";
import { inEventOrder } from "./event-order.js";
import type { StreamEvents } from "./stream-events.js";
import type { Places } from "./stream-places.js";
import { reachesOf, waitsOf } from "./stream-reach.js";

/** Tells of each fault; sends and batches are numbers. */
export interface SendFaults {
  /** The second was sent after the first in one operation, or after it was acknowledged. */
  goesBack(
    kind: "int-nonmonotonic-send" | "nonmonotonic-send",
    sends: { readonly earlier: number; readonly later: number },
  ): void;
  /** The batch shows what comes after the message, and nobody was ever shown the message. */
  lost(send: number, offset: number, batch: number): void;
  /** The batch shows nothing although the message was there for so long, and nobody ever saw it. */
  unseen(send: number, batch: number, waitedNs: number): void;
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
  const { acknowledged, messages, batches } = events;
  const { timesNs } = history;
  limits.check();
  compareOffsets(events, faults);
  limits.check();
  const reaches = reachesOf(events, places);
  const waits = waitsOf(events);
  const since = batches.sinces.items;
  let [lost, unseen, delivered] = [0, 0, 0];
  const deliveriesMs = new Float64Array(acknowledged.count);
  for (let send = 0; send < acknowledged.count; send++) {
    const message = acknowledged.messageOf(send);
    const completion = acknowledged.completions.items[send] as number;
    const polledAt = messages.polledAt.items[message] as number;
    const ackedNs = timesNs[completion] as number;
    if (polledAt !== NONE) {
      deliveriesMs[delivered++] = Math.max(0, (timesNs[polledAt] as number) - ackedNs) / 1e6;
      continue;
    }
    const log = messages.logs.items[message] as number;
    const place = places.sent[send] as number;
    const offset = place === NONE ? Number.NaN : (places.offsets[place] as number);
    const passed = reaches[log]?.over(offset) ?? NONE;
    if (passed !== NONE) {
      lost++;
      faults.lost(send, offset, passed);
      continue;
    }
    unseen++;
    const wait = waits[log]?.find(
      (batch) => since[batch] === -Infinity || (since[batch] as number) <= offset,
    );
    if (wait === undefined) continue;
    const invocation = batches.invocationOf(wait);
    const waitedNs = (timesNs[invocation] as number) - ackedNs;
    if (invocation > completion && waitedNs >= settleNs) faults.unseen(send, wait, waitedNs);
  }
  return { lost, unseen, deliveriesMs: deliveriesMs.slice(0, delivered) };
}

/** Offsets grow: in one operation, and from what was acknowledged to what is sent afterwards. */
function compareOffsets(events: StreamEvents, faults: SendFaults): void {
  const { acknowledged, messages, logs } = events;
  const offsets = acknowledged.offsets.items;
  const { items: completions, length } = acknowledged.completions;
  /** Of each log, the sends with more than all before, in the order of their completions. */
  const records: number[][] = logs.map(() => []);
  const byCompletion = inEventOrder(completions.subarray(0, length));
  let told = 0;
  for (const send of byCompletion) {
    if (!Number.isNaN(offsets[send])) byCompletion[told++] = send;
  }
  for (let at = 0; at < told; at++) {
    const later = byCompletion[at] as number;
    const offset = offsets[later] as number;
    const log = messages.logs.items[acknowledged.messageOf(later)] as number;
    const before = sentJustBefore(events, byCompletion, at);
    if (before !== NONE && offset < (offsets[before] as number)) {
      faults.goesBack("int-nonmonotonic-send", { earlier: before, later });
    }
    const record = records[log] as number[];
    const earlier = lastBefore(record, completions, acknowledged.invocationOf(later));
    if (earlier !== undefined && offset < (offsets[earlier] as number)) {
      faults.goesBack("nonmonotonic-send", { earlier, later });
    }
    const largest = record.at(-1);
    if (largest === undefined || (offsets[largest] as number) < offset) record.push(later);
  }
}

/** What the same operation sent to the same log before; `NONE` for nothing. */
function sentJustBefore(
  { acknowledged, messages }: StreamEvents,
  sends: Int32Array,
  at: number,
): number {
  const { items: completions } = acknowledged.completions;
  const { items: logs } = messages.logs;
  const own = sends[at] as number;
  const log = logs[acknowledged.messageOf(own)];
  for (let before = at - 1; before >= 0; before--) {
    const send = sends[before] as number;
    if (completions[send] !== completions[own]) return NONE;
    if (logs[acknowledged.messageOf(send)] === log) return send;
  }
  return NONE;
}

/**
 * The last that was complete before this event. It is mostly near the end: steps of growing size go
 * back from there, then halves.
 */
function lastBefore(
  sends: readonly number[],
  completions: Int32Array,
  event: number,
): number | undefined {
  const isBefore = (at: number): boolean => (completions[sends[at] as number] as number) < event;
  let high = sends.length;
  let step = 1;
  while (high > 0 && !isBefore(Math.max(0, high - step))) {
    high = Math.max(0, high - step);
    step *= 2;
  }
  let low = Math.max(0, high - step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return sends[low - 1];
}
