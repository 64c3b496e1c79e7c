/**
 * What polls showed, entry by entry. A message at an offset is a *spot*: consumers are shown the
 * same ones again and again, so that what is known of one is kept once, and an entry is a number.
 */
import { FloatList, IntList } from "../../src/graph/growing.js";
import type { Messages } from "./stream-messages.js";

/** Above all offsets that are kept as small integers. */
const LARGE = 0x7fffffff;

/** Entries in the order of batches. */
export class Shown {
  /**
   * Of each entry: a message, at the offset where it was first shown; or, below 0, what is left
   * when another spot is taken from -1.
   */
  readonly spots: IntList;
  readonly #known: Messages;
  #isAnyFailed = false;
  /** Offsets that are no small integers; `NaN` where nobody told it. */
  readonly #large: number[] = [Number.NaN];
  /** Other spots: their messages and offsets. */
  readonly #otherMessages = new IntList();
  readonly #otherOffsets = new FloatList();
  /** Message → offset → spot, of messages that have several. */
  readonly #others = new Map<number, Map<number, number>>();

  /** Makes room for so many entries; room that stays empty costs nothing. */
  constructor(messages: Messages, room: number) {
    this.#known = messages;
    this.spots = new IntList(Math.max(64, room));
  }

  /** How many entries there are. */
  get length(): number {
    return this.spots.length;
  }

  /** How many spots there are besides the first one of each message. */
  get otherCount(): number {
    return this.#otherMessages.length;
  }

  /**
   * Adds an entry where nothing about it is new: the message is where it was first shown. False for
   * all others, and once a poll that failed was shown anything: those have to be looked at.
   */
  again(message: number, offset: number): boolean {
    if (this.#isAnyFailed) return false;
    const known = this.#known.offsetEntry(message);
    if (known <= 0 || known !== offset + 1) return false;
    this.spots.push(message);
    return true;
  }

  /** Adds an entry; the offset is `NaN` where nobody told it. */
  add(message: number, offset: number, isFailed: boolean): void {
    if (isFailed) this.#isAnyFailed = true;
    this.spots.push(this.#spotOf(message, offset));
  }

  messageAt(spot: number): number {
    return spot >= 0 ? spot : this.#otherMessages.at(-1 - spot);
  }

  offsetAt(spot: number): number {
    if (spot < 0) return this.#otherOffsets.items[-1 - spot] as number;
    const known = this.#known.offsetEntry(spot);
    return known > 0 ? known - 1 : (this.#large[-1 - known] as number);
  }

  messageOf(entry: number): number {
    return this.messageAt(this.spots.items[entry] as number);
  }

  offsetOf(entry: number): number {
    return this.offsetAt(this.spots.items[entry] as number);
  }

  #spotOf(message: number, offset: number): number {
    if (this.#known.offsetEntry(message) === 0) {
      this.#known.setOffsetEntry(message, this.#entryOf(offset));
      return message;
    }
    const known = this.offsetAt(message);
    if (known === offset || (Number.isNaN(known) && Number.isNaN(offset))) return message;
    const others = this.#others.get(message) ?? new Map<number, number>();
    this.#others.set(message, others);
    const spot = others.get(offset);
    if (spot !== undefined) return spot;
    this.#otherOffsets.push(offset);
    const own = -1 - this.#otherMessages.push(message);
    others.set(offset, own);
    return own;
  }

  /** What stands for an offset: 1 more, or below 0 where a large one is. */
  #entryOf(offset: number): number {
    if (Number.isNaN(offset)) return -1;
    const isSmall = offset >= 0 && offset < LARGE && Number.isInteger(offset);
    return isSmall ? offset + 1 : -this.#large.push(offset);
  }
}
