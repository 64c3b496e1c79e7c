/**
 * Operations on logs that are lists of steps (`[["send", "a", 7], ["poll"]]`), read by where their
 * values stand in the pool of the history: no list is made of what most operations say. What is not
 * in the usual shape is left to `stream-shapes.ts`, which has the words for it.
 */
import { NONE, type History } from "../../src/history/history.js";
import { NO_LIST, objectStart, smallInteger, type Lists } from "../../src/history/value-pool.js";

/** What steps do, as bits. */
export const SENDS = 1;
export const POLLS = 2;

/** What a scalar in the pool stands for at the beginning of a step, once looked at. */
const NEITHER = 4;

/** Where steps and the answers to them stand in the pool. */
interface Told {
  readonly input: number;
  readonly output: number;
}

/** Reads steps, and what was answered to them. */
export class Steps {
  readonly #starts: Int32Array;
  readonly #items: Int32Array;
  readonly #integers: Int32Array | undefined;
  readonly #valueAt: History["valueAt"];
  /** By position in the pool; 0 where nobody has looked. */
  readonly #words: Uint8Array;

  constructor({ valueAt }: Pick<History, "valueAt">, { starts, items, integers }: Lists) {
    this.#starts = starts;
    this.#items = items;
    this.#integers = integers;
    this.#valueAt = valueAt;
    this.#words = new Uint8Array(starts.length);
  }

  /** What the steps of an input do; 0 where it is no list of steps in the usual shape. */
  in(input: number): number {
    const items = this.#items;
    const list = this.#starts[input] as number;
    if (list < 0) return 0;
    const end = list + (items[list] as number);
    let what = 0;
    for (let at = list + 1; at <= end; at++) {
      const step = this.#starts[items[at] as number] as number;
      const length = step < 0 ? 0 : (items[step] as number);
      const word = length === 0 ? NEITHER : this.#wordAt(items[step + 1] as number);
      if (word === NEITHER || (word === SENDS && length < 3)) return 0;
      what |= word;
    }
    return what;
  }

  /**
   * Tells of each send where its log and its message stand in the pool, and its offset (`NaN` where
   * it was told none); false when one was told something else.
   */
  eachSend(told: Told, tell: (log: number, message: number, offset: number) => void): boolean {
    const items = this.#items;
    return this.#every(SENDS, told, (step, answer) => {
      const message = items[step + 3] as number;
      const given = this.#itemOf(answer, 3);
      const offset = given === NONE || given === message ? Number.NaN : this.#offsetIn(given);
      if (offset === undefined) return false;
      tell(items[step + 2] as number, message, offset);
      return true;
    });
  }

  /**
   * Tells of each log that a poll was shown where its name and what was shown of it stand in the
   * pool; false when a poll was answered something else.
   */
  eachPoll(told: Told, tell: (name: number, shown: number) => void): boolean {
    const items = this.#items;
    return this.#every(POLLS, told, (_, answer) => {
      const given = this.#itemOf(answer, 2);
      if (given === NONE) return true;
      const start = this.#starts[given] as number;
      if (start === NO_LIST) return this.#valueAt(given) === null;
      if (start >= 0) return false;
      const fields = objectStart(start);
      const end = fields + (items[fields] as number);
      for (let at = fields + 1; at < end; at += 2) {
        tell(items[at] as number, items[at + 1] as number);
      }
      return true;
    });
  }

  /** Goes through the steps that do one thing, each with its answer, until one is not accepted. */
  #every(
    what: number,
    { input, output }: Told,
    accepts: (step: number, answer: number) => boolean,
  ): boolean {
    const items = this.#items;
    const list = this.#starts[input] as number;
    const length = items[list] as number;
    for (let at = 1; at <= length; at++) {
      const step = this.#starts[items[list + at] as number] as number;
      if (this.#words[items[step + 1] as number] !== what) continue;
      if (!accepts(step, this.#itemOf(output, at))) return false;
    }
    return true;
  }

  /** The offset in an answer to a send; `NaN` for none, undefined for what is no answer. */
  #offsetIn(told: number): number | undefined {
    const pair = this.#starts[told] as number;
    const isPair = pair >= 0 && this.#items[pair] === 2;
    if (!isPair && pair >= 0) return undefined;
    const first = isPair ? (this.#items[pair + 1] as number) : told;
    const entry = this.#integers === undefined ? NONE : (this.#integers[first] as number);
    if (entry < NONE) return isPair ? smallInteger(entry) : undefined;
    if ((this.#starts[first] as number) !== NO_LIST) return undefined;
    const offset = this.#valueAt(first);
    if (offset === null) return Number.NaN;
    return isPair && typeof offset === "number" ? offset : undefined;
  }

  /** The item at this place, from 1 on, of a list in the pool; `NONE` for none. */
  #itemOf(position: number, at: number): number {
    if (position === NONE) return NONE;
    const list = this.#starts[position] as number;
    if (list < 0 || at > (this.#items[list] as number)) return NONE;
    return this.#items[list + at] as number;
  }

  #wordAt(position: number): number {
    const known = this.#words[position] as number;
    if (known !== 0) return known;
    const isScalar = this.#starts[position] === NO_LIST;
    const word = !isScalar ? null : this.#valueAt(position);
    const what = word === "send" ? SENDS : word === "poll" ? POLLS : NEITHER;
    this.#words[position] = what;
    return what;
  }
}
