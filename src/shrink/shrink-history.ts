/**
 * Makes a failing history small without running anything again: a sub-history of whole operations
 * that the same checker still refutes, for the same kind of anomaly.
 *
 * It is a history of its own: that it is refuted follows from what is in it alone. It is also about
 * the whole: whatever its operations depend on stays (see `closure/closure.ts`), so that it does
 * not become wrong by what was left out. Where it is not known what operations depend on, the whole
 * history with everything else forgotten must be refuted as well. The faults go where the checker
 * does not need them.
 */
import { askChecker } from "../checker/ask-checker.js";
import { createBudget, type Checker } from "../checker/checker.js";
import { NEMESIS, OK, type History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical } from "../history/value.js";
import type { Verdict } from "../verdict/verdict.js";
import type { ShrinkBudget } from "./attempts.js";
import { closureOf, type Closure, type Meaning } from "./closure/closure.js";
import { ddmin } from "./ddmin.js";
import { subHistory, type PartOptions } from "./sub-history.js";

/** What is made small, and how. */
export interface ShrinkHistoryOptions {
  readonly history: History;
  readonly checker: Checker;
  /** `runs` counts checks. */
  readonly budget: ShrinkBudget & { readonly memoryBytes?: number };
  /** By which it is known who depends on whom; told of the verdict about the whole history. */
  readonly meaningOf: (whole: Verdict) => Meaning;
  /** Called when the whole is judged: from then on there is something to keep. */
  readonly onWhole?: () => void;
}

/** What came of it. */
export interface ShrunkHistory {
  /** The verdict about the whole history; where it is not `invalid`, nothing was made smaller. */
  readonly whole: Verdict;
  readonly history: History;
  /** The verdict about the smaller one. */
  readonly verdict: Verdict;
  readonly operations: number;
  /** Checks that were made. */
  readonly checks: number;
  /** Checks that came to no answer, so that more may be possible. */
  readonly undecided: number;
  /** True when the budget ended it, so that more may be possible. */
  readonly spent: boolean;
}

/** A check of a part may take so many times what that of the whole took, or this long. */
const SLOWER = 5;
const CHECK_MS_MIN = 2_000;

/** Makes a failing history as small as the budget allows. */
export async function shrinkHistory(options: ShrinkHistoryOptions): Promise<ShrunkHistory> {
  const { history, budget, meaningOf } = options;
  const judge = new Judge(options);
  const whole = await judge.ask(history);
  options.onWhole?.();
  const parts = { history, chosen: [...history.invocations()] as readonly number[] };
  let best = { history, verdict: whole };
  if (whole.verdict === "invalid") {
    const meaning = meaningOf(whole);
    const closure = closureOf(history, meaning);
    const isExact = meaning.model !== undefined || isOfTransactions(history);
    const faults = await needsFaults(history, judge);
    const shows = async (wanted: readonly number[]): Promise<boolean> => {
      await budget.pause?.();
      const smaller = await judge.refuted(wanted, { faults });
      if (smaller === undefined) return false;
      if (!isExact) {
        if (!isAboutTheSame(smaller, wanted, whole)) return false;
        if (!(await judge.refuted(wanted, { faults: true, forgets: true }))) return false;
      }
      best = smaller;
      parts.chosen = wanted;
      return true;
    };
    const named = closure(whole.anomalies[0]?.operations ?? []);
    if (named.length < parts.chosen.length) await shows(named);
    await dropGroups(parts, { closure, shows });
    let before: number;
    do {
      before = parts.chosen.length;
      await ddmin(parts.chosen, async (rest) => {
        const closed = closure(rest);
        return closed.length < parts.chosen.length && shows(closed);
      });
    } while (parts.chosen.length < before);
  }
  const { checks, undecided, isSpent: spent } = judge;
  return { whole, ...best, operations: parts.chosen.length, checks, undecided, spent };
}

/** A part that is wrong in the same way as the whole. */
interface Refuted {
  readonly history: History;
  readonly verdict: Verdict;
}

