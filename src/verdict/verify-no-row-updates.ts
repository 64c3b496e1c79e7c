/**
 * Confirms, for few transactions on rows, that they are not update serializable, by trying all:
 * each serial order of those that write gives the versions of rows, and with these each read may be
 * of any version that it fits. What follows from both has a cycle among those that write and one
 * that reads; or, where time is kept, somebody misses what it sees.
 */
import { claim, VerificationUndecided } from "./claims.js";
import {
  looksOf,
  type ActingHistory,
  type ActingTransaction,
  type Content,
  type Look,
} from "./rows.js";
import { precedesInTime } from "./transactions.js";

type Keeps = "session" | "realtime" | undefined;

/** Row → its versions, the initial one first, which nobody wrote. */
type Lines = ReadonlyMap<string, readonly Version[]>;

interface Version {
  readonly by: ActingTransaction | undefined;
  readonly content: Content;
}

/** So many steps are tried. */
const STEPS_MAX = 100_000;

/** @throws ClaimRefused, VerificationUndecided */
export function confirmNoRowUpdates(acting: ActingHistory, keeps: Keeps): void {
  claim(!new Trial(acting, keeps).finds(), () => "There is an order that explains the reads.");
}

class Trial {
  readonly #acting: ActingHistory;
  readonly #keeps: Keeps;
  readonly #writers: readonly ActingTransaction[];
  readonly #readers: readonly ActingTransaction[];
  #steps = 0;

  constructor(acting: ActingHistory, keeps: Keeps) {
    this.#acting = acting;
    this.#keeps = keeps;
    const writes = ({ acts }: ActingTransaction): boolean => acts.some(({ f }) => f === "write");
    this.#writers = acting.transactions.filter(
      (each) => each.operation.outcome !== "fail" && writes(each),
    );
    this.#readers = acting.transactions.filter(
      (each) => each.operation.outcome === "ok" && !writes(each),
    );
  }

  finds(): boolean {
    return this.#orders([]);
  }

  #step(): void {
    if (++this.#steps > STEPS_MAX) throw new VerificationUndecided("There are too many orders.");
  }

  #precedes(one: ActingTransaction, other: ActingTransaction): boolean {
    const { operation } = one;
    if (this.#keeps === undefined || !precedesInTime(operation, other.operation)) return false;
    return this.#keeps === "realtime" || operation.process === other.operation.process;
  }

  /** Every order of those that write, as far as their reads fit. */
  #orders(order: readonly ActingTransaction[]): boolean {
    this.#step();
    const left = this.#writers.filter((each) => !order.includes(each));
    const lines = this.#linesOf(order);
    if (left.every(({ operation }) => operation.outcome === "info")) {
      if (this.#explains(order, lines)) return true;
    }
    return left.some((each) => {
      if (left.some((other) => other !== each && this.#isBefore(other, each))) return false;
      const isFitting = this.#looksOf(each).every((look) =>
        look.fits(
          look.own === undefined ? this.#lineOf(lines, look.row).at(-1)?.content : look.own.content,
        ),
      );
      return isFitting && this.#orders([...order, each]);
    });
  }

  /** Of what need not have happened nothing follows. */
  #isBefore(one: ActingTransaction, other: ActingTransaction): boolean {
    return one.operation.outcome === "ok" && this.#precedes(one, other);
  }

  #looksOf(each: ActingTransaction): readonly Look[] {
    return each.operation.outcome === "ok" ? looksOf(each, this.#acting.rows) : [];
  }

  #linesOf(order: readonly ActingTransaction[]): Lines {
    const lines = new Map<string, Version[]>();
    for (const by of order) {
      const left = new Map<string, Content>();
      for (const act of by.acts) if (act.f === "write") left.set(act.row, act.content);
      for (const [row, content] of left) {
        lines.set(row, [...this.#lineOf(lines, row), { by, content }]);
      }
    }
    return lines;
  }

  #lineOf(lines: Lines, row: string): readonly Version[] {
    return lines.get(row) ?? [{ by: undefined, content: this.#acting.initial.get(row) }];
  }

  /** Whether some choice of what is read is without what the level excludes. */
  #explains(order: readonly ActingTransaction[], lines: Lines): boolean {
    const all = [...order, ...this.#readers];
    const before = all.map((one) =>
      all.map((other) => one !== other && this.#precedes(one, other)),
    );
    const misses = all.map(() => all.map(() => false));
    for (const line of lines.values()) {
      for (const [place, { by }] of line.entries()) {
        for (const later of line.slice(place + 1)) set(before, by, later.by);
      }
    }
    const looks = all.flatMap((each) => this.#looksOf(each).filter(({ own }) => own === undefined));
    const choose = (at: number): boolean => {
      this.#step();
      if (!this.#isAllowed({ all, before, misses, writing: order.length })) return false;
      const look = looks[at];
      if (look === undefined) return true;
      const line = this.#lineOf(lines, look.row);
      return line.some(({ by, content }, place) => {
        if (by === look.by || !look.fits(content)) return false;
        const kept = [before.map((row) => [...row]), misses.map((row) => [...row])] as const;
        set(before, by, look.by);
        for (const later of line.slice(place + 1)) {
          if (look.isItem || !look.fits(later.content)) set(misses, look.by, later.by);
        }
        const isFound = choose(at + 1);
        before.splice(0, all.length, ...kept[0]);
        misses.splice(0, all.length, ...kept[1]);
        return isFound;
      });
    };
    return choose(0);

    function set(
      relation: boolean[][],
      from: ActingTransaction | undefined,
      to: ActingTransaction | undefined,
    ): void {
      if (from === undefined || to === undefined || from === to) return;
      (relation[all.indexOf(from)] as boolean[])[all.indexOf(to)] = true;
    }
  }

  #isAllowed({
    all,
    before,
    misses,
    writing,
  }: {
    readonly all: readonly ActingTransaction[];
    readonly before: readonly (readonly boolean[])[];
    readonly misses: readonly (readonly boolean[])[];
    /** The first so many of all write. */
    readonly writing: number;
  }): boolean {
    const reach = closure(before);
    if (reach.some((row, at) => row[at] === true)) return false;
    const isTorn = misses.some((row, at) =>
      row.some((is, other) => is && reach[other]?.[at] === true),
    );
    if (this.#keeps !== undefined && isTorn) return false;
    for (let reader = writing; reader <= all.length; reader++) {
      const isIn = (at: number): boolean => at < writing || at === reader;
      const both = before.map((row, from) =>
        row.map((is, to) => isIn(from) && isIn(to) && (is || misses[from]?.[to] === true)),
      );
      if (closure(both).some((row, at) => row[at] === true)) return false;
    }
    return true;
  }
}

function closure(relation: readonly (readonly boolean[])[]): boolean[][] {
  const reach = relation.map((row) => [...row]);
  for (let middle = 0; middle < reach.length; middle++) {
    for (const row of reach) {
      if (row[middle] !== true) continue;
      for (const [to, is] of (reach[middle] as boolean[]).entries()) if (is) row[to] = true;
    }
  }
  return reach;
}
