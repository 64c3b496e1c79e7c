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

/** Reads steps, and what was answered to them. */
export class Steps {
  readonly #starts: Int32Array;
  readonly #items: Int32Array;
  readonly #integers: Int32Array | undefined;
  readonly #valueAt: History["valueAt"];
  /** By position in the pool; 0 where nobody has looked. */
  readonly #words: Uint8Array;
  /** Where the step that it is at stands among the items, and where its answer in the pool. */
  #step = 0;
  #answer = NONE;

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

  /** How many steps an input has that is a list of them. */
  countOf(input: number): number {
    return this.#items[this.#starts[input] as number] as number;
  }

  /** Goes to the step at this place, from 1 on, and to what it was answered; says what it does. */
  goTo(input: number, output: number, at: number): number {
    const items = this.#items;
    this.#step = this.#starts[items[(this.#starts[input] as number) + at] as number] as number;
    this.#answer = this.#itemOf(output, at);
    return this.#words[items[this.#step + 1] as number] as number;
  }

  /** Where the log that is sent to stands in the pool. */
  get log(): number {
    return this.#items[this.#step + 2] as number;
  }

  /** Where the message that is sent stands in the pool. */
  get message(): number {
    return this.#items[this.#step + 3] as number;
  }

  /** The offset that a send was told; `NaN` for none, undefined when it was told something else. */
  offset(): number | undefined {
    const given = this.#itemOf(this.#answer, 3);
    return given === NONE || given === this.message ? Number.NaN : this.#offsetIn(given);
  }

  /**
   * Where the object of what a poll was shown stands among the items of the pool: twice the number
   * of its logs, then by turns the positions of each name and of what was shown; `NONE` when it was
   * shown nothing, undefined when it was answered something else.
   */
  shown(): number | undefined {
    const given = this.#itemOf(this.#answer, 2);
    if (given === NONE) return NONE;
    const start = this.#starts[given] as number;
    if (start < NO_LIST) return objectStart(start);
    return start === NO_LIST && this.#valueAt(given) === null ? NONE : undefined;
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
