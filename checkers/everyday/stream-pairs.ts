/**
 * Reads the pairs of offset and message that polls were shown, from values, or, which most take,
 * from where they stand in the pool of the history.
 */
import { FAIL, NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { NO_LIST, smallInteger, type Lists } from "../../src/history/value-pool.js";
import type { StreamNumbers } from "./stream-numbers.js";
import { pairIn } from "./stream-shapes.js";
import type { Shown } from "./stream-shown.js";

/** What a poll was shown of one log. */
export interface Stretch {
  /** The first offset; Infinity when none is known. */
  readonly first: number;
  /** Whether it shows something, at offsets all of which are known and grow. */
  readonly isGrowing: boolean;
}

/** Which log is read, and the completion of the poll that was shown it. */
interface Where {
  readonly log: number;
  readonly completion: number;
}

/** Enters what it reads. */
export class Pairs {
  readonly #history: Pick<History, "types" | "valueAt">;
  readonly #lists: Lists | undefined;
  readonly #numbers: StreamNumbers;
  readonly #shown: Shown;

  constructor(
    history: Pick<History, "types" | "valueAt" | "lists">,
    numbers: StreamNumbers,
    shown: Shown,
  ) {
    this.#history = history;
    this.#lists = history.lists;
    this.#numbers = numbers;
    this.#shown = shown;
  }

  /** A value in the pool that is a number or null; undefined for all others. */
  numberAt(position: number): number | null | undefined {
    const lists = this.#lists;
    const entry = lists?.integers === undefined ? NONE : (lists.integers[position] as number);
    if (entry < NONE) return smallInteger(entry);
    if (lists !== undefined && lists.starts[position] !== NO_LIST) return undefined;
    const value = this.#history.valueAt(position);
    return typeof value === "number" || value === null ? value : undefined;
  }

  /** What is in a list of the pool. @throws HarnessError `bad-argument` for what is no pair */
  takeList(lists: Lists, list: number, { log, completion }: Where): Stretch {
    const { starts, items } = lists;
    const numbers = this.#numbers;
    const shown = this.#shown;
    let [first, before] = [Infinity, -Infinity];
    let isGrowing = true;
    const end = list + 1 + (items[list] as number);
    for (let at = list + 1; at < end; at++) {
      const pair = starts[items[at] as number] as number;
      const isPair = pair >= 0 && items[pair] === 2;
      const told = isPair ? this.numberAt(items[pair + 1] as number) : undefined;
      // What is no pair is refused in words.
      if (told === undefined) pairIn(this.#history.valueAt(items[at] as number));
      const offset = told ?? Number.NaN;
      if (first === Infinity && !Number.isNaN(offset)) first = offset;
      isGrowing &&= offset > before;
      before = offset;
      const message = items[pair + 2] as number;
      const near = numbers.near(log, message);
      if (near !== NONE && shown.again(near, offset)) continue;
      this.#show(numbers.messageAt(log, message), offset, completion);
    }
    return { first, isGrowing: isGrowing && first !== Infinity };
  }

  /** What is in a list of values. @throws HarnessError `bad-argument` for what is no pair */
  take(given: readonly Value[], { log, completion }: Where): Stretch {
    let [first, before] = [Infinity, -Infinity];
    let isGrowing = true;
    for (let k = 0; k < given.length; k++) {
      const pair = pairIn(given[k] as Value);
      const offset = pair[0] ?? Number.NaN;
      if (first === Infinity && !Number.isNaN(offset)) first = offset;
      isGrowing &&= offset > before;
      before = offset;
      this.#show(this.#numbers.message(log, pair[1]), offset, completion);
    }
    return { first, isGrowing: isGrowing && first !== Infinity };
  }

  #show(message: number, offset: number, completion: number): void {
    const isFailed = this.#history.types[completion] === FAIL;
    this.#numbers.messages.shown(message, completion, isFailed);
    this.#shown.add(message, offset, isFailed);
  }
}
