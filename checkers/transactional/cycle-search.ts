/**
 * The shortest cycle of a class through an edge: breadth first over pairs of a node and what has to
 * be remembered, where edges that continue others cost nothing (0-1 breadth first: Dial 1969). The
 * order of a session leads from each transaction to the next one only, but is one step however far.
 *
 * Breadth first may come to a transaction twice, in different situations: rarely, and then the
 * simple cycles through the edge are tried one after the other, within a bound.
 *
 * A class is told by its first edge and by which edges may follow:
 *
 * ```
 * G0              ww, then ww
 * G1c             wr, then ww or wr
 * G-cursor        update (an rw whose transaction wrote the same key), then ww, wr or update
 * G-single        rw, then ww or wr
 * G-nonadjacent   rw, then any, but never an rw after an rw (nor at the end, before the first)
 * G2              rw, rw, then any
 * ```
 *
 * and in each of them edges of time as far as the variant has them.
 */
import type { LabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { CONTINUES, PROCESS, RW, UPDATE, WR, WW } from "./dependencies.js";

/** Classes of cycles, from grave to slight (Adya 1999; Kingsbury & Alvaro 2020). */
export const CYCLE_CLASSES = ["G0", "G1c", "G-cursor", "G-single", "G-nonadjacent", "G2"] as const;
export type CycleClass = (typeof CYCLE_CLASSES)[number];

/** Edges that may follow, beside those of time. */
export const FOLLOWING: { readonly [name in CycleClass]: number } = {
  G0: WW,
  G1c: WW | WR,
  "G-cursor": WW | WR | UPDATE,
  "G-single": WW | WR,
  "G-nonadjacent": WW | WR | RW,
  G2: WW | WR | RW,
};

/** An edge of a cycle between two nodes that are transactions. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
}

/** What is searched for. */
export interface CycleQuestion {
  readonly class: CycleClass;
  /** Kinds of edges of time that may be used. */
  readonly time: number;
  /** Kinds of which the cycle must have one; 0: it need not. */
  readonly needs: number;
  /** Node → number of its component; the cycle does not leave it. */
  readonly components: Int32Array;
}

/** With which edge a cycle begins; longer ones than `lengthMax` are not looked for. */
export interface CycleBeginning {
  readonly from: number;
  /** Where the edge stands in the graph. */
  readonly place: number;
  readonly lengthMax: number;
}

/** As many situations a node may be reached in. */
const STATE_BITS = 4;
const STATES = 1 << STATE_BITS;

/** What the class remembers: nothing in particular. */
const FREE = 0;
/** G-nonadjacent: the last edge was an rw; a second one came. */
const AFTER_RW = 1;
const HAS_SECOND = 2;
/** G2: the next edge must be an rw. */
const WANTS_RW = 1;
const OF_CLASS = 3;
/** There was an edge of a kind that is needed. */
const HAS_NEEDED = 4;
/** The last edge was one of a session: another one continues it. */
const IN_SESSION = 8;

const REFUSED = -1;

/** Labels are less. */
const LABELS = 64;

/** Simple cycles are tried with so many edges for each first one, and so many deep. */
const TRIED_WORK_MAX = 20_000;
const TRIED_DEPTH_MAX = 1_000;

/** Searches one graph again and again. */
export class CycleSearch {
  readonly #graph: LabelledDigraph;
  /** Pair → the search in which it was reached; from which pair; by which edge; how far. */
  readonly #stamps: Int32Array;
  readonly #parents: Int32Array;
  readonly #kinds: Uint8Array;
  readonly #lengths: Int32Array;
  #stamp = 0;
  /** Pairs whose edges are looked at now, and those after them. */
  #border: number[] = [];
  #next: number[] = [];
  #question: CycleQuestion = NO_QUESTION;
  /** Situation and label → the situation after that edge, or `REFUSED`. */
  #after: Int8Array = new Int8Array(0);
  /** Edges looked at, over all searches. */
  work = 0;
  /** Whether a search ended at a bound since this was last made false: there may be more. */
  wasCut = false;
  /** Whether simple cycles were not all tried since this was last made false. */
  gaveUp = false;

  constructor(graph: LabelledDigraph) {
    this.#graph = graph;
    this.#stamps = new Int32Array(graph.count * STATES);
    this.#parents = new Int32Array(graph.count * STATES);
    this.#kinds = new Uint8Array(graph.count * STATES);
    this.#lengths = new Int32Array(graph.count * STATES);
  }

  /** Says what is looked for from here on. */
  ask(question: CycleQuestion): void {
    this.#question = question;
    this.#after = transitionsOf(question);
  }

  /** The steps of a shortest cycle, or undefined when there is none that short. */
  find(beginning: CycleBeginning): readonly Step[] | undefined {
    const steps = this.#walk(beginning);
    return steps === undefined || isSimple(steps) ? steps : this.#tryAll(beginning);
  }

  /** A shortest closed walk. */
  #walk({ from, place, lengthMax }: CycleBeginning): readonly Step[] | undefined {
    const question = this.#question;
    const after = this.#after;
    const lengths = this.#lengths;
    const stamps = this.#stamps;
    const { components } = question;
    const { starts, targets, labels } = this.#graph;
    const component = components[from] as number;
    const second = targets[place] as number;
    // The second transaction of a G2 is in the cycle already.
    const excluded = question.class === "G2" ? second : NONE;
    const begin = second * STATES + beginningOf(question.class);
    const stamp = ++this.#stamp;
    let work = 1;
    this.#reach(begin, -1, labels[place] as number, 1);
    let border = this.#border;
    let next = this.#next;
    border[0] = begin;
    let borderSize = 1;
    let end = NONE;
    for (let length = 1; borderSize > 0 && length <= lengthMax && end === NONE; length++) {
      let nextSize = 0;
      // The border grows while it is walked: edges that continue lead to pairs of the same length.
      walking: for (let pairAt = 0; pairAt < borderSize; pairAt++) {
        const pair = border[pairAt] as number;
        if ((lengths[pair] as number) < length) continue;
        const node = pair >> STATE_BITS;
        const state = pair & (STATES - 1);
        const last = starts[node + 1] as number;
        for (let at = starts[node] as number; at < last; at++) {
          work++;
          const target = targets[at] as number;
          if (components[target] !== component) continue;
          const label = labels[at] as number;
          const reachedState = after[state * LABELS + label] as number;
          if (reachedState === REFUSED || target === excluded) continue;
          const isFree = continues(state, label);
          if (!isFree && length === lengthMax) {
            this.wasCut = true;
            continue;
          }
          const reached = target * STATES + reachedState;
          const least = isFree ? length : length + 1;
          if (stamps[reached] === stamp && (lengths[reached] as number) <= least) continue;
          this.#reach(reached, pair, label, least);
          if (target !== from) {
            if (isFree) border[borderSize++] = reached;
            else next[nextSize++] = reached;
          } else if (isEnd(question, reachedState)) {
            end = reached;
            if (isFree) break walking;
          }
        }
      }
      [border, next] = [next, border];
      borderSize = nextSize;
    }
    this.work += work;
    return end === NONE ? undefined : this.#stepsTo(end, from);
  }

  // oxlint-disable-next-line max-params -- the innermost of loops
  #reach(pair: number, parent: number, kind: number, length: number): void {
    this.#stamps[pair] = this.#stamp;
    this.#parents[pair] = parent;
    this.#kinds[pair] = kind;
    this.#lengths[pair] = length;
  }

  /** The steps back from the end; nodes between that are no transactions are left out. */
  #stepsTo(end: number, from: number): readonly Step[] {
    const edges: Step[] = [];
    for (let pair = end; pair !== NONE;) {
      const parent = this.#parents[pair] as number;
      edges.push({
        from: parent === NONE ? from : Math.floor(parent / STATES),
        to: Math.floor(pair / STATES),
        kind: this.#kinds[pair] as number,
      });
      pair = parent;
    }
    return stepsOf(edges.reverse());
  }

  /**
   * A shortest simple cycle, by trying all that are not longer than what is known, depth first.
   * What is left when the bound is reached is the best so far.
   */
  #tryAll({ from, place, lengthMax: longest }: CycleBeginning): readonly Step[] | undefined {
    const question = this.#question;
    const { components } = question;
    const { starts, targets, labels } = this.#graph;
    const workMax = this.work + TRIED_WORK_MAX;
    const path: Step[] = [];
    /** Transactions from which a step of the path leads. */
    const used = new Set<number>();
    let lengthMax = longest;
    let best: readonly Step[] | undefined;
    const enter = (edge: Step, state: number, length: number): void => {
      path.push(edge);
      if (edge.to === from && isEnd(question, state)) {
        best = stepsOf(path);
        lengthMax = length - 1;
      } else if (edge.to !== from) leave(edge.to, state, length);
      path.pop();
    };
    const leave = (node: number, state: number, length: number): void => {
      if (used.has(node)) return;
      for (let at = starts[node] as number; at < (starts[node + 1] as number); at++) {
        const label = labels[at] as number;
        const to = targets[at] as number;
        if (components[to] !== components[from]) continue;
        const after = this.#after[state * LABELS + label] as number;
        if (after === REFUSED) continue;
        const isFree = continues(state, label);
        const isBounded = this.work > workMax || path.length > TRIED_DEPTH_MAX;
        if (isBounded || (!isFree && length >= lengthMax)) {
          this.wasCut = true;
          if (!isBounded) continue;
          this.gaveUp = true;
          return;
        }
        this.work++;
        if (!isFree) used.add(node);
        enter({ from: node, to, kind: label }, after, isFree ? length : length + 1);
        if (!isFree) used.delete(node);
      }
    };
    const to = targets[place] as number;
    used.add(from);
    enter({ from, to, kind: labels[place] as number }, beginningOf(question.class), 1);
    return best;
  }
}

