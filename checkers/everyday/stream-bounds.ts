/**
 * Offsets that a message must be below of which nobody was told or shown where it is: its operation
 * sent something else to the log after it, or somebody began to when it was known to be there.
 */
import { NONE } from "../../src/history/history.js";
import { inEventOrder } from "./event-order.js";
import type { StreamEvents } from "./stream-events.js";
import type { Places } from "./stream-places.js";

/** Sends of one log by invocation, each with the smallest offset of it and all later ones. */
interface Later {
  readonly invocations: readonly number[];
  readonly smallest: readonly number[];
}

/** Made when they are first asked for: mostly all offsets are known. */
export class Bounds {
  readonly #events: StreamEvents;
  readonly #places: Places;
  #later: readonly Later[] | undefined;

  constructor(events: StreamEvents, places: Places) {
    this.#events = events;
    this.#places = places;
  }

  /** The smallest offset of all that was sent after this send; Infinity for none. */
  above(send: number): number {
    const { sends, messages } = this.#events;
    const log = messages.logOf(sends.messageOf(send));
    const invocation = sends.invocationOf(send);
    let smallest = Infinity;
    for (let own = send + 1; own < sends.count; own++) {
      if (sends.invocationOf(own) !== invocation) break;
      if (messages.logOf(sends.messageOf(own)) !== log) continue;
      smallest = Math.min(smallest, this.#offsetOf(own));
    }
    this.#later ??= this.#allLater();
    const { invocations, smallest: later } = this.#later[log] as Later;
    const known = sends.completionOf(send);
    let [low, high] = [0, invocations.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((invocations[middle] as number) < known) low = middle + 1;
      else high = middle;
    }
    return Math.min(smallest, later[low] ?? Infinity);
  }

  #offsetOf(send: number): number {
    const place = this.#places.sent[send] as number;
    return place === NONE ? Infinity : (this.#places.offsets[place] as number);
  }

  #allLater(): readonly Later[] {
    const { sends, messages, logs } = this.#events;
    const all = logs.map(() => ({ invocations: [] as number[], smallest: [] as number[] }));
    const { items, length } = sends.invocations;
    for (const send of inEventOrder(items.subarray(0, length))) {
      const log = messages.logOf(sends.messageOf(send));
      all[log]?.invocations.push(sends.invocationOf(send));
      all[log]?.smallest.push(this.#offsetOf(send));
    }
    for (const { smallest } of all) {
      for (let at = smallest.length - 2; at >= 0; at--) {
        smallest[at] = Math.min(smallest[at] as number, smallest[at + 1] as number);
      }
    }
    return all;
  }
}
