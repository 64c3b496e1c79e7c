/**
 * Looks for an order that explains every read, by choosing the order of pairs where the present one
 * does not, and learning from each cycle which choices cannot be together (conflict-driven clause
 * learning: Marques-Silva & Sakallah 1999; Moskewicz et al. 2001; modulo acyclicity: Bayless et
 * al., MonoSAT, 2015; used for serializability by Tan et al., Cobra, 2020, for snapshot isolation
 * by Huang et al., PolySI, 2023, and Zhang et al., Viper, 2023).
 *
 * What is different here: choices are not all made, and constraints not all written down. There is
 * always an order of all nodes, at first a guess; one pass over it finds which reads it does not
 * explain; only those need choices, and a choice moves only what lies between. Where no read is
 * left unexplained the order is an answer, whatever was not chosen. So a right history of a million
 * transactions costs little more than looking at it, and the quadratic number of pairs of writers
 * is never there. It ends, because each look makes a choice that was open, or learns a clause.
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { Assignment } from "./assignment.js";
import { Clauses } from "./clauses.js";
import type { OrderedGraph } from "./ordered-graph.js";
import { endNode, startNode } from "./known-graph.js";
import { learn } from "./learn.js";
import type { Objection } from "./objection.js";
import { OneStep } from "./one-step.js";
import { Overlooked } from "./overlooked.js";
import { Pairs } from "./pairs.js";
import { Unexplained } from "./unexplained.js";

/** What was done. */
export interface SearchCounts {
  passes: number;
  decisions: number;
  conflicts: number;
  /** Reads that the first guess did not explain, and the last order that was looked at. */
  unexplainedFirst: number;
  unexplainedLast: number;
}

/** Conflicts before all decisions are taken back, times the Luby sequence. */
const RESTART_CONFLICTS = 512;
/** Memory is accounted for after so many conflicts. */
const CONFLICTS_BETWEEN_LOOKS = 64;

/** One search. */
export class Search {
  readonly ordered: OrderedGraph;
  readonly pairs: Pairs;
  readonly clauses: Clauses = new Clauses();
  readonly counts: SearchCounts = {
    passes: 0,
    decisions: 0,
    conflicts: 0,
    unexplainedFirst: 0,
    unexplainedLast: 0,
  };
  /** After it was refuted: the clause without any literal. */
  refutation: number = NONE;

  readonly #meter: Meter;
  readonly #assignment = new Assignment();
  readonly #unexplained: Unexplained;
  readonly #overlooked: Overlooked | OneStep | undefined;
  readonly #isFalse: (literal: number) => boolean;
  readonly #imply: (literal: number, clause: number) => boolean;
  readonly #takeBack: (literal: number) => void;
  /** Literals that hold, which clauses, and the graph, have not been told yet. */
  readonly #forClauses: number[] = [];
  readonly #forGraph: number[] = [];
  #restarts = 1;
  #untilRestart = RESTART_CONFLICTS;
  #reserved = 0;

