/**
 * Whether operations on logs fit one order that is easily had, so that no cycle needs to be looked
 * for: each takes place when it completes, or just before somebody is first shown what it sent,
 * whichever comes first. That keeps process order and real time: no operation comes before its own
 * invocation. What remains to be asked is whether each was shown only what was sent before it; of
 * who takes place at its completion that is certain. No graph; where the answer is no, the graph
 * has to say (stream-graph.ts).
 */
import { NONE, OK, type History } from "../../src/history/history.js";
import { outcomeOf } from "./functions.js";
import type { Limits } from "./limits.js";
import type { StreamEvents } from "./stream-events.js";

/** Later than all that happens. */
const NEVER = 0x7fffffff;

/** Whether all that was shown was sent before, where each operation takes place at one point. */
export function fitsPoints(history: History, events: StreamEvents, limits: Limits): boolean {
  const { batches, shown, messages } = events;
  const { items: copies } = messages.copies;
  // Of what did not complete, only what was shown happened; it precedes nobody in time.
  const latestOf = (invocation: number): number =>
    outcomeOf(history, invocation) === OK ? 2 * (history.pairs[invocation] as number) + 1 : NEVER;
  // Invocation → its point, where that is earlier than its latest: twice the event, and one more
  // where it is the completion itself. Who first shows a message that one operation alone sent
  // makes it the earliest.
  let earlier: Int32Array | undefined;
  let areAllSentFirst = true;
  for (let message = 0; message < messages.count; message++) {
    if (message % 65_536 === 0) limits.check();
    if (copies[message] !== 1) continue;
    const sender = messages.firstSendOf(message);
    const first = messages.shownAt(message);
    if (first === NONE) continue;
    if (sender > first) areAllSentFirst = false;
    else if (2 * first < latestOf(sender)) {
      if (earlier === undefined) {
        limits.hold(history.length * 4);
        earlier = new Int32Array(history.length);
      }
      const known = earlier[sender] as number;
      if (known === 0 || 2 * first < known) earlier[sender] = 2 * first;
    }
  }
  // Who takes place at its completion comes after all that is shown by then.
  if (earlier === undefined && areAllSentFirst) return true;
  const pointOf = (invocation: number): number => {
    const known = earlier === undefined ? 0 : (earlier[invocation] as number);
    return known === 0 ? latestOf(invocation) : known;
  };
  for (let batch = 0; batch < batches.count; batch++) {
    if (batch % 65_536 === 0) limits.check();
    const reader = batches.invocationOf(batch);
    const completion = batches.completionOf(batch);
    const point = pointOf(reader);
    if (point === NEVER || (areAllSentFirst && point === 2 * completion + 1)) continue;
    const end = batches.endOf(batch);
    for (let k = batches.startOf(batch); k < end; k++) {
      const message = shown.messageOf(k);
      if (copies[message] !== 1) continue;
      const sender = messages.firstSendOf(message);
      if (sender === reader || sender > completion) continue;
      if (pointOf(sender) >= point) return false;
    }
  }
  return true;
}
