/**
 * Sets: what becomes of every element that is added, as every read shows it. It covers what a
 * checker of final reads finds, and needs none: reads may happen at any time.
 *
 * Reads `add` (of an element), `remove` (of an element), and `read`, whose result is the list of
 * all elements (null for none). What failed did not happen; what is indeterminate may be seen or
 * not. An element that somebody may have removed needs not be seen again.
 */
import type { Checker } from "../src/checker/checker.js";
import { NONE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Anomaly } from "../src/verdict/verdict.js";
import { elementsOf, elementValue, type ElementWords } from "./everyday/element-faults.js";
import type { Elements } from "./everyday/elements.js";
import { nothingOf } from "./everyday/functions.js";
import { assertBoolean, assertNumber } from "./everyday/options.js";
import {
  inOrder,
  judgePresence,
  lostAnomaly,
  nothingAtRisk,
  type Missed,
} from "./everyday/presence.js";
import { latencyFacts } from "./everyday/quantiles.js";
import { findResurrected, resurrectedAnomaly } from "./everyday/resurrected.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, timeText, valueText } from "./everyday/words.js";

/** Options of `setFull`. */
export interface SetFullOptions {
  /**
   * Whether a read must show every element that is known when it begins. Default false: an element
   * may come into sight later, as long as it comes.
   */
  readonly linearizable?: boolean;
  /**
   * How many milliseconds an element must have been known before the last read that misses it
   * proves that it is lost; default 0. For sets that converge some time after the last add.
   */
  readonly settleMs?: number;
}

/** How many of the elements that were stale for longest the details list. */
const WORST_LISTED = 8;
/** How many of the elements that no read can tell of the details list. */
const NEVER_READ_LISTED = 20;
const FUNCTIONS = { add: ["add"], remove: ["remove"], read: ["read"] };
const WORDS: ElementWords = {
  ...FUNCTIONS,
  checker: "set-full",
  unexpected: "unexpected-element",
  duplicated: "duplicated-element",
};

/**
 * Follows every element from its add to the last read.
 *
 * `lost-element`: it was known, and no read shows it from some moment on.
 *
 *     process 0  |-- add 1 --|
 *     process 1                |-- read → [1] --|  |-- read → [] --|
 *
 * `unexpected-element`: a read shows what nobody had tried to add, or whose every add failed.
 *
 *     process 0  |-- read → [7] --|   |-- add 7 --|
 *
 * `resurrected-element`: a read shows what was removed before it began, and not added again.
 *
 *     process 0  |-- add 1 --|  |-- remove 1 --|
 *     process 1                                  |-- read → [1] --|
 *
 * `duplicated-element`: a read lists an element twice.
 *
 *     process 0  |-- add 1 --|  |-- read → [1, 1] --|
 *
 * `stale-read` (only where reads must be linearizable): a read misses an element that was known
 * before it began, and a later one shows it.
 *
 *     process 0  |-- add 1 --|
 *     process 1                |-- read → [] --|  |-- read → [1] --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a read that returns no list
 */
export function setFull(options: SetFullOptions = {}): Checker {
  const { linearizable = false, settleMs = 0 } = options;
  assertBoolean("set-full", { linearizable });
  assertNumber("set-full", { settleMs });
  return checkerOf({
    name: "set-full",
    description: "no element of a set is lost, made up, doubled or back from the dead: add, read",
    keyed: true,
    kinds: [
      "lost-element",
      "unexpected-element",
      "resurrected-element",
      "duplicated-element",
      "stale-read",
    ],
    judge: (history, work) => judge(history, work, { linearizable, settleMs }),
  });
}

function judge(
  history: History,
  { found, limits }: Work,
  { linearizable, settleMs }: Required<SetFullOptions>,
): Judgement {
  const elements = elementsOf(history, { found, limits }, WORDS);
  findResurrected(history, elements, {
    functions: FUNCTIONS,
    tell: (back) =>
      found.add("resurrected-element", () => resurrectedAnomaly(history, elements, back)),
  });
  const latencies: number[] = [];
  const lostAfterMs: number[] = [];
  const worst: Missed[] = [];
  const neverRead: Value[] = [];
  const presence = judgePresence(history, elements, {
    limits,
    settleNs: settleMs * 1e6,
    reads: elements.reads,
    lost: (missed) => {
      lostAfterMs.push(missed.latencyNs / 1e6);
      found.add("lost-element", () => lostAnomaly(history, elements, missed));
    },
    stale: (missed) => {
      latencies.push(missed.latencyNs / 1e6);
      keepWorst(worst, missed);
      if (linearizable) found.add("stale-read", () => staleRead(history, elements, missed));
    },
    neverRead: (element) => {
      if (neverRead.length === NEVER_READ_LISTED) return;
      neverRead.push(elementValue(history, elements, element));
    },
  });
  return {
    operations: elements.operations,
    details: {
      elements: elements.count,
      reads: elements.reads.length,
      ...acknowledgedOf(elements),
      ...presence,
      neverReadElements: neverRead,
      staleMs: latencyFacts(Float64Array.from(latencies)),
      lostAfterMs: latencyFacts(Float64Array.from(lostAfterMs)),
      worstStale: worst.map(({ element, latencyNs }) => ({
        element: elementValue(history, elements, element),
        staleMs: latencyNs / 1e6,
      })),
    },
    holds: `Of ${counted(elements.count, "element")}, reads showed ${presence.stable + presence.stale} to stay, and none was lost.`,
    gap: gapIn(elements, presence.stable + presence.stale),
    isEmpty: nothingAtRisk(elements),
  };
}

/** How many adds were acknowledged, and of how many that were not reads show that they happened. */
function acknowledgedOf({ acknowledgedAt, knownAt }: Elements): {
  readonly acknowledged: number;
  readonly recovered: number;
} {
  let [acknowledged, recovered] = [0, 0];
  for (let element = 0; element < acknowledgedAt.length; element++) {
    if (acknowledgedAt[element] !== NONE) acknowledged++;
    else if (knownAt[element] !== NONE) recovered++;
  }
  return { acknowledged, recovered };
}

/** Keeps the elements that were missed for longest, the worst first. */
function keepWorst(worst: Missed[], missed: Missed): void {
  const at = worst.findIndex(({ latencyNs }) => latencyNs < missed.latencyNs);
  if (at !== -1) worst.splice(at, 0, missed);
  else if (worst.length < WORST_LISTED) worst.push(missed);
  if (worst.length > WORST_LISTED) worst.pop();
}

function gapIn({ reads }: Elements, seen: number): string | undefined {
  if (reads.length === 0) return nothingOf("read", ["add", "remove", "read"]);
  if (seen > 0) return undefined;
  return "Nothing was proved: no read began after an element was known to be there. Read the set at the end of the run.";
}

function staleRead(
  history: History,
  elements: Elements,
  { element, read, seenBy, latencyNs }: Missed,
): Omit<Anomaly, "kind"> {
  const value = elementValue(history, elements, element);
  const known = elements.knownBy[element] as number;
  const later = seenBy?.invocation ?? read.invocation;
  return {
    message: `${callText(history, read.invocation)} misses ${valueText(value)}, which was there for ${timeText(latencyNs)} since ${callText(history, known)}; ${callText(history, later)} shows it.`,
    operations: inOrder(elements.firstAdd[element] as number, known, read.invocation, later),
    details: { element: value, staleMs: latencyNs / 1e6 },
  };
}
