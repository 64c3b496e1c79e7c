/**
 * From a contradiction to what is learned: the clause is resolved with the reasons of the choices
 * that were implied last, until one literal of the last level is left (the first unique implication
 * point: Zhang et al. 2001). What holds without any decision is left out of it.
 */
import { NONE } from "../../../src/history/history.js";
import type { Assignment } from "./assignment.js";
import type { Clauses } from "./clauses.js";

/** What was learned. */
export interface Learned {
  readonly clause: number;
  /** The literal that it implies, when the last level is taken back; `NONE` for a refutation. */
  readonly literal: number;
  readonly last: number;
}

/** Learns from a clause whose literals are all false. */
export function learn(conflict: number, assignment: Assignment, clauses: Clauses): Learned {
  let last = 0;
  for (const literal of clauses.literalsOf(conflict)) {
    last = Math.max(last, assignment.levelOf(literal));
  }
  const origin = [conflict];
  const seen = new Set<number>();
  const kept: number[] = [];
  let left = 0;
  const add = (clause: number, except: number): void => {
    for (const literal of clauses.literalsOf(clause)) {
      if (literal === except || seen.has(literal >> 1)) continue;
      seen.add(literal >> 1);
      const level = assignment.levelOf(literal);
      if (level === 0) origin.push(assignment.reasonOf(literal));
      else if (level === last) left++;
      else kept.push(literal);
    }
  };
  add(conflict, NONE);
  if (last === 0) return { clause: clauses.add([], origin, false), literal: NONE, last };
  let literal = assignment.lastOf(last);
  for (; ; literal = assignment.before(literal)) {
    if (!seen.has(literal >> 1)) continue;
    if (--left === 0) break;
    const reason = assignment.reasonOf(literal);
    origin.push(reason);
    add(reason, literal);
  }
  kept.sort((a, b) => assignment.levelOf(b) - assignment.levelOf(a));
  const clause = clauses.add([literal ^ 1, ...kept], origin, false);
  clauses.watch(clause);
  return { clause, literal: literal ^ 1, last };
}
