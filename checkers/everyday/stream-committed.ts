/**
 * Which indeterminate operations must have happened: a message that a poll shows and that nobody
 * else sent was sent. A transaction happens as a whole, so that one such message tells of all that
 * its operation sent; of steps that are no transaction each tells only of itself.
 */
import type { StreamEvents } from "./stream-events.js";

/** Adds to the sends that are certain; they are so from the first poll on that shows one. */
export function addCommitted(
  { open, sends, messages }: StreamEvents,
  areTransactions: boolean,
): void {
  const { count } = open;
  for (let first = 0; first < count;) {
    const invocation = open.invocationOf(first);
    let end = first + 1;
    while (end < count && open.invocationOf(end) === invocation) end++;
    let earliest = Infinity;
    for (let send = first; send < end; send++) {
      earliest = Math.min(earliest, ownShown(messages, open.messageOf(send), invocation));
    }
    for (let send = first; send < end; send++) {
      const message = open.messageOf(send);
      const completion = areTransactions ? earliest : ownShown(messages, message, invocation);
      if (completion === Infinity) continue;
      sends.add({ invocation, completion, message, offset: open.offsetOf(send) });
    }
    first = end;
  }
}

/** When a message was first shown that was sent once; Infinity for never. */
function ownShown(messages: StreamEvents["messages"], message: number, invocation: number): number {
  if (messages.copies.items[message] !== 1) return Infinity;
  const shown = messages.shownAt(message);
  // What is shown before anybody tries to send it is wrong by itself.
  return shown < invocation ? Infinity : shown;
}
