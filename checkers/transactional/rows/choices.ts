/**
 * Orders of transactions on rows, searched for by choices. There is always an order that keeps all
 * that is known. Where it does not explain a read, because the last who wrote the row left what
 * does not fit, either the reader comes before that one, or another comes between whose version
 * does fit; and of two that write the same row between their snapshots and commits one comes first
 * as a whole. One of these is chosen, which moves only what lies between (`moments.ts`), until
 * nothing is left to be explained.
 *
 * ```
 * … w writes x … r reads x, which does not fit …     r before w, or w before v before r
 * ```
 *
 * Whoever deletes a row that its snapshot does not have writes nothing there, so that it may also
 * be chosen that it finds none.
 *
 * Each choice is numbered, and what is refused says which choices it rests on. So where all ways
 * are refused, the search goes back to the last choice that has to do with it (conflict-directed
 * backjumping: Prosser 1993), and where none has, there is no order: the ways are all that there
 * are.
 */
import type { LabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import { firstOrder, Moments, type Grounds } from "./moments.js";
import type { Question, RowQuestions } from "./questions.js";

/** So often, at most, the search goes back. */
const CONFLICTS_MAX = 2_000;

/** What is to be ordered. */
export interface Choosing {
  readonly graph: LabelledDigraph;
  readonly priorities: Float64Array;
  readonly rows: readonly RowQuestions[];
  /** Transaction → its moments, which are the same where it has but one. */
  readonly begin: (transaction: number) => number;
  readonly end: (transaction: number) => number;
  /** Whether two that write the same row may not overlap. */
  readonly areApart: boolean;
  readonly hasHappened: (transaction: number) => boolean;
  /** Who precedes in time who may have happened. */
  readonly before: (transaction: number) => readonly number[];
  /** Whether its reader most likely comes before its writer. */
  readonly isEarly: (reader: number, writer: number) => boolean;
}

/** Edges, and who has then happened. */
interface Way {
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly happens?: number;
}

interface Misfit {
  readonly ways: readonly Way[];
  /** Choices without which there would be none. */
  readonly grounds: Grounds;
}

interface Choice {
  readonly ways: readonly Way[];
  next: number;
  readonly size: number;
  readonly happened: number;
  /** Why the ways before the next were refused, and that there is a choice at all. */
  readonly grounds: Set<number>;
}

/** What happens to a row. */
interface Event {
  readonly at: number;
  readonly question?: Question;
  readonly begins?: number;
  readonly ends?: number;
}

const NO_GROUNDS: Grounds = new Set();
const NO_MISFIT: Misfit = { ways: [], grounds: NO_GROUNDS };

/** An order of nodes; none exists; or the search gave up. `check` throws to end it. */
export function chooseOrder(choosing: Choosing, check: () => void): Chosen {
  const nodes = firstOrder(choosing.graph, choosing.priorities);
  return nodes === undefined ? "none" : new Chooser(choosing, nodes, check).run();
}

/** The nodes, and who of those that may have happened has. */
export type Chosen =
  | { readonly nodes: Int32Array; readonly happened: ReadonlySet<number> }
  | "none"
  | "open";

class Chooser {
  readonly #choosing: Choosing;
  readonly #check: () => void;
  readonly #moments: Moments;
  /** Node → the rows that it has to do with. */
  readonly #rowsOf = new Map<number, number[]>();
  readonly #dirty = new Set<number>();
  readonly #happened = new Map<number, Grounds>();
  readonly #choices: Choice[] = [];
  #conflicts = 0;

  constructor(choosing: Choosing, nodes: Int32Array, check: () => void) {
    this.#choosing = choosing;
    this.#check = check;
    const { rows, begin, end } = choosing;
    this.#moments = new Moments(choosing.graph, nodes, (node) => this.#soil(node));
    for (const [at, { writers, questions }] of rows.entries()) {
      this.#dirty.add(at);
      const about = writers.flatMap((each) => [begin(each), end(each)]);
      for (const { reader } of questions) about.push(begin(reader));
      for (const node of new Set(about)) {
        const known = this.#rowsOf.get(node);
        if (known === undefined) this.#rowsOf.set(node, [at]);
        else known.push(at);
      }
    }
  }

  run(): Chosen {
    for (;;) {
      this.#check();
      const [row] = this.#dirty;
      if (row === undefined) {
        return { nodes: this.#moments.nodes, happened: new Set(this.#happened.keys()) };
      }
      const misfit = this.#misfitOf(this.#choosing.rows[row] as RowQuestions);
      if (misfit === undefined) {
        this.#dirty.delete(row);
        continue;
      }
      if (this.#mend(misfit)) continue;
      return this.#conflicts > CONFLICTS_MAX ? "open" : "none";
    }
  }

  #soil(node: number): void {
    for (const row of this.#rowsOf.get(node) ?? []) this.#dirty.add(row);
  }

  /** The first thing about a row that the order does not explain. */
  #misfitOf(row: RowQuestions): Misfit | undefined {
    const { begin, end, areApart } = this.#choosing;
    const { places } = this.#moments;
    const there = row.writers.filter((each) => this.#isThere(each));
    const events: Event[] = [];
    const add = (node: number, rank: number, event: Omit<Event, "at">): void => {
      events.push({ at: 3 * (places[node] as number) + rank, ...event });
    };
    for (const question of row.questions) add(begin(question.reader), 0, { question });
    for (const begins of areApart ? there : []) add(begin(begins), 1, { begins });
    for (const ends of there) add(end(ends), 2, { ends });
    events.sort((a, b) => a.at - b.at);
    const past: number[] = [];
    /** Deleters that find nothing. */
    const idle = new Set<number>();
    /** Deleters → after whom each finds the row. */
    const finds = new Map<number, number | undefined>();
    let open: number | undefined;
    for (const { question, begins, ends } of events) {
      const last = past.at(-1);
      if (begins !== undefined) {
        if (row.deleters.has(begins)) {
          const isThere = last === undefined ? row.isThereFirst : !row.deleters.has(last);
          if (isThere) finds.set(begins, last);
          else idle.add(begins);
        }
        if (idle.has(begins)) continue;
        if (open !== undefined) return this.#overlap([open, begins], row, finds);
        open = begins;
      } else if (ends !== undefined) {
        if (idle.has(ends)) continue;
        past.push(ends);
        open = undefined;
      } else if (question !== undefined && !isAnswered(question, past)) {
        return this.#unexplained(question, last, { row, finds });
      }
    }
    return undefined;
  }

  #isThere(writer: number): boolean {
    return this.#choosing.hasHappened(writer) || this.#happened.has(writer);
  }

  #overlap(
    [one, other]: readonly [number, number],
    row: RowQuestions,
    finds: ReadonlyMap<number, number | undefined>,
  ): Misfit {
    const { begin, end } = this.#choosing;
    const idle = [one, other]
      .filter((each) => finds.has(each))
      .map((each) => this.#idle(each, row, finds.get(each)));
    const grounds = [one, other].map((each) => this.#groundsOf(each));
    return {
      ways: [
        { edges: [[end(one), begin(other)]] },
        { edges: [[end(other), begin(one)]] },
        ...idle.flatMap(({ ways }) => ways),
      ],
      grounds: union([...grounds, ...idle.map((each) => each.grounds)]),
    };
  }

  /** How a deleter would find nothing, which now finds what somebody left, or was there first. */
  #idle(deleter: number, { deleters }: RowQuestions, after: number | undefined): Misfit {
    const { begin, end } = this.#choosing;
    const ways = [...deleters]
      .filter((each) => each !== deleter)
      .map((each): Way => {
        const edges: Way["edges"][number][] = [[end(each), begin(deleter)]];
        if (after !== undefined) edges.unshift([end(after), begin(each)]);
        return this.#isThere(each) ? { edges } : { edges, happens: each };
      });
    if (after !== undefined) ways.unshift({ edges: [[begin(deleter), end(after)]] });
    return { ways, grounds: after === undefined ? NO_GROUNDS : this.#groundsOf(after) };
  }

  #groundsOf(writer: number): Grounds {
    return this.#happened.get(writer) ?? NO_GROUNDS;
  }

  #unexplained(
    { reader, isNow, fitting }: Question,
    last: number | undefined,
    about: { readonly row: RowQuestions; readonly finds: ReadonlyMap<number, number | undefined> },
  ): Misfit {
    const { begin, end, isEarly, areApart } = this.#choosing;
    const { places } = this.#moments;
    const read = begin(reader);
    const start = areApart ? begin : end;
    const after = [...fitting]
      .toSorted((a, b) => (places[end(a)] as number) - (places[end(b)] as number))
      .map((each): Way => {
        const edges: Way["edges"][number][] = [[end(each), read]];
        if (isNow && last !== undefined) edges.unshift([end(last), start(each)]);
        return this.#isThere(each) ? { edges } : { edges, happens: each };
      });
    if (!isNow || last === undefined) return { ways: after, grounds: NO_GROUNDS };
    const before: Way = { edges: [[read, end(last)]] };
    const { row, finds } = about;
    const idle = finds.has(last) ? this.#idle(last, row, finds.get(last)) : NO_MISFIT;
    const ways = isEarly(reader, last) ? [before, ...after] : [...after, before];
    return {
      ways: [...ways, ...idle.ways],
      grounds: union([this.#groundsOf(last), idle.grounds]),
    };
  }

  /** Chooses a way, or what is left of them; false when there is none, or no end. */
  #mend({ ways, grounds }: Misfit): boolean {
    const refused = new Set(grounds);
    const open = ways.filter((way) => {
      const against = this.#against(way);
      for (const each of against ?? []) refused.add(each);
      return against === undefined;
    });
    const choice: Choice = {
      ways: open,
      next: 0,
      size: this.#moments.size,
      happened: this.#happened.size,
      grounds: refused,
    };
    this.#choices.push(choice);
    return this.#proceed();
  }

  /** Takes the next way of the last choice, or goes back further. */
  #proceed(): boolean {
    for (;;) {
      const choice = this.#choices.at(-1);
      if (choice === undefined) return false;
      const number = this.#choices.length - 1;
      const way = choice.ways[choice.next++];
      if (way === undefined) {
        this.#choices.pop();
        if (++this.#conflicts > CONFLICTS_MAX) return false;
        this.#check();
        if (!this.#goBack(choice.grounds)) return false;
        continue;
      }
      const isLast = choice.next === choice.ways.length;
      // What is left when all else is refused rests on what refuses that.
      const grounds = isLast ? choice.grounds : new Set([number]);
      const against = this.#follow(way, grounds);
      if (against === undefined) return true;
      this.#takeBack(choice);
      for (const each of against) if (each !== number) choice.grounds.add(each);
    }
  }

  /** To the last choice that matters; false when none does. */
  #goBack(grounds: Grounds): boolean {
    const last = Math.max(-1, ...grounds);
    const choice = this.#choices[last];
    if (choice === undefined) {
      this.#choices.length = 0;
      return false;
    }
    this.#choices.length = last + 1;
    this.#takeBack(choice);
    for (const each of grounds) if (each !== last) choice.grounds.add(each);
    return true;
  }

  #takeBack({ size, happened }: Choice): void {
    this.#moments.takeBack(size);
    for (const each of [...this.#happened.keys()].slice(happened)) {
      this.#happened.delete(each);
      this.#soil(this.#choosing.end(each));
    }
  }

  /** Why a way cannot be taken; undefined when each of its edges can. */
  #against({ edges }: Way): Grounds | undefined {
    for (const [from, to] of edges) {
      const against = this.#moments.refuses(from, to);
      if (against !== undefined) return against;
    }
    return undefined;
  }

  #follow({ edges, happens }: Way, grounds: Grounds): Grounds | undefined {
    const { begin, end, before } = this.#choosing;
    const all = [...edges];
    if (happens !== undefined) {
      this.#happened.set(happens, grounds);
      this.#soil(end(happens));
      for (const other of before(happens)) all.push([end(other), begin(happens)]);
    }
    for (const [from, to] of all) {
      const against = this.#moments.insert(from, to, grounds);
      if (against !== undefined) return against;
    }
    return undefined;
  }
}

function isAnswered(
  { reader, isNow, fitsInitial, fitting }: Question,
  past: readonly number[],
): boolean {
  if (!isNow) return past.some((each) => fitting.has(each));
  const last = past.findLast((each) => each !== reader);
  return last === undefined ? fitsInitial : fitting.has(last);
}

function union(all: readonly Grounds[]): Grounds {
  return new Set(all.flatMap((each) => [...each]));
}
