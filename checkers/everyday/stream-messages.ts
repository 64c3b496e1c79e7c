/**
 * The messages of logs, in columns. A message is a value in a log; several sends of one value are
 * one message with several copies.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { IntList, QuadList, UsualList } from "../../src/graph/growing.js";

/** Grows as messages come up; they are numbered. */
export class Messages {
  /** Log, `offsetEntry`, first send, first poll. */
  readonly #rows: QuadList;
  /** Sends that did not fail. */
  readonly copies: IntList;
  /** Invocation of the first send that failed; or `NONE`. */
  readonly failedSends: UsualList = new UsualList(NONE);
  /** Completion of the first poll that failed and was shown it all the same. */
  readonly #shownToFailed = new Map<number, number>();
  /** Where the value stands in the pool, or (below `NONE`) in `#values`. */
  readonly #places: IntList;
  /** Values that are not in the pool by themselves. */
  readonly #values: Value[] = [];
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
    // Mostly an operation sends one at most; room that stays empty costs nothing.
    const room = Math.max(64, history.length >>> 1);
    this.#rows = new QuadList(room);
    this.copies = new IntList(room);
    this.#places = new IntList(room);
  }

  get count(): number {
    return this.#rows.length;
  }

  /** Adds a message that is in the pool. */
  addAt(log: number, position: number): number {
    this.copies.push(0);
    this.#places.push(position);
    return this.#rows.push(log, 0, NONE, NONE);
  }

  /** Adds a message. */
  add(log: number, value: Value): number {
    return this.addAt(log, NONE - this.#values.push(value));
  }

  logOf(message: number): number {
    return this.#rows.items[4 * message] as number;
  }

  /** What stands for the offset where it was first shown (stream-shown.ts); 0 before. */
  offsetEntry(message: number): number {
    return this.#rows.items[4 * message + 1] as number;
  }

  setOffsetEntry(message: number, entry: number): void {
    this.#rows.items[4 * message + 1] = entry;
  }

  /** Invocation of the first send that did not fail; or `NONE`. */
  firstSendOf(message: number): number {
    return this.#rows.items[4 * message + 2] as number;
  }

  /** Completion of the first poll that shows it and did not fail; `NONE` for none. */
  polledAt(message: number): number {
    return this.#rows.items[4 * message + 3] as number;
  }

  valueOf(message: number): Value {
    const place = this.#places.items[message] as number;
    if (place > NONE) return this.#history.valueAt(place);
    return this.#values[NONE - place - 1] as Value;
  }

  /** A poll shows it: the completion, and whether it failed. */
  shown(message: number, completion: number, isFailed: boolean): void {
    const { items } = this.#rows;
    if (isFailed) {
      if (!this.#shownToFailed.has(message)) this.#shownToFailed.set(message, completion);
    } else if (items[4 * message + 3] === NONE) items[4 * message + 3] = completion;
  }

  /** Completion of the first poll that shows it, even if that failed; `NONE` for none. */
  shownAt(message: number): number {
    const polledAt = this.polledAt(message);
    if (this.#shownToFailed.size === 0) return polledAt;
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
    const { items } = this.#rows;
    if (items[4 * message + 2] === NONE) items[4 * message + 2] = invocation;
    this.copies.items[message] = (this.copies.items[message] as number) + 1;
  }
}
