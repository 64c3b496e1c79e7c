/**
 * The times at which a run in a chosen order is shown. Time stands still while its events happen,
 * and places have times of their own; a history and a drawing need one that tells the order. So
 * each step is shown a little later than the one before, and not before its place's time.
 */
import type { MessageTripLike } from "../runner/recorded-message.js";
import type { Chooser } from "./chooser.js";
import type { Candidate } from "./step.js";
import type { Waiting } from "./waiting.js";

const STEP_NS = 1_000;

/** See above. */
export class Moments {
  /** How many steps have begun. */
  readonly #steps: () => number;
  readonly #times: number[] = [];
  #lastNs = 0;
  /** The step that has sent a message. */
  readonly #sentBy = new WeakMap<object, number>();

  constructor(steps: () => number) {
    this.#steps = steps;
  }

  /** The same chooser; what can happen tells which step has sent it. */
  watching(chooser: Chooser): Chooser {
    return {
      ...chooser,
      schedule: (candidates: readonly Candidate[], stretch, look) => {
        for (const { event, creator } of candidates as readonly Waiting[]) {
          if (typeof event.about === "object") this.#sent(event.about.message, creator);
        }
        return chooser.schedule(candidates, stretch, look);
      },
    };
  }

  /** The time of the step under way. */
  nowNs(clockNs: number): number {
    const step = this.#steps() - 1;
    const known = this.#times[step];
    if (known !== undefined) return known;
    this.#lastNs = Math.max(this.#lastNs + STEP_NS, clockNs);
    this.#times[step] = this.#lastNs;
    return this.#lastNs;
  }

  /** A message whose fate is known now. */
  trip(trip: MessageTripLike): MessageTripLike {
    const { message, sentNs, endNs } = trip;
    if (this.#steps() === 0) return trip;
    const sender = isObject(message) ? this.#sentBy.get(message) : undefined;
    const sent = sender === undefined ? undefined : this.#times[sender];
    return { ...trip, sentNs: sent ?? sentNs, endNs: this.nowNs(endNs) };
  }

  /** A message that is lost by choice of the step that has sent it. */
  lost(trip: Omit<MessageTripLike, "fate">): MessageTripLike {
    const nowNs = this.nowNs(trip.endNs);
    return { ...trip, sentNs: nowNs, endNs: nowNs, fate: "lost" };
  }

  #sent(message: unknown, step: number): void {
    if (isObject(message) && !this.#sentBy.has(message)) this.#sentBy.set(message, step);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