/** No pair. */
const NONE = -1;

const NO_QUESTION: CycleQuestion = {
  class: "G0",
  time: 0,
  needs: 0,
  components: new Int32Array(0),
};

/** Edges that continue others are part of these. */
function stepsOf(edges: readonly Step[]): readonly Step[] {
  const steps: Step[] = [];
  for (const { from, to, kind } of edges) {
    const last = steps.at(-1);
    if (last !== undefined && (kind === CONTINUES || (kind === PROCESS && last.kind === PROCESS))) {
      steps[steps.length - 1] = { ...last, to };
    } else steps.push({ from, to, kind });
  }
  return steps;
}

function isSimple(steps: readonly Step[]): boolean {
  return new Set(steps.map(({ from }) => from)).size === steps.length;
}

function beginningOf(name: CycleClass): number {
  if (name === "G2") return WANTS_RW;
  return name === "G-nonadjacent" ? AFTER_RW : FREE;
}

/** Whether an edge is part of the step before it. */
function continues(state: number, label: number): boolean {
  return label === CONTINUES || (label === PROCESS && (state & IN_SESSION) !== 0);
}

/** What follows in each situation on an edge with each label. */
function transitionsOf(question: CycleQuestion): Int8Array {
  const allowed = FOLLOWING[question.class] | question.time;
  const after = new Int8Array(STATES * LABELS).fill(REFUSED);
  for (let state = 0; state < STATES; state++) {
    for (let label = 0; label < LABELS; label++) {
      if (label !== CONTINUES && (label & allowed) === 0) continue;
      after[state * LABELS + label] = follow(question, state, label);
    }
  }
  return after;
}

function follow(question: CycleQuestion, state: number, label: number): number {
  if (label === CONTINUES) return state;
  const ofClass = followInClass(question.class, state & OF_CLASS, label);
  if (ofClass === REFUSED) return REFUSED;
  const needed = (label & question.needs) === 0 ? state & HAS_NEEDED : HAS_NEEDED;
  return ofClass | needed | (label === PROCESS ? IN_SESSION : 0);
}

function followInClass(name: CycleClass, state: number, label: number): number {
  if (name === "G2") return state === WANTS_RW && label !== RW ? REFUSED : FREE;
  if (name !== "G-nonadjacent") return FREE;
  if (label !== RW) return state & HAS_SECOND;
  return (state & AFTER_RW) === 0 ? AFTER_RW | HAS_SECOND : REFUSED;
}

function isEnd({ class: name, needs }: CycleQuestion, state: number): boolean {
  if (needs !== 0 && (state & HAS_NEEDED) === 0) return false;
  const ofClass = state & OF_CLASS;
  return name === "G-nonadjacent" ? ofClass === HAS_SECOND : ofClass === FREE;
}
