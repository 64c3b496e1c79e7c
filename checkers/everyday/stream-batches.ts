/** What polls returned, in columns: one entry for each log of each poll that completed ok. */
import { NONE, type History } from "../../src/history/history.js";
import { QuadList, UsualList } from "../../src/graph/growing.js";

/** What one poll returned of one log. */
export interface Batch {
  readonly completion: number;
  readonly log: number;
  /** The number of the group that it polled for; `NONE` for a consumer of its own. */
  readonly group: number;
  /** Where what it shows ends among all entries (stream-shown.ts). */
  readonly end: number;
  /** Whether it shows something, at offsets all of which are known and grow. */
  readonly isGrowing: boolean;
  /** The batch that its consumer polled before; `NONE` where that is not known. */
  readonly previous: number;
  /** Whether it cannot have been shown anything in between. */
  readonly isNext: boolean;
  /** The offset that was asked for; `NaN` for none. */
  readonly from: number;
  /** From which offset on the consumer has been shown everything up to the end of this batch. */
  readonly since: number;
}

/**
 * All of them, in the order of their completions. What one shows ends where the next one begins.
 */
export class Batches {
  /** Completion, log, where what it shows begins, the batch before. */
  readonly #rows: QuadList;
  /** The number of a batch's group; `NONE` for a consumer of its own. */
  readonly groups: UsualList = new UsualList(NONE);
  readonly froms: UsualList = new UsualList(Number.NaN);
  readonly sinces: UsualList = new UsualList(-Infinity);
  /** The names of groups, by number. */
  readonly groupNames: string[] = [];
  readonly #areNext = new UsualList(1);
  readonly #areGrowing = new UsualList(1);
  readonly #groupNumbers = new Map<string, number>();
  readonly #pairs: Int32Array;
  #end = 0;

  /** Room that stays empty costs nothing. */
  constructor({ pairs, length }: Pick<History, "pairs" | "length">) {
    this.#pairs = pairs;
    this.#rows = new QuadList(length);
  }

  get count(): number {
    return this.#rows.length;
  }

  /** Answers the number of the batch, which shows what was seen since the one before. */
  add(batch: Batch): number {
    const number = this.#rows.push(batch.completion, batch.log, this.#end, batch.previous);
    this.groups.set(number, batch.group);
    this.#areNext.set(number, batch.isNext ? 1 : 0);
    this.#areGrowing.set(number, batch.isGrowing ? 1 : 0);
    this.froms.set(number, batch.from);
    this.sinces.set(number, batch.since);
    this.#end = batch.end;
    return number;
  }

  /** Adds one of which all else is as it mostly is. */
  addUsual(
    { completion, log, end }: Pick<Batch, "completion" | "log" | "end">,
    previous: number,
  ): number {
    const start = this.#end;
    this.#end = end;
    return this.#rows.push(completion, log, start, previous);
  }

  /** The number of a group; `NONE` for none. */
  groupNumber(name: string | undefined): number {
    if (name === undefined) return NONE;
    const known = this.#groupNumbers.get(name);
    if (known !== undefined) return known;
    this.#groupNumbers.set(name, this.groupNames.length);
    return this.groupNames.push(name) - 1;
  }

  invocationOf(batch: number): number {
    return this.#pairs[this.completionOf(batch)] as number;
  }

  completionOf(batch: number): number {
    return this.#rows.items[4 * batch] as number;
  }

  logOf(batch: number): number {
    return this.#rows.items[4 * batch + 1] as number;
  }

  startOf(batch: number): number {
    return this.#rows.items[4 * batch + 2] as number;
  }

  /** The batch that its consumer polled before; `NONE` where that is not known. */
  previousOf(batch: number): number {
    return this.#rows.items[4 * batch + 3] as number;
  }

  endOf(batch: number): number {
    const next = batch + 1;
    return next < this.count ? this.startOf(next) : this.#end;
  }

  /** Whether its consumer cannot have been shown anything since the batch before. */
  isNext(batch: number): boolean {
    return this.#areNext.at(batch) === 1;
  }

  /** Whether it shows something, at offsets all of which are known and grow. */
  isGrowing(batch: number): boolean {
    return this.#areGrowing.at(batch) === 1;
  }

  /** The name of a batch's group; undefined for a consumer of its own. */
  groupOf(batch: number): string | undefined {
    return this.groupNames[this.groups.at(batch)];
  }
}
