/**
 * Orders of transactions on counters that show that a level holds, and proofs that there is none,
 * made small.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { CounterCases } from "../../../src/verdict/counter-certificate.js";
import type { Time } from "../cycles.js";
import { attemptOrder, type Attempted } from "./attempt.js";
import { lackingReads } from "./lacking.js";
import type { CounterHistory, CounterTransaction } from "./layout.js";
import { lineOf, type LineKind, type Moment, type ReadName } from "./line.js";
import { solve, type Solved } from "./solve.js";

/** Each kind of order with the level that it shows, from strong to weak. */
const SHOWN: readonly (readonly [kind: LineKind, base: BaseIsolation])[] = [
  ["serial", "serializable"],
  ["snapshot", "snapshot-isolation"],
  ["prefix", "prefix"],
  ["cursor", "cursor-stability"],
  ["committed", "read-committed"],
];

/**
 * The same with the weakest level that demands each, from weak to strong: nothing is read by
 * predicate, so that repeatable read is serializability.
 */
export const DEMANDED: readonly (readonly [kind: LineKind, base: BaseIsolation])[] =
  SHOWN.toReversed().map(([kind, base]) => [
    kind,
    base === "serializable" ? "repeatable-read" : base,
  ]);

/** The kinds of orders that show a level, those first that are easiest to find. */
export function kindsFor(base: BaseIsolation): readonly LineKind[] {
  return SHOWN.toReversed()
    .filter(([, shown]) => implies(shown, base))
    .map(([kind]) => kind);
}

/** Questions of the whole history are answered exactly up to so many guesses. */
const GUESSES_MAX = 20_000;
/** With so much work at most, of which a unit is one look at a word of what is known, or a term. */
const WORK_MAX = 1_000_000_000;
/** And of parts of it, while a refutation is made smaller. */
const SHRINKING_GUESSES = 500;
const SHRINKING_WORK = 100_000_000;
const SHRINKING_ROUNDS = 400;
/** So many transactions that read, before and after the one where an attempt ended. */
const REGIONS = [16, 64, 256, 100_000];

/** What is asked. */
export interface About {
  readonly history: CounterHistory;
  readonly time: Time;
  readonly check: () => void;
}

/** Looks for an order of transactions near the one in which they completed. */
export function attemptIn(kind: LineKind, { history, time, check }: About): Attempted {
  return attemptOrder(history, { kind, time, check });
}

/** Looks for an order of transactions by trying all that is open. */
export function solveIn(kind: LineKind, about: About): readonly number[] | undefined {
  const answer = solveFor(kind, { ...about, guessesMax: GUESSES_MAX, workMax: WORK_MAX });
  if (answer?.solved.is !== "order") return undefined;
  const isDouble = kind === "snapshot" || kind === "prefix";
  return answer.solved.order
    .map((moment) => answer.moments[moment] as Moment)
    .filter(({ is }) => is === "commit" || (isDouble && is === "snapshot"))
    .map(({ of }) => of);
}

interface Question extends About {
  readonly guessesMax: number;
  readonly workMax: number;
  readonly reads?: ReadonlySet<ReadName>;
}

function solveFor(
  kind: LineKind,
  question: Question,
): { readonly moments: readonly Moment[]; readonly solved: Solved } | undefined {
  const { history, time, check, guessesMax, workMax, reads } = question;
  const line = lineOf(history, { kind, time, reads });
  if (line === undefined) return undefined;
  const operationOf = (each: number): CounterTransaction["operation"] =>
    (history.transactions[each] as CounterTransaction).operation;
  const momentOf = ({ of, is }: Moment): number => {
    const { completion, invocation, outcome } = operationOf(of);
    return outcome === "ok" && is === "commit" ? (completion as number) : invocation;
  };
  const solved = solve(line, {
    guessesMax,
    workMax,
    check,
    isLikely: (before, after) =>
      operationOf(before.of).outcome === "ok" && momentOf(before) < momentOf(after),
    invocationOf: (each) => operationOf(each).invocation,
  });
  return { moments: line.moments, solved };
}

/** Reads that no order explains together, as few as a bounded search finds. */
export function refute(kind: LineKind, about: About, stuckAt: number): Refuted | undefined {
  const { history } = about;
  const ask = (of: readonly ReadName[], isWhole: boolean): CounterCases | undefined => {
    const answer = solveFor(kind, {
      ...about,
      guessesMax: isWhole ? GUESSES_MAX : SHRINKING_GUESSES,
      workMax: isWhole ? WORK_MAX : SHRINKING_WORK,
      reads: new Set(of),
    });
    return answer?.solved.is === "none" ? answer.solved.cases : undefined;
  };
  for (const reads of regionsAround(history, stuckAt)) {
    const cases = ask(reads, true);
    if (cases !== undefined) return smaller({ reads, cases }, ask);
  }
  return undefined;
}

/** One read that lacks what was committed before it in real time, which takes no search. */
export function refuteAtOnce(kind: LineKind, about: About): Refuted | undefined {
  const { history, time } = about;
  // These may read what is older.
  if (time !== "realtime" || kind === "committed" || kind === "cursor") return undefined;
  for (const read of lackingReads(history)) {
    const reads = [read];
    const limits = { guessesMax: SHRINKING_GUESSES, workMax: SHRINKING_WORK };
    const solved = solveFor(kind, { ...about, ...limits, reads: new Set(reads) })?.solved;
    if (solved?.is === "none") return { reads, cases: solved.cases };
  }
  return undefined;
}

/** Reads around a transaction, in the order in which they completed: some, more, all. */
function regionsAround(
  { transactions }: CounterHistory,
  stuckAt: number,
): readonly (readonly ReadName[])[] {
  const sorted = [...transactions.entries()]
    .filter(([, { operation, deeds }]) => {
      return operation.outcome === "ok" && deeds.some(({ f }) => f === "read");
    })
    .toSorted(([, a], [, b]) => (a.operation.completion ?? 0) - (b.operation.completion ?? 0));
  const end = transactions[stuckAt]?.operation.completion ?? 0;
  const middle = sorted.findIndex(([, { operation }]) => (operation.completion ?? 0) >= end);
  return REGIONS.filter((size, at) => at === 0 || size < 2 * sorted.length).map((size) =>
    sorted
      .slice(Math.max(0, middle - size), middle + size)
      .flatMap(([each, { deeds }]) =>
        deeds.filter(({ f }) => f === "read").map(({ at }): ReadName => `${each} ${at}`),
      ),
  );
}

/** Reads of which no order explains all, and why. */
export interface Refuted {
  readonly reads: readonly ReadName[];
  readonly cases: CounterCases;
}

/** Leaves reads out, first many at once, as long as the rest has no order. */
function smaller(
  { reads: all, cases: first }: Refuted,
  ask: (of: readonly ReadName[], isWhole: boolean) => CounterCases | undefined,
): Refuted {
  let [reads, cases, rounds] = [all, first, 0];
  for (let size = Math.ceil(reads.length / 2); size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < reads.length && rounds < SHRINKING_ROUNDS; rounds++) {
      const rest = [...reads.slice(0, at), ...reads.slice(at + size)];
      const found = rest.length === 0 ? undefined : ask(rest, false);
      if (found === undefined) at += size;
      else [reads, cases] = [rest, found];
    }
  }
  return { reads, cases };
}

/** A read as certificates name it. */
export function readNamed(
  read: ReadName,
  { transactions }: CounterHistory,
): readonly [transaction: number, at: number] {
  const [each, at] = read.split(" ").map(Number) as [number, number];
  return [(transactions[each] as CounterTransaction).operation.invocation, at];
}
