/** What happened, in the order of events: a counting sort, as events are small numbers. */

/**
 * The positions of these numbers (from 0), in their order; equal ones stay as they are. Linear in
 * how many there are and in the largest of them.
 */
export function inEventOrder(events: ArrayLike<number>): Int32Array {
  const count = events.length;
  const order = new Int32Array(count);
  let largest = 0;
  let isSorted = true;
  for (let at = 0; at < count; at++) {
    const event = events[at] as number;
    order[at] = at;
    if (event < largest) isSorted = false;
    else largest = event;
  }
  if (isSorted) return order;
  /** Event → where the next one of them belongs. */
  const places = new Int32Array(largest + 2);
  for (let at = 0; at < count; at++) {
    const next = (events[at] as number) + 1;
    places[next] = (places[next] as number) + 1;
  }
  for (let event = 1; event < places.length; event++) {
    places[event] = (places[event] as number) + (places[event - 1] as number);
  }
  for (let at = 0; at < count; at++) {
    const event = events[at] as number;
    const place = places[event] as number;
    places[event] = place + 1;
    order[place] = at;
  }
  return order;
}
