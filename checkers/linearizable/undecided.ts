/**
 * Why a part stayed undecided, how far it got, what made it dear, and what to do: in plain words,
 * and as data for the reports.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { ModelOperation } from "../../src/model/model.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Progress } from "./attempt.js";
import type { Assumptions } from "./assumptions.js";
import { describe } from "./explain.js";
import type { LimitName } from "./meter.js";
import type { Part } from "./parts.js";
import type { Problem } from "./problem.js";
import type { Transitions } from "./transitions.js";

/** So many operations are named in a sentence, and kept as data. */
const NAMED_MAX = 3;
const KEPT_MAX = 16;
const LEVELS_BACK = 64;

/** The general search when it ended. */
export interface Unfinished {
  readonly history: History;
  readonly part: Part;
  readonly limit: LimitName;
  /** What was spent of what there is a limit of: `2000 ms`, `512 MiB`. */
  readonly spent: string;
  readonly progress: Progress;
  /** Undefined when even laying out the problem was too much. */
  readonly problem: Problem | undefined;
  readonly transitions: Transitions | undefined;
  readonly assumptions: Assumptions | undefined;
}

/** What there is to say. */
export interface Undecided {
  readonly reason: string;
  readonly details: { readonly [name: string]: Value };
}

/** Explains it. */
export function explainUndecided(unfinished: Unfinished): Undecided {
  const { part, limit, spent, problem, progress } = unfinished;
  const where = part.part === null ? "The history" : `Key ${canonical(part.part)}`;
  const option = limit === "time" ? "--time-budget" : "--memory-budget";
  const start = `Undecided: out of ${limit} after ${spent}.`;
  const advice = `Raise ${option}, or shorten the run, use fewer clients per key, or more keys.`;
  const { completed, indeterminate } = part;
  const about = { limit, part: part.part };
  if (problem === undefined) {
    const has = `it has ${completed.length} completed operations`;
    return {
      reason: `${start} ${where} was explained up to no event; ${has}. ${advice}`,
      details: { ...about, event: 0, explained: 0, completed: completed.length },
    };
  }
  const place = placeOf(unfinished, problem);
  const { event, open, repeated } = place;
  const begun = repeated.reduce((sum, { count }) => sum + count, 0);
  const reached = `event ${event} (${progress.levelMax} of ${problem.levels} completed operations)`;
  const named = open.map(({ words }) => words);
  const counted = repeated.map(({ count, words }) => `${count} × ${words}`);
  const dear = [
    `up to ${problem.openMax} operations were open at once` +
      (named.length === 0 ? "" : `, shortly before ${listOf(named)}`),
    `${problem.members.length} of ${indeterminate.length} indeterminate ones begin before the end` +
      (begun === 0 ? "" : `, and ${begun} may have changed something by then (${listOf(counted)})`),
    `${progress.configurationsMax} possibilities were kept at once`,
  ];
  return {
    reason: `${start} ${where} was explained up to ${reached}; ${dear.join("; ")}. ${advice}`,
    details: {
      ...about,
      event,
      explained: progress.levelMax,
      completed: problem.levels,
      openMax: problem.openMax,
      configurationsMax: progress.configurationsMax,
      open: open.slice(0, KEPT_MAX).map(({ invocation }) => invocation),
      indeterminate: repeated.slice(0, KEPT_MAX).map(({ count, words, invocation }) => ({
        count,
        operation: words,
        invocation,
      })),
    },
  };
}

interface Place {
  readonly event: number;
  /** Operations that change something, where most were open shortly before. */
  readonly open: readonly { readonly invocation: number; readonly words: string }[];
  /** Groups of equal indeterminate ones that had begun and change something, largest first. */
  readonly repeated: readonly {
    readonly count: number;
    readonly words: string;
    readonly invocation: number;
  }[];
}

/** What was going on at the furthest level. */
function placeOf(unfinished: Unfinished, problem: Problem): Place {
  const { history, progress, transitions, assumptions } = unfinished;
  const { levels, invocations, openStart, kinds, groups, groupsBegun } = problem;
  if (levels === 0) return { event: 0, open: [], repeated: [] };
  const level = Math.min(progress.levelMax, levels - 1);
  const event = history.pairs[invocations[level] as number] as number;
  const widest = widestLevel(openStart, level);
  const open = [...problem.open.subarray(openStart[widest], openStart[widest + 1])]
    .filter((one) => assumptions?.changing[kinds[one] as number] !== 0)
    .map((one) => invocations[one] as number)
    .map((invocation) => ({ invocation, words: describe(history, invocation) }));
  const repeated = groups
    .slice(0, groupsBegun[level])
    .filter(({ kind }) => assumptions?.active[kind] !== 0)
    .map(({ kind, start, size }) => {
      const last = start + size;
      let end = start;
      while (end < last && (problem.memberLevels[end] as number) <= level) end++;
      const words = inWords(transitions?.kinds[kind]);
      return { count: end - start, words, invocation: problem.members[start] ?? NONE };
    })
    .sort((a, b) => b.count - a.count);
  return { event, open, repeated };
}

/** Where most operations were open at once, among the last levels up to this one. */
function widestLevel(openStart: Int32Array, level: number): number {
  const widthOf = (at: number): number => (openStart[at + 1] as number) - (openStart[at] as number);
  let widest = level;
  for (let at = level; at >= Math.max(0, level - LEVELS_BACK); at--) {
    if (widthOf(at) > widthOf(widest)) widest = at;
  }
  return widest;
}

function inWords(operation: ModelOperation | undefined): string {
  if (operation === undefined) return "an operation";
  const { f, key, input } = operation;
  const about = key === undefined ? "" : ` on key ${canonical(key)}`;
  return `${f}${input === null ? "" : ` of ${canonical(input)}`}${about}`;
}

/** The first of them, and how many more there are. */
function listOf(words: readonly string[]): string {
  const more = words.length - NAMED_MAX;
  const named = words.slice(0, NAMED_MAX).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}