  constructor(ordered: OrderedGraph, meter: Meter) {
    this.ordered = ordered;
    this.pairs = new Pairs(ordered);
    this.#meter = meter;
    this.#unexplained = new Unexplained(ordered);
    const { minded } = ordered.graph.problem;
    const isWhole = minded === "none" || minded === "writers";
    if (minded === "steps") this.#overlooked = new OneStep(ordered, this.pairs, meter);
    else if (isWhole) this.#overlooked = new Overlooked(ordered, this.pairs, meter);
    this.#isFalse = (literal) => this.#assignment.isFalse(literal);
    this.#imply = (literal, clause) => {
      if (this.#assignment.isTrue(literal)) return true;
      if (this.#assignment.isFalse(literal)) return false;
      this.#hold(literal, clause);
      return true;
    };
    this.#takeBack = (literal) => {
      const [first, count] = this.pairs.edgesOf(literal);
      for (let edge = first; edge < first + count; edge++) this.ordered.remove(edge);
      // Where this was what kept a clause from being looked at, it is to be looked at again.
      this.clauses.watchedWith(literal, (other) => {
        if (this.#assignment.isFalse(other)) this.#forClauses.push(other ^ 1);
      });
    };
  }

  /** Whether there is an order; then it is that of `ordered`. @throws LimitReached */
  run(): boolean {
    const { counts } = this;
    const { triples } = this.#unexplained;
    for (;;) {
      this.#account();
      const before = this.#unexplained.work;
      if (counts.passes === 0) this.#unexplained.findAll();
      else this.#unexplained.findMoved();
      this.#meter.spend(this.#unexplained.work - before);
      counts.unexplainedLast = triples.length / 3;
      if (counts.passes++ === 0) counts.unexplainedFirst = counts.unexplainedLast;
      if (triples.length === 0) {
        // Nothing that was moved says so; and nothing else does.
        this.#unexplained.findAll();
      }
      if (triples.length === 0) {
        const objections = this.#overlooked?.find() ?? [];
        if (objections.length === 0) return true;
        counts.unexplainedLast = objections.length;
        for (const objection of objections) if (!this.#heed(objection)) return false;
        continue;
      }
      const decisions = counts.decisions;
      for (let at = 0; at < triples.length; at += 3) {
        if (!this.#choose(triples.at(at), triples.at(at + 1), triples.at(at + 2))) return false;
      }
      if (counts.decisions === decisions) throw new Error("a search for an order stands still");
    }
  }

  /** Makes the choice that a read waits for, if it still does; false when nothing is left. */
  #choose(first: number, second: number, reader: number): boolean {
    const { problem } = this.ordered.graph;
    const place = (node: number): number => this.ordered.places[node] as number;
    const firstEnd = place(endNode(problem, first));
    const secondEnd = place(endNode(problem, second));
    let isBehind: boolean;
    if (reader === NONE) {
      const secondStart = place(startNode(problem, second));
      if (place(startNode(problem, first)) > secondEnd || secondStart > firstEnd) return true;
      isBehind = firstEnd < secondEnd;
    } else {
      const read = place(startNode(problem, reader));
      if (secondEnd < firstEnd || read < secondEnd) return true;
      isBehind = this.#isLikelyBehind(first, second, read - secondEnd <= secondEnd - firstEnd);
    }
    const literal = isBehind
      ? this.pairs.literal(first, second)
      : this.pairs.literal(second, first);
    this.#assignment.grow(this.pairs.count);
    if (!this.#assignment.isOpen(literal)) return true;
    this.counts.decisions++;
    this.#assignment.decide(literal);
    this.#forClauses.push(literal);
    this.#forGraph.push(literal);
    return this.#settle();
  }

  /** Learns that not all of this is together, and chooses what is not; false for nothing left. */
  #heed({ literals, cycle }: Objection): boolean {
    const { clauses } = this;
    const assignment = this.#assignment;
    assignment.grow(this.pairs.count);
    // What was chosen since may have dealt with it.
    if (literals.some((literal) => assignment.isFalse(literal))) return true;
    const rankOf = (literal: number): number =>
      assignment.isOpen(literal) ? Infinity : assignment.levelOf(literal);
    const ranked = literals.map((literal) => literal ^ 1).toSorted(byRank(rankOf));
    const clause = clauses.add(ranked, cycle, true);
    clauses.watch(clause);
    const open = ranked.filter((literal) => assignment.isOpen(literal));
    const [first] = open;
    if (first === undefined) {
      this.counts.conflicts++;
      if (!this.#resolve(clause)) return false;
    } else if (open.length === 1) {
      this.#hold(first, clause);
    } else {
      const chosen = open.find((literal) => this.#isPossible(literal)) ?? first;
      this.counts.decisions++;
      assignment.decide(chosen);
      this.#forClauses.push(chosen);
      this.#forGraph.push(chosen);
    }
    return this.#settle();
  }

  /** Whether real time does not have it the other way round. */
  #isPossible(literal: number): boolean {
    const { invocations, completions } = this.ordered.graph.problem;
    const begin = invocations[this.pairs.firstOf(literal)] as number;
    return (completions[this.pairs.secondOf(literal)] as number) > begin;
  }

  /** Whether the second of two writers comes later: in real time, or as the order suggests. */
  #isLikelyBehind(first: number, second: number, otherwise: boolean): boolean {
    const { invocations, completions } = this.ordered.graph.problem;
    if ((completions[first] as number) < (invocations[second] as number)) return true;
    if ((completions[second] as number) < (invocations[first] as number)) return false;
    return otherwise;
  }

  /** Follows up all that is implied, learning from contradictions; false when nothing is left. */
  #settle(): boolean {
    for (;;) {
      const conflict = this.#propagate();
      if (conflict === NONE) return true;
      this.counts.conflicts++;
      if (!this.#resolve(conflict)) return false;
      if (this.counts.conflicts % CONFLICTS_BETWEEN_LOOKS === 0) this.#account();
    }
  }

  #propagate(): number {
    for (;;) {
      let literal = this.#forClauses.pop();
      if (literal !== undefined) {
        if (!this.#assignment.isTrue(literal)) continue;
        this.#meter.spend(4);
        const conflict = this.clauses.visit(literal ^ 1, this.#isFalse, this.#imply);
        if (conflict === NONE) continue;
        // What else watches this was not looked at, and both that this one watches are false.
        const [one, other] = this.clauses.literalsOf(conflict) as unknown as [number, number];
        this.#forClauses.push(literal, one ^ 1, other ^ 1);
        return conflict;
      }
      literal = this.#forGraph.pop();
      if (literal === undefined) return NONE;
      if (!this.#assignment.isTrue(literal)) continue;
      const conflict = this.#insert(literal);
      if (conflict === NONE) continue;
      this.#forGraph.push(literal);
      return conflict;
    }
  }

  /** Puts in what follows from a literal; a cycle makes a clause: not all of this together. */
  #insert(literal: number): number {
    const [first, count] = this.pairs.edgesOf(literal);
    for (let edge = first; edge < first + count; edge++) {
      if (this.ordered.insert(edge)) continue;
      const { cycle } = this.ordered;
      const literals = new Set<number>();
      for (const each of cycle) {
        const held = this.pairs.literalOf(each);
        if (held !== NONE) literals.add(held ^ 1);
      }
      return this.clauses.add([...literals], cycle, true);
    }
    return NONE;
  }

  #resolve(conflict: number): boolean {
    const { clause, literal, last } = learn(conflict, this.#assignment, this.clauses);
    if (literal === NONE) {
      this.refutation = clause;
      return false;
    }
    this.#assignment.undo(last, this.#takeBack);
    if (--this.#untilRestart === 0) {
      this.#untilRestart = RESTART_CONFLICTS * luby(++this.#restarts) + this.#assignment.decided;
      this.#assignment.undoAll(this.#takeBack);
    }
    if (this.clauses.literalsOf(clause).every((each) => each === literal || this.#isFalse(each))) {
      this.#hold(literal, clause);
    }
    return true;
  }

  /** What holds without any decision has a clause of its own, so that its origin is short. */
  #hold(literal: number, clause: number): void {
    const literals = this.clauses.literalsOf(clause);
    const isFact = literals.every(
      (each) => each === literal || this.#assignment.levelOf(each) === 0,
    );
    let reason = clause;
    if (isFact && literals.length > 1) {
      const origin = [clause];
      for (const other of literals) {
        if (other !== literal) origin.push(this.#assignment.reasonOf(other));
      }
      reason = this.clauses.add([literal], origin, false);
    }
    this.#assignment.imply(literal, reason, this.clauses.literalsOf(reason));
    this.#forClauses.push(literal);
    this.#forGraph.push(literal);
  }

  /** Gives back what was accounted for. */
  release(): void {
    this.#meter.release(this.#reserved);
    this.#reserved = 0;
  }

  #account(): void {
    const bytes = 4 * (this.clauses.size + 16 * this.pairs.count);
    if (2 * bytes <= this.#reserved) return;
    // Rows double when they grow.
    const more = 2 * bytes - this.#reserved;
    this.#meter.reserve(more);
    this.#reserved += more;
  }
}

/** Descending; of two that are open neither comes first. */
function byRank(rankOf: (literal: number) => number): (a: number, b: number) => number {
  return (a, b) => {
    const [first, second] = [rankOf(a), rankOf(b)];
    return first === second ? 0 : first < second ? 1 : -1;
  };
}

/** The sequence 1 1 2 1 1 2 4 1 1 2 … (Luby, Sinclair & Zuckerman 1993), from 1 on. */
function luby(place: number): number {
  let size = 1;
  let power = 0;
  while (size < place) {
    size = 2 * size + 1;
    power++;
  }
  let at = place;
  while (size !== at) {
    size = (size - 1) >> 1;
    power--;
    if (at > size) at -= size;
  }
  return 2 ** power;
}
