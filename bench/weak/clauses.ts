/**
 * Satisfiability as sequential consistency: the construction that shows why it is hard (after
 * Gibbons & Korach 1997). A variable is a key with two writes, by processes of their own; it is
 * true when the first of them comes first. Then every read of the first value comes before every
 * read of the second. A clause of three literals is three processes of two reads each, which make a
 * cycle when all three literals are false (as links of several clauses can, which only makes it
 * harder).
 */
import { createRandom } from "../../src/random.js";
import { createCalls, type Calls } from "./calls.js";

/** A literal is a variable, from 1, or its negation, below 0. */
export type Clause = readonly [number, number, number];

/** All clauses of three variables: no assignment satisfies them, and each is needed. */
export const CONTRADICTION: readonly Clause[] = Array.from({ length: 8 }, (_, signs): Clause => {
  const sign = (place: number): number => ((signs >> place) & 1 ? 1 : -1);
  return [sign(0) * 1, sign(1) * 2, sign(2) * 3];
});

/** Random clauses of three different variables; 4.26 a variable are the hardest. */
export function randomClauses(variables: number, count: number, seed: number): readonly Clause[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (): Clause => {
    const chosen = new Set<number>();
    while (chosen.size < 3) chosen.add(1 + random.below(variables));
    const signed = [...chosen].map((variable) => (random.below(2) === 0 ? variable : -variable));
    return signed as unknown as Clause;
  });
}

/** The calls of clauses; with `more`, after those, by processes and on keys of their own. */
export function callsOfClauses(clauses: readonly Clause[], more?: Calls): Calls {
  const variables = Math.max(...clauses.flat().map(Math.abs));
  const start = more?.count ?? 0;
  const calls = createCalls(start + 2 * variables + 6 * clauses.length);
  let process = 0;
  let key = 0;
  if (more !== undefined) {
    for (const column of ["processes", "keys", "isRead", "values"] as const) {
      calls[column].set(more[column]);
    }
    process = Math.max(...new Set(more.processes)) + 1;
    key = Math.max(...new Set(more.keys)) + 1;
  }
  let call = start;
  for (let variable = 0; variable < variables; variable++) {
    for (let side = 0; side < 2; side++) {
      calls.processes[call] = process++;
      calls.keys[call] = key + variable;
      calls.values[call] = call;
      call++;
    }
  }
  /** Reads the first or the second value of a variable. */
  const read = (variable: number, second: boolean): void => {
    calls.processes[call] = process;
    calls.keys[call] = key + variable;
    calls.isRead[call] = 1;
    calls.values[call] = start + 2 * variable + (second ? 1 : 0);
    call++;
  };
  for (const clause of clauses) {
    clause.forEach((literal, place) => {
      // A false literal puts the read on the left before the read on the right, one process on.
      const next = clause[(place + 1) % 3] as number;
      read(Math.abs(literal) - 1, literal < 0);
      read(Math.abs(next) - 1, next > 0);
      process++;
    });
  }
  return calls;
}
