/** How far consumers of a log have come, and which of them waited for it in vain. */
import { NONE } from "../../src/history/history.js";
import { inEventOrder } from "./event-order.js";
import type { StreamEvents } from "./stream-events.js";
import { largestIn, type Places } from "./stream-places.js";

/** A consumer was shown everything from here to there, or had it passed over. */
interface Stretch {
  readonly since: number;
  readonly offset: number;
  readonly batch: number;
}

/** Which offsets of a log were passed over by some consumer, or shown to it. */
export class Reach {
  /** The batch that goes furthest, of consumers that began at the beginning; `NONE` for none. */
  #furthest: number = NONE;
  #furthestOffset = -Infinity;
  readonly #stretches: Stretch[] = [];
  #isSorted = true;

  add(since: number, offset: number, batch: number): void {
    // No offset is below 0.
    if (since <= 0) {
      if (this.#furthest === NONE || offset > this.#furthestOffset) {
        this.#furthest = batch;
        this.#furthestOffset = offset;
      }
    } else {
      this.#stretches.push({ since, offset, batch });
      this.#isSorted = false;
    }
  }

  /** A batch that shows something at the offset or after it, of one that began at the beginning. */
  from(offset: number): number {
    return offset <= this.#furthestOffset ? this.#furthest : NONE;
  }

  /** A batch that shows something after the offset, of a consumer that began before it. */
  over(offset: number): number {
    if (Number.isNaN(offset)) return NONE;
    if (this.#furthest !== NONE && offset < this.#furthestOffset) return this.#furthest;
    if (!this.#isSorted) this.#sort();
    let [low, high] = [0, this.#stretches.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#stretches[middle]?.since ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const stretch = this.#stretches[low - 1];
    return stretch !== undefined && stretch.offset > offset ? stretch.batch : NONE;
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

/** Of each log, how far its consumers have come. */
export function reachesOf(events: StreamEvents, places: Places): readonly Reach[] {
  const { batches, unknownPolls } = events;
  const reaches = events.logs.map(() => new Reach());
  for (let batch = 0; batch < batches.count; batch++) {
    const place = largestIn(events, places, { batch });
    if (place === NONE) continue;
    const largest = places.offsets[place] as number;
    const isShared = batches.groups.at(batch) !== NONE;
    const group = isShared ? batches.groupOf(batch) : undefined;
    // A group begins at the beginning; who of it has taken what is known as long as all answer.
    const isKnown =
      group !== undefined && batches.completionOf(batch) < (unknownPolls.get(group) ?? Infinity);
    const since = isKnown ? -Infinity : batches.sinces.at(batch);
    reaches[batches.logOf(batch)]?.add(since, largest, batch);
  }
  return reaches;
}

/**
 * Of each log, the polls that waited for it in vain: the last one, and before it those of consumers
 * that began earlier in the log.
 */
export function waitsOf({ batches, logs }: StreamEvents): readonly (readonly number[])[] {
  const waits: number[][] = logs.map(() => []);
  const { sinces } = batches;
  const empty: number[] = [];
  /** How long before the last event each was invoked: later invocations come first. */
  const order: number[] = [];
  const last = batches.count === 0 ? 0 : batches.completionOf(batches.count - 1);
  for (let batch = 0; batch < batches.count; batch++) {
    if (batches.startOf(batch) !== batches.endOf(batch)) continue;
    if (sinces.at(batch) === Infinity) continue;
    empty.push(batch);
    order.push(last - batches.invocationOf(batch));
  }
  for (const at of inEventOrder(order)) {
    const batch = empty[at] as number;
    const known = waits[batches.logOf(batch)] as number[];
    const before = known.at(-1);
    if (before !== undefined && sinces.at(batch) >= sinces.at(before)) continue;
    known.push(batch);
  }
  return waits;
}
