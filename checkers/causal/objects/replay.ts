/**
 * Whether some order of operations explains results: a search over how much of each session has
 * been placed, and the state; depth first, no situation twice.
 */
import { canonical, type Value } from "../../../src/history/value.js";
import type { Operation } from "../../../src/history/operation.js";
import type { Model } from "../../../src/model/model.js";
import { stateOf } from "../../../src/model/state.js";
import type { Meter } from "../../linearizable/meter.js";
import { hidden, type Call, type Session } from "./operations.js";

/** How many operations of each session. */
export type Counts = readonly number[];

/** What is to be explained. */
export interface Question {
  /** The operations to place: so many of each session. */
  readonly counts: Counts;
  /** What must be placed before an operation; its session's own order is kept anyway. */
  before(call: Call): Counts;
  /** Whether the result of an operation must be right; others may have had any. */
  readonly isKept: (call: Call) => boolean;
  /** Placed last, with its result; undefined when the kept ones are all. */
  readonly last?: Call;
  /** Whether operations of a session may be left out. */
  isOptional?(session: number): boolean;
}

/** Asks the model. */
export class Replay {
  readonly #model: Model;
  readonly #sessions: readonly Session[];
  readonly #meter: Meter;
  readonly #finals = new Map<Call, boolean>();

  constructor(model: Model, sessions: readonly Session[], meter: Meter) {
    this.#model = model;
    this.#sessions = sessions;
    this.#meter = meter;
  }

  /** An order of the placed operations that explains, if there is one. @throws LimitReached */
  explain(question: Question): readonly Call[] | undefined {
    const seen = new Set<string>();
    const start = this.#sessions.map(() => 0);
    const order: Call[] = [];
    return this.#place(question, { seen, order, placed: start, state: this.#model.initial() })
      ? order
      : undefined;
  }

  /** Whether a given order explains a call. @throws LimitReached */
  explainsInOrder(order: readonly Call[], last: Call): boolean {
    let states: readonly Value[] = [this.#model.initial()];
    for (const { operation } of order) {
      this.#meter.spend(4 * states.length);
      const next = states.flatMap((state) => this.#step(state, hidden(operation)));
      states = [...new Map(next.map((state) => [canonical(state), state])).values()];
    }
    return states.some((state) => this.#step(state, last.operation).length > 0);
  }

  #step(state: Value, operation: Operation): readonly Value[] {
    return this.#model.step(state, operation).map((next) => stateOf(this.#model, next));
  }

  /** Whether the state rules out for good what has to be explained later (see `LookAhead`). */
  #isHopeless({ counts, last, isKept }: Question, placed: Counts, state: Value): boolean {
    const { lookAhead } = this.#model;
    if (lookAhead === undefined) return false;
    const isLost = (call: Call): boolean =>
      this.#isFinal(call) && !lookAhead.mayLeadTo(state, call.operation);
    if (last !== undefined && isLost(last)) return true;
    return this.#sessions.some(({ calls }, session) => {
      const rest = calls.slice(placed[session], counts[session]);
      return rest.some((call) => isKept(call) && isLost(call));
    });
  }

  /** Whether no operation can make an observation possible again that was ruled out. */
  #isFinal(observation: Call): boolean {
    const known = this.#finals.get(observation);
    if (known !== undefined) return known;
    const { lookAhead } = this.#model;
    const isFinal =
      lookAhead?.observes(observation.operation) === true &&
      !this.#sessions.some(({ calls }) =>
        calls.some(
          ({ operation, isUpdate }) =>
            isUpdate &&
            (lookAhead.restores(hidden(operation), observation.operation) ||
              lookAhead.restores(operation, observation.operation)),
        ),
      );
    this.#finals.set(observation, isFinal);
    return isFinal;
  }

  #place(
    question: Question,
    at: {
      readonly seen: Set<string>;
      readonly order: Call[];
      readonly placed: readonly number[];
      readonly state: Value;
    },
  ): boolean {
    const { seen, order, placed, state } = at;
    const { counts, last } = question;
    this.#meter.spend(8);
    const name = `${placed.join()} ${canonical(state)}`;
    if (seen.has(name)) return false;
    seen.add(name);
    const isDone = counts.every(
      (count, session) => placed[session] === count || question.isOptional?.(session) === true,
    );
    if (this.#isHopeless(question, placed, state)) return false;
    if (isDone && (last === undefined || this.#step(state, last.operation).length > 0)) {
      return true;
    }
    for (const [session, { calls, parent }] of this.#sessions.entries()) {
      const place = placed[session] as number;
      if (place >= (counts[session] as number)) continue;
      if (parent !== undefined && (placed[parent.session] as number) < parent.after) continue;
      const call = calls[place] as Call;
      const isKept = question.isKept(call);
      const further = placed.with(session, place + 1);
      // What changes nothing, and may have returned anything, is not there: nothing else to try.
      if (!call.isUpdate && !isKept) {
        return this.#place(question, { seen, order, placed: further, state });
      }
      if (question.before(call).some((count, other) => (placed[other] as number) < count)) continue;
      const operation = isKept ? call.operation : hidden(call.operation);
      order.push(call);
      for (const next of this.#step(state, operation)) {
        if (this.#place(question, { seen, order, placed: further, state: next })) return true;
      }
      order.pop();
    }
    return false;
  }
}
