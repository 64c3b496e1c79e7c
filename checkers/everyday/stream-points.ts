/**
 * Whether operations on logs fit one order that is easily had, so that no cycle needs to be looked
 * for: each takes place when it completes, or just before somebody is first shown what it sent,
 * whichever comes first. That keeps process order and real time: no operation comes before its own
 * invocation. What remains to be asked is whether each was shown only what was sent before it. One
 * pass, and no graph; where the answer is no, the graph has to say (stream-graph.ts).
 */
import { OK, type History } from "../../src/history/history.js";
import { outcomeOf } from "./functions.js";
import type { Limits } from "./limits.js";
import type { StreamEvents } from "./stream-events.js";

/** Later than all that happens. */
const NEVER = 0x7fffffff;

/** Whether all that was shown was sent before, where each operation takes place at one point. */
export function fitsPoints(history: History, events: StreamEvents, limits: Limits): boolean {
  const { batches, seenMessages, messages } = events;
  const { items: seen } = seenMessages;
  const { items: copies } = messages.copies;
  const { items: firstSends } = messages.firstSends;
  const { items: completions } = batches.completions;
  limits.hold(history.length * 4);
  // Invocation → its point: twice the event, and one more where it is the completion itself. Of
  // what did not complete, only what was shown happened; it precedes nobody in time.
  const points = new Int32Array(history.length).fill(NEVER);
  for (const invocation of history.invocations()) {
    if (outcomeOf(history, invocation) !== OK) continue;
    points[invocation] = 2 * (history.pairs[invocation] as number) + 1;
  }
  /** Goes through what is shown of messages that one operation alone began to send before. */
  const every = (accepts: (sender: number, batch: number) => boolean): boolean => {
    for (let batch = 0; batch < batches.count; batch++) {
      if (batch % 65_536 === 0) limits.check();
      const reader = batches.invocationOf(batch);
      const completion = completions[batch] as number;
      const end = batches.endOf(batch);
      for (let k = batches.startOf(batch); k < end; k++) {
        const message = seen[k] as number;
        if (copies[message] !== 1) continue;
        const sender = firstSends[message] as number;
        if (sender === reader || sender > completion) continue;
        if (!accepts(sender, batch)) return false;
      }
    }
    return true;
  };
  every((sender, batch) => {
    const point = 2 * (completions[batch] as number);
    if (point < (points[sender] as number)) points[sender] = point;
    return true;
  });
  return every((sender, batch) => {
    const point = points[batches.invocationOf(batch)] as number;
    return point === NEVER || (points[sender] as number) < point;
  });
}
