/**
 * From the order of a queue to an order of effect.
 *
 * The order of the queue puts inserts in a chain, heads in another, each insert before the heads of
 * its element, and a moment of emptiness after all of what comes before it and before all of what
 * comes after. Each operation takes effect as late as possible: when it completes, after everything
 * that has to come before it. That has been invoked by then, since no operation that has to be
 * first is invoked after the completion of one that has to follow it: this is what `→` in
 * `queue-order.ts` says. O(n).
 */
import assert from "node:assert/strict";
import { NONE } from "../../../../src/history/history.js";
import { INSERT, REMOVE, type Elements } from "../elements.js";
import type { Calls } from "../monitor.js";
import type { Timeline } from "../timeline.js";
import type { QueueOrder } from "./queue-order.js";

/** An order of effect in which the queue has the order that is given. */
export function schedule(
  queueOrder: QueueOrder,
  elements: Elements,
  { calls, timeline }: { readonly calls: Calls; readonly timeline: Timeline },
): Int32Array {
  const { callAt, ends, length } = timeline;
  const effects = new Effects(queueOrder, elements, calls.count);
  for (let event = 0; event < length; event++) {
    const call = callAt[event] as number;
    if (ends[call] === event) effects.complete(call, calls.roles[call] as number);
  }
  return effects.order();
}

/** Effects so far. */
class Effects {
  readonly #items: Int32Array;
  readonly #removes: Int32Array;
  readonly #elements: Elements;
  /** By element, and by call that found the queue empty: place in the order. */
  readonly #places: Int32Array;
  readonly #emptyPlaces = new Map<number, number>();
  readonly #done: Uint8Array;
  readonly #order: Int32Array;
  #count = 0;
  /** Places before which everything has been inserted, and has left. */
  #inserted = 0;
  #left = 0;

  constructor({ items, removes }: QueueOrder, elements: Elements, count: number) {
    this.#items = items;
    this.#removes = removes;
    this.#elements = elements;
    this.#places = new Int32Array(elements.count);
    this.#done = new Uint8Array(count);
    this.#order = new Int32Array(count);
    for (let place = 0; place < items.length; place++) {
      const item = items[place] as number;
      if (item < 0) this.#emptyPlaces.set(~item, place);
      else this.#places[item] = place;
    }
  }

  /** Gives a call its effect, if it has had none yet. */
  complete(call: number, role: number): void {
    if (this.#done[call] === 1) return;
    const element = this.#elements.elementOf[call] as number;
    if (element === NONE) {
      this.#empty(call, this.#emptyPlaces.get(call) as number);
      return;
    }
    const place = this.#places[element] as number;
    if (role === INSERT) this.#insertUpTo(place + 1);
    else if (role === REMOVE) this.#leaveUpTo(place + 1);
    else {
      this.#leaveUpTo(place);
      this.#insertUpTo(place + 1);
      this.#happen(call);
    }
  }

  order(): Int32Array {
    return this.#order.subarray(0, this.#count);
  }

  #happen(call: number): void {
    if (this.#done[call] === 1) return;
    this.#done[call] = 1;
    this.#order[this.#count++] = call;
  }

  #empty(call: number, place: number): void {
    this.#leaveUpTo(place);
    this.#insertUpTo(place);
    this.#happen(call);
  }

  #insertUpTo(place: number): void {
    while (this.#inserted < place) {
      const item = this.#items[this.#inserted] as number;
      if (item < 0) this.#empty(~item, this.#inserted);
      else this.#happen(this.#elements.inserts[item] as number);
      this.#inserted++;
    }
  }

  #leaveUpTo(place: number): void {
    const { firstPeek, nextPeek } = this.#elements;
    while (this.#left < place) {
      const item = this.#items[this.#left] as number;
      this.#insertUpTo(this.#left + 1);
      if (item >= 0) {
        for (let call = firstPeek[item] as number; call !== NONE; call = nextPeek[call] as number) {
          this.#happen(call);
        }
        const remove = this.#removes[item] as number;
        assert(remove !== NONE, "an element that stays is ahead of one that leaves");
        this.#happen(remove);
      }
      this.#left++;
    }
  }
}
