/**
 * Leader uniqueness: in each term (epoch, view, ballot) there is at most one leader.
 *
 * Reads `leader` and `elect` (or the functions that are named), whose result is an object with
 * `term` and `leader`, or a list of [term, leader]; null, or a leader of null, for one that is not
 * known. Each key (shard, group) has terms of its own.
 */
import type { Checker } from "../src/checker/checker.js";
import { NEMESIS, OK, type History } from "../src/history/history.js";
import { canonical, type Value } from "../src/history/value.js";
import { countOf, maskOf, nothingOf } from "./everyday/functions.js";
import { assertBoolean, assertTexts, misshapen } from "./everyday/options.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `leader`. */
export interface LeaderOptions {
  /** The functions that tell who leads; default `["leader", "elect"]`. */
  readonly functions?: readonly string[];
  /**
   * Whether the terms that one process is told, which must be numbers then, never go back: for
   * processes that ask one node each. Default false.
   */
  readonly growing?: boolean;
}

/**
 * Compares what is said of each term.
 *
 * `two-leaders`: two leaders of one term.
 *
 *     process 0  |-- leader → term 3, n1 --|
 *     process 1            |-- leader → term 3, n2 --|
 *
 * `term-went-back` (only where terms must grow): a process is told of an older term than before.
 *
 *     process 0  |-- leader → term 3, n1 --|  |-- leader → term 2, n2 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a result that tells no leader
 */
export function leader(options: LeaderOptions = {}): Checker {
  const { functions = ["leader", "elect"], growing = false } = options;
  assertTexts("leader", { functions });
  assertBoolean("leader", { growing });
  return checkerOf({
    name: "leader",
    description: "no term has two leaders: leader, elect",
    keyed: true,
    kinds: ["two-leaders", "term-went-back"],
    judge: (history, work) => judge(history, work, { functions, growing }),
  });
}

interface Told {
  readonly term: Value;
  readonly leader: Value;
}

function judge(
  history: History,
  { found, limits }: Work,
  { functions: names, growing }: Required<LeaderOptions>,
): Judgement {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const isAsked = maskOf(history, names);
  limits.hold(pool.length * 16);
  const parsed: (Told | null | undefined)[] = [];
  /** Leaders of each term, each with the first operation that was told of it. */
  const leaders = new Map<string, Map<string, number>>();
  const newest = new Map<number, { readonly term: number; readonly invocation: number }>();
  let told = 0;
  for (let i = 0; i < length; i++) {
    if (types[i] !== OK || processes[i] === NEMESIS || isAsked[functions[i] as number] !== 1) {
      continue;
    }
    const id = values[i] as number;
    const known = (parsed[id] ??= toldBy(pool[id] as Value) ?? null);
    if (known === null || known.leader === null) continue;
    told++;
    const invocation = pairs[i] as number;
    const term = canonical(known.term);
    const ofTerm = leaders.get(term) ?? new Map<string, number>();
    leaders.set(term, ofTerm);
    const name = canonical(known.leader);
    const [other] = ofTerm;
    if (other !== undefined && !ofTerm.has(name)) {
      const [otherName, before] = other;
      found.add("two-leaders", () => ({
        message: `${callText(history, invocation)} was told that ${valueText(known.leader)} leads term ${valueText(known.term)}, ${callText(history, before)} that ${otherName} does.`,
        operations: before < invocation ? [before, invocation] : [invocation, before],
        details: { term: known.term, leader: known.leader },
      }));
    }
    if (!ofTerm.has(name)) ofTerm.set(name, invocation);
    if (!growing) continue;
    if (typeof known.term !== "number")
      throw misshapen("leader", "terms that are numbers", known.term);
    const { term: number } = known as { readonly term: number };
    const process = processes[i] as number;
    const last = newest.get(process);
    if (last !== undefined && number < last.term) {
      found.add("term-went-back", () => ({
        message: `${callText(history, invocation)} was told of term ${number}, after ${callText(history, last.invocation)} had been told of term ${last.term}.`,
        operations: [last.invocation, invocation],
        details: { term: number, before: last.term },
      }));
    } else newest.set(process, { term: number, invocation });
  }
  return {
    operations: countOf(history, isAsked),
    details: { told, terms: leaders.size },
    holds: `${counted(leaders.size, "term")} had one leader each.`,
    gap: told === 0 ? nothingOf(`${names.join(" or ")} that tells a leader`, names) : undefined,
    isEmpty: told === 0,
  };
}

function toldBy(value: Value): Told | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value) && value.length === 2) {
    const [term, name] = value as readonly Value[];
    if (term !== undefined && name !== undefined) return { term, leader: name };
  }
  if (typeof value === "object" && !Array.isArray(value)) {
    const { term, leader: name } = value as { readonly term?: Value; readonly leader?: Value };
    if (term !== undefined && name !== undefined) return { term, leader: name };
  }
  throw misshapen("leader", "results with a term and a leader", value);
}
