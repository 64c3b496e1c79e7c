/** What polls returned, in columns: one entry for each log of each poll that completed ok. */
import { NONE } from "../../src/history/history.js";
import { FloatList, IntList } from "../../src/graph/growing.js";

/** What one poll returned of one log. */
export interface Batch {
  readonly invocation: number;
  readonly completion: number;
  readonly log: number;
  /** The number of the group that it polled for; `NONE` for a consumer of its own. */
  readonly group: number;
  /** What it shows: from here to there in `seenMessages` and `seenOffsets`. */
  readonly start: number;
  readonly end: number;
  /** The batch that its consumer polled before; `NONE` where that is not known. */
  readonly previous: number;
  /** Whether it cannot have been shown anything in between. */
  readonly isNext: boolean;
  /** The offset that was asked for; `NaN` for none. */
  readonly from: number;
  /** From which offset on the consumer has been shown everything up to the end of this batch. */
  readonly since: number;
}

/** All of them, in the order of their completions. */
export class Batches {
  readonly invocations: IntList = new IntList();
  readonly completions: IntList = new IntList();
  readonly logs: IntList = new IntList();
  readonly groups: IntList = new IntList();
  readonly starts: IntList = new IntList();
  readonly ends: IntList = new IntList();
  readonly previous: IntList = new IntList();
  readonly areNext: IntList = new IntList();
  readonly froms: FloatList = new FloatList();
  readonly sinces: FloatList = new FloatList();
  /** The names of groups, by number. */
  readonly groupNames: string[] = [];
  readonly #groupNumbers = new Map<string, number>();

  get count(): number {
    return this.logs.length;
  }

  /** Answers the number of the batch. */
  add(batch: Batch): number {
    this.invocations.push(batch.invocation);
    this.completions.push(batch.completion);
    this.logs.push(batch.log);
    this.groups.push(batch.group);
    this.starts.push(batch.start);
    this.ends.push(batch.end);
    this.previous.push(batch.previous);
    this.areNext.push(batch.isNext ? 1 : 0);
    this.froms.push(batch.from);
    return this.sinces.push(batch.since);
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
    return this.invocations.items[batch] as number;
  }

  /** The name of a batch's group; undefined for a consumer of its own. */
  groupOf(batch: number): string | undefined {
    return this.groupNames[this.groups.items[batch] as number];
  }
}
