/**
 * Which messages of a run need no room in its drawing: what came before everything, what cannot
 * have had a part in the anomaly, and what repeats what others of its kind tell.
 */
import type { History } from "../../src/history/history.js";
import type { RecordedMessage } from "../../src/runner/recorded-message.js";

/** What a message is judged by. */
export interface Candidate {
  readonly message: RecordedMessage;
  /** Positions in the lanes. */
  readonly from: number;
  readonly to: number;
  readonly ofAnomaly: boolean;
}

/** An operation that the anomaly is about. */
export interface RequiredOperation {
  readonly lane: number;
  /** Infinity when it never completed. */
  readonly endNs: number;
}

/** What the messages are seen against. */
export interface Story {
  readonly history: History;
  readonly nodeCount: number;
  readonly required: readonly RequiredOperation[];
}

/** Where more would be told, less of a kind is; in the end of the kinds that come most often. */
const TOLD_MAX = 48;

/** The positions of the messages in the background. O(n log n). */
export function backgroundOf(
  messages: readonly Candidate[],
  { history, nodeCount, required }: Story,
): ReadonlySet<number> {
  const startNs = history.timesNs[0] ?? 0;
  const cone = required.length === 0 ? undefined : coneOf(messages, required);
  const background = new Set<number>();
  messages.forEach(({ message, ofAnomaly }, index) => {
    const isPart = cone === undefined || cone.has(index) || ofAnomaly;
    if (message.sentNs < startNs || !isPart) background.add(index);
  });
  const groups = groupsOf(messages, background, history);
  const repeated = (kept: number): readonly number[] =>
    groups.flatMap((group) => (group.length > kept ? group.slice(1, -1) : []));
  const most = 2 * Math.max(2, nodeCount - 1);
  const usual = repeated(most);
  const told = messages.length - background.size;
  for (const index of told - usual.length > TOLD_MAX ? repeated(2) : usual) background.add(index);
  for (const index of leastTelling(messages, background)) background.add(index);
  return background;
}

/**
 * The causal past of the anomaly (Lamport 1978): the messages that arrived where something of it
 * was still to happen, and those that were sent there and did not arrive. One pass from the end:
 * when a message is looked at, all that could make its receiver part of the past later has been.
 */
function coneOf(
  messages: readonly Candidate[],
  required: readonly RequiredOperation[],
): ReadonlySet<number> {
  /** Until when what happens on a lane is part of it. */
  const untilNs = new Map<number, number>();
  const extend = (lane: number, timeNs: number): void => {
    untilNs.set(lane, Math.max(untilNs.get(lane) ?? -1, timeNs));
  };
  for (const { lane, endNs } of required) extend(lane, endNs);
  const order = [...messages.keys()].toSorted(
    (a, b) => messageAt(messages, b).endNs - messageAt(messages, a).endNs,
  );
  const cone = new Set<number>();
  for (let at = 0, next = 0; at < order.length; at = next) {
    const { endNs } = messageAt(messages, order[at] as number);
    while (next < order.length && messageAt(messages, order[next] as number).endNs === endNs)
      next++;
    const together = order.slice(at, next);
    // What took no time lets others that arrived at this moment be part of the past.
    for (let isAgain = true; isAgain;) {
      isAgain = false;
      for (const index of together) {
        const { from, to, message } = messages[index] as Candidate;
        const isPart = message.fate === "delivered" && endNs <= (untilNs.get(to) ?? -1);
        if (!isPart || cone.has(index)) continue;
        cone.add(index);
        extend(from, message.sentNs);
        if (message.sentNs === endNs) isAgain = true;
      }
    }
  }
  messages.forEach(({ from, message }, index) => {
    if (message.fate !== "delivered" && message.sentNs <= (untilNs.get(from) ?? -1))
      cone.add(index);
  });
  return cone;
}

function messageAt(messages: readonly Candidate[], index: number): RecordedMessage {
  return (messages[index] as Candidate).message;
}

/** Messages of one kind and fate between two events of the history, in the order of sending. */
function groupsOf(
  messages: readonly Candidate[],
  without: ReadonlySet<number>,
  history: History,
): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  let epoch = 0;
  messages.forEach(({ message: { sentNs, label, fate } }, index) => {
    while (epoch < history.length && (history.timesNs[epoch] as number) <= sentNs) epoch++;
    if (without.has(index)) return;
    const name = JSON.stringify([epoch, label, fate]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [index]);
    else group.push(index);
  });
  return [...groups.values()];
}

/** Of what is left, all beyond so many: first of the kinds that come most often, and early ones. */
function leastTelling(
  messages: readonly Candidate[],
  without: ReadonlySet<number>,
): readonly number[] {
  const counts = new Map<string, number>();
  for (const { message } of messages)
    counts.set(message.label, (counts.get(message.label) ?? 0) + 1);
  const countAt = (index: number): number => counts.get(messageAt(messages, index).label) ?? 0;
  const isMarked = (index: number): number => ((messages[index] as Candidate).ofAnomaly ? 0 : 1);
  const left = [...messages.keys()].filter((index) => !without.has(index));
  return left
    .toSorted((a, b) => isMarked(a) - isMarked(b) || countAt(a) - countAt(b) || b - a)
    .slice(TOLD_MAX);
}