/** Asks the checker, and counts. */
class Judge {
  checks = 0;
  undecided = 0;
  readonly #options: ShrinkHistoryOptions;
  readonly #endMs: number;
  #whole: Verdict | undefined;

  constructor(options: ShrinkHistoryOptions) {
    this.#options = options;
    const { nowMs, timeMs } = options.budget;
    this.#endMs = nowMs() + timeMs;
  }

  get isSpent(): boolean {
    const { runs, nowMs, stopped } = this.#options.budget;
    return this.checks >= runs || nowMs() >= this.#endMs || stopped?.() === true;
  }

  async ask(history: History): Promise<Verdict> {
    const { checker, budget } = this.#options;
    const leftMs = Math.max(1, this.#endMs - budget.nowMs());
    // A small part that is hard to judge would take the time of all others, and hear no signal.
    const usualMs = Math.max(CHECK_MS_MIN, SLOWER * (this.#whole?.elapsedMs ?? Infinity));
    this.checks++;
    const { memoryBytes } = budget;
    const limits = { timeMs: Math.min(leftMs, usualMs) };
    const verdict = await askChecker(
      checker,
      history,
      createBudget(memoryBytes === undefined ? limits : { ...limits, memoryBytes }),
    );
    this.#whole ??= verdict;
    return verdict;
  }

  async refuted(wanted: readonly number[], options: PartOptions): Promise<Refuted | undefined> {
    if (this.isSpent) return undefined;
    const history = subHistory(this.#options.history, wanted, options);
    const verdict = await this.ask(history);
    // Where nothing succeeded there is nothing to decide.
    const isEmpty = !history.types.includes(OK);
    if (verdict.verdict === "unknown" && !isEmpty) this.undecided++;
    const isSame =
      verdict.verdict === "invalid" &&
      verdict.anomalies[0]?.kind === this.#whole?.anomalies[0]?.kind;
    return isSame ? { history, verdict } : undefined;
  }
}

/** Whether the checker looks at the faults (how long after healing something worked again). */
async function needsFaults(history: History, judge: Judge): Promise<boolean> {
  if (!history.processes.includes(NEMESIS)) return false;
  return (await judge.refuted([...history.invocations()], {})) === undefined;
}

/** Whether the operations that are wrong in a part are wrong in the whole too. */
function isAboutTheSame(
  { history, verdict }: Refuted,
  wanted: readonly number[],
  whole: Verdict,
): boolean {
  const [anomaly] = verdict.anomalies;
  const same = whole.anomalies.filter(({ kind }) => kind === anomaly?.kind);
  const wrong = new Set(same.flatMap(({ operations }) => operations));
  const places = new Map(Array.from(history.invocations(), (index, place) => [index, place]));
  const named = anomaly?.operations ?? [];
  return named.every((index) => wrong.has(wanted[places.get(index) as number] as number));
}

function isOfTransactions(history: History): boolean {
  return [...history.invocations()].every((index) => history.operation(index).f === "txn");
}

interface Parts {
  readonly history: History;
  /** What is left so far. */
  chosen: readonly number[];
}

interface Way {
  readonly closure: Closure;
  readonly shows: (wanted: readonly number[]) => Promise<boolean>;
}

/** Whole keys, then whole processes. */
async function dropGroups(parts: Parts, { closure, shows }: Way): Promise<void> {
  const { history } = parts;
  const names: readonly ((operation: Operation) => string)[] = [
    ({ key }) => canonical(key ?? null),
    ({ process }) => String(process),
  ];
  for (const nameOf of names) {
    const of = (index: number): string => nameOf(history.operation(index));
    await ddmin([...new Set(parts.chosen.map(of))], async (rest) => {
      const kept = new Set(rest);
      const closed = closure(parts.chosen.filter((index) => kept.has(of(index))));
      return closed.length < parts.chosen.length && shows(closed);
    });
  }
}
