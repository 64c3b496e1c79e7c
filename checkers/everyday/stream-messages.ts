/**
 * The messages of logs, in columns. A message is a value in a log; several sends of one value are
 * one message with several copies.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { IntList, UsualList } from "../../src/graph/growing.js";

/** Grows as messages come up; they are numbered. */
export class Messages {
  readonly logs: IntList = new IntList();
  /** Sends that did not fail. */
  readonly copies: IntList = new IntList();
  /** Invocation of the first send that did not fail, and of the first that did; or `NONE`. */
  readonly firstSends: IntList = new IntList();
  readonly failedSends: UsualList = new UsualList(NONE);
  /** Completion of the first poll that shows it and did not fail; `NONE` for none. */
  readonly polledAt: IntList = new IntList();
  /** The same for polls that failed, which were shown it all the same. */
  readonly #shownToFailed = new Map<number, number>();
  /** Where the value stands in the pool, or (below `NONE`) in `#values`. */
  readonly #places = new IntList();
  /** Values that are not in the pool by themselves. */
  readonly #values: Value[] = [];
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  get count(): number {
    return this.logs.length;
  }

  /** Adds a message that is in the pool. */
  addAt(log: number, position: number): number {
    this.copies.push(0);
    this.firstSends.push(NONE);
    this.polledAt.push(NONE);
    this.#places.push(position);
    return this.logs.push(log);
  }

  /** Adds a message. */
  add(log: number, value: Value): number {
    return this.addAt(log, NONE - this.#values.push(value));
  }

  valueOf(message: number): Value {
    const place = this.#places.items[message] as number;
    if (place > NONE) return this.#history.valueAt(place);
    return this.#values[NONE - place - 1] as Value;
  }

  /** A poll shows it: the completion, and whether it failed. */
  shown(message: number, completion: number, isFailed: boolean): void {
    const polledAt = this.polledAt.items;
    if (isFailed) {
      if (!this.#shownToFailed.has(message)) this.#shownToFailed.set(message, completion);
    } else if (polledAt[message] === NONE) polledAt[message] = completion;
  }

  /** Completion of the first poll that shows it, even if that failed; `NONE` for none. */
  shownAt(message: number): number {
    const polledAt = this.polledAt.items[message] as number;
    const toFailed = this.#shownToFailed.get(message);
    if (toFailed === undefined) return polledAt;
    return polledAt === NONE ? toFailed : Math.min(polledAt, toFailed);
  }

  /** A send was begun: whether it failed, and the invocation. */
  sent(message: number, isFailed: boolean, invocation: number): void {
    if (isFailed) {
      if (this.failedSends.at(message) === NONE) this.failedSends.set(message, invocation);
      return;
    }
    const first = this.firstSends.items;
    if (first[message] === NONE) first[message] = invocation;
    this.copies.items[message] = (this.copies.items[message] as number) + 1;
  }
}
