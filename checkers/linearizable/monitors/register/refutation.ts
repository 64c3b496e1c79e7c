/**
 * Why a register cannot be explained, in completed operations and the values that they are about.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import type { Calls, MonitorAnswer } from "../monitor.js";
import { REFUSES, type RegisterFacts } from "./facts.js";

/**
 * Completed calls that prove as much as the given ones: an indeterminate writer happened because
 * its value was observed. None for `NONE`, the initial write.
 */
export function completedFor(
  given: readonly number[],
  { outcomes }: Calls,
  { made, witnesses }: RegisterFacts,
): number[] {
  return given
    .filter((call) => call !== NONE)
    .map((call) => (outcomes[call] === INFO ? (witnesses[made[call] as number] as number) : call));
}

/**
 * The answer that these calls contradict one another, in the history projected to the values that
 * compare-and-sets tie to theirs; a refusal is about no value, so that nothing is left out beside
 * one.
 */
export function refutation(
  given: readonly number[],
  calls: Calls,
  facts: RegisterFacts,
): MonitorAnswer {
  const named = [...new Set(given)].sort((a, b) => a - b);
  const answer = { kind: "not-linearizable", calls: named } as const;
  if (named.some((call) => facts.kinds[call] === REFUSES)) return answer;
  const tied = tiedValues(named, calls, facts);
  return { ...answer, namedValues: tied.map((value) => facts.valueAt(value)) };
}

/** The values of these calls, and every value that some compare-and-set ties to one of them. */
function tiedValues(named: readonly number[], { count }: Calls, facts: RegisterFacts): number[] {
  const { seen, made, kinds } = facts;
  const parents = Int32Array.from({ length: facts.count }, (_, value) => value);
  const rootOf = (value: number): number => {
    let root = value;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root] as number] as number;
      root = parents[root] as number;
    }
    return root;
  };
  for (let call = 0; call < count; call++) {
    const from = seen[call] as number;
    const to = made[call] as number;
    if (from === NONE || to === NONE || kinds[call] === REFUSES) continue;
    parents[rootOf(from)] = rootOf(to);
  }
  const roots = new Set<number>();
  for (const call of named) {
    const value = (seen[call] === NONE ? made[call] : seen[call]) as number;
    roots.add(rootOf(value));
  }
  const tied: number[] = [];
  for (let value = 0; value < facts.count; value++) {
    if (roots.has(rootOf(value))) tied.push(value);
  }
  return tied;
}
