/**
 * Causal reverse: a read sees a write and misses one that was there before that write began. A
 * serializable system may do this, a strictly serializable one may not.
 *
 * Reads `write`, `add`, `append` and `insert` (of a value that is written once), and `read`, whose
 * result is the list of all values that are there. Each key is judged for itself. A write is there
 * from the end of its operation, or of a read that lists it.
 */
import type { Checker } from "../src/checker/checker.js";
import { NONE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { collectElements, type ElementRead, type Elements } from "./everyday/elements.js";
import { inEventOrder } from "./everyday/event-order.js";
import { nothingOf } from "./everyday/functions.js";
import type { Limits } from "./everyday/limits.js";
import { inOrder, nothingAtRisk } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

const FUNCTIONS = { add: ["write", "add", "append", "insert"], remove: [], read: ["read"] };

/**
 * Compares what each read lists with what was there before the last of it began.
 *
 * `causal-reverse`: a read lists a later write and not an earlier one.
 *
 *     process 0  |-- write 1 --|
 *     process 1                  |-- write 2 --|
 *     process 2                       |-- read → [2] --|
 *
 * @throws HarnessError `bad-argument` for a read that returns no list
 */
export function causalReverse(): Checker {
  return checkerOf({
    name: "causal-reverse",
    description: "no read sees a write and misses one that ended before it began: write, read",
    keyed: true,
    kinds: ["causal-reverse"],
    judge,
  });
}

function judge(history: History, { found, limits }: Work): Judgement {
  const elements = collectElements(history, {
    ...FUNCTIONS,
    checker: "causal-reverse",
    limits,
    // What is made up or doubled is for the checker of sets.
    faults: { unexpected: () => undefined, duplicated: () => undefined },
  });
  const valueOf = (element: number): Value => history.valueAt(elements.values[element] as number);
  const { knownBy, firstAdd, reads } = elements;
  findReversed(elements, limits, ({ read, later, missing, missingCount }) =>
    found.add("causal-reverse", () => {
      const known = knownBy[missing] as number;
      const write = firstAdd[later] as number;
      return {
        message: `${callText(history, read.invocation)} shows ${valueText(valueOf(later))} and misses ${valueText(valueOf(missing))}, which was there since ${callText(history, known)}, before ${callText(history, write)} began.`,
        operations: inOrder(firstAdd[missing] as number, known, write, read.invocation),
        details: { seen: valueOf(later), missing: valueOf(missing), missingCount },
      };
    }),
  );
  const shown = reads.filter(({ start, end }) => end > start).length;
  return {
    operations: elements.operations,
    details: { writes: elements.count, reads: reads.length },
    holds: `${counted(shown, "read")} show all that was there before the last thing that they show.`,
    gap: shown === 0 ? nothingOf("read that shows a write", ["write", "read"]) : undefined,
    isEmpty: nothingAtRisk(elements),
  };
}

interface Reversed {
  readonly read: ElementRead;
  readonly later: number;
  /** The one that was there first, and how many there are. */
  readonly missing: number;
  readonly missingCount: number;
}

/**
 * For each read, the one of its elements that was written last tells what must have been there. A
 * count tells whether all of it is; only where it is not the missing one is looked for.
 */
function findReversed(elements: Elements, limits: Limits, tell: (found: Reversed) => void): void {
  const { count, firstAdd, knownAt, reads, listed } = elements;
  limits.hold(count * 8);
  const { byKnown, times } = inKnownOrder(knownAt);
  const stamp = new Int32Array(count).fill(NONE);
  for (const [r, read] of reads.entries()) {
    if (r % 64 === 0) limits.check();
    let later = NONE;
    const { start, end } = read;
    for (let k = start; k < end; k++) {
      const element = listed.at(k);
      stamp[element] = r;
      const begun = firstAdd[element] as number;
      if (later === NONE || begun > (firstAdd[later] as number)) later = element;
    }
    if (later === NONE) continue;
    const begun = firstAdd[later] as number;
    const needed = countBelow(times, begun);
    let shown = 0;
    for (let k = start; k < end; k++) {
      // What a read lists is known by its end.
      if ((knownAt[listed.at(k)] as number) < begun) shown++;
    }
    if (shown === needed) continue;
    const missing = byKnown.find((element) => stamp[element] !== r) as number;
    tell({ read, later, missing, missingCount: needed - shown });
  }
}

/** The elements that are ever known, in the order of these moments, which are events. */
function inKnownOrder(knownAt: Int32Array): {
  readonly byKnown: Int32Array;
  readonly times: Int32Array;
} {
  const times = new Int32Array(knownAt.length);
  // `NONE` becomes the first of all moments.
  for (let element = 0; element < times.length; element++) {
    times[element] = (knownAt[element] as number) + 1;
  }
  const order = inEventOrder(times);
  let from = 0;
  while (from < order.length && knownAt[order[from] as number] === NONE) from++;
  const byKnown = order.subarray(from);
  for (let at = 0; at < byKnown.length; at++) {
    times[at] = knownAt[byKnown[at] as number] as number;
  }
  return { byKnown, times: times.subarray(0, byKnown.length) };
}

/** How many of the ascending numbers are below the bound. */
function countBelow(numbers: Int32Array, bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
