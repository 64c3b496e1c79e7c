/**
 * Isolation of transactions, decided by the cycles of their dependencies (Adya 1999; Kingsbury &
 * Alvaro, "Elle: inferring isolation anomalies from experimental observations", VLDB 2020).
 *
 * The elements of lists that are only appended to show in which order they were written. So each
 * read tells on whom it depends, and the history is a graph: `ww` to who overwrites, `wr` to who
 * reads, `rw` to who overwrites what was read, and the orders of sessions and of real time. A level
 * of isolation excludes cycles of certain edges, and a few things that need no cycle:
 *
 * ```
 * G0       ww cycle             0  append x 1   append y 1        x is read as [1 2],
 *                               1  append x 2   append y 2        y as [2 1]
 * G1c      ww and wr            0  append x 1   r y → [1]
 *                               1  append y 1   r x → [1]
 * G-single one rw               0  append x 1   append y 1        (read skew)
 *                               1  r x → [1]    r y → []
 * G2       rw after rw          0  r x → []     append y 1        (write skew)
 *                               1  r y → []     append x 1
 * ```
 *
 * and between G-single and G2, G-nonadjacent: several rw, none after another. With `-process` and
 * `-realtime` a cycle also needs the order of a session, or of real time.
 */
import type { Checker } from "../src/checker/checker.js";
import { levelNamed, levelOf } from "../src/consistency/lattice.js";
import type { TransactionalLevel } from "../src/consistency/level.js";
import { HarnessError } from "../src/errors.js";
import { OK, type History } from "../src/history/history.js";
import { canonical, type Value } from "../src/history/value.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { LimitReached, Meter } from "./linearizable/meter.js";
import { judgeByLattice } from "./transactional/by-lattice.js";
import type { VersionRule } from "./transactional/findings.js";
import { toldOfFirst } from "./transactional/first-registers.js";
import { judgeCounters } from "./transactional/counters/judge.js";
import { judgeBalances, judgeLikelyBalances } from "./transactional/counters/judge-balances.js";
import { judgeCounted } from "./transactional/counters/judge-counted.js";
import { counterKindOf } from "./transactional/counters/names.js";
import { judgeAtOnce } from "./transactional/judge-at-once.js";
import { judgeLevel, type Judgement } from "./transactional/judge.js";
import { takenApart, variantOf } from "./transactional/levels.js";
import { judgePrefix } from "./transactional/prefix.js";
import { judgeRows } from "./transactional/rows/judge.js";
import { isOfRows } from "./transactional/rows/layout.js";
import { judgeRepeated } from "./transactional/repeated.js";
import { KnownHistory } from "./transactional/known-history.js";
import { judgeBoth, judgeWeak } from "./transactional/weak/judge.js";

export type { VersionRule } from "./transactional/findings.js";

/** Options of `transactional`. */
export interface TransactionalOptions {
  /** What is promised: the name of a level, or an alias; default `"strict-serializable"`. */
  readonly level?: string;
  /**
   * What is assumed of the order of versions of registers, beside that the initial one comes
   * first: that `"writes-follow-reads"` in a transaction, that `"sessions"` or `"realtime"` are
   * kept key by key. Default nothing. An anomaly that rests on an assumption is one only if that
   * holds.
   */
  readonly versions?: readonly VersionRule[];
}

const VERSION_RULES: readonly VersionRule[] = ["writes-follow-reads", "sessions", "realtime"];

/** Bytes that an event and a value take while they are looked at, about. */
const EVENT_BYTES = 200;
const VALUE_BYTES = 24;

/**
 * Decides whether transactions on lists are isolated as promised, with evidence either way.
 * @throws HarnessError `bad-argument` for a level that is none of transactions
 */
export function transactional(options: TransactionalOptions = {}): Checker {
  const level = levelOfTransactions(options.level ?? "strict-serializable");
  const rules = rulesOf(options.versions ?? []);
  return checkerOf(level, rules, () => new KnownHistory(rules));
}

/**
 * A checker of each of these levels, for histories that are asked about several: what was found out
 * of the last one is kept for the next level, as long as one of the checkers is.
 * @throws HarnessError `bad-argument` as `transactional` does
 */
export function transactionalAt<L extends TransactionalLevel>(
  levels: readonly L[],
  { versions = [] }: Pick<TransactionalOptions, "versions"> = {},
): readonly { readonly level: L; readonly checker: Checker }[] {
  const rules = rulesOf(versions);
  const known = new KnownHistory(rules);
  return levels.map((level) => ({ level, checker: checkerOf(level, rules, () => known) }));
}

function rulesOf(versions: unknown): ReadonlySet<VersionRule> {
  if (!Array.isArray(versions)) {
    throw new HarnessError(
      "bad-argument",
      `versions is ${canonical(versions as Value)}; expected a list of rules, such as ["writes-follow-reads"]`,
    );
  }
  const rules = new Set(versions as readonly VersionRule[]);
  for (const rule of rules) {
    if (VERSION_RULES.includes(rule)) continue;
    throw new HarnessError(
      "bad-argument",
      `there is no rule of versions "${rule}"; there are ${VERSION_RULES.join(", ")}`,
    );
  }
  return rules;
}

function checkerOf(
  level: TransactionalLevel,
  rules: ReadonlySet<VersionRule>,
  knownFor: () => KnownHistory,
): Checker {
  return {
    name: "transactional",
    description:
      "transactions on lists and registers are isolated as promised (any level of the lattice)",
    check: (history, budget): Verdict => {
      const meter = new Meter(budget);
      const answer = (): Pick<Verdict, "checker" | "operations" | "elapsedMs"> => ({
        checker: "transactional",
        operations: history.invocations().length,
        elapsedMs: meter.elapsedMs(),
      });
      try {
        const values = history.lists?.starts.length ?? history.pool.length;
        meter.reserve(history.length * EVENT_BYTES + values * VALUE_BYTES);
        return { ...judgeAs(history, { level, rules, meter, known: knownFor() }), ...answer() };
      } catch (error) {
        if (!(error instanceof LimitReached)) throw error;
        const option = error.limit === "memory" ? "--memory-budget" : "--time-budget";
        const reason = `Undecided: out of ${error.limit}, with ${history.length} events. Raise ${option}, or use a shorter run.`;
        return { verdict: "unknown", reason, anomalies: [], ...answer() };
      }
    },
  };
}

/**
 * Judges a level, or the one that is the same. A forward consistent view (Adya 1999, chapter 4,
 * PL-FCV) excludes cycles with one anti-dependency and dependencies, also of who starts after whom.
 * Where transactions may have started and committed whenever that fits, as here, they may all have
 * started before any committed: so only those of time are left that the variants keep anyway, and
 * it is a consistent view.
 */
function judgeAs(history: History, asked: Asked): Judgement {
  const { base, time } = takenApart(asked.level);
  if (base !== "forward-consistent-view") return judgeWithOthers(history, asked);
  const level = variantOf("consistent-view", time);
  const asOther = judgeWithOthers(history, { ...asked, level });
  const { certificate, details, reason, ...rest } = asOther;
  const isOrder = certificate?.kind === "transaction-order";
  const isOfLevel = isOrder || certificate?.kind === "isolation-violation";
  return {
    ...rest,
    reason: `${reason} (Where starts are not known, ${asked.level} asks for no more and no less.)`,
    ...(isOfLevel ? { certificate: { ...certificate, level: asked.level } } : {}),
    details: { ...details, level: asked.level },
  };
}

/**
 * Judges a level, and where that leaves it open, others from which it follows: also where it needs
 * more memory than there is, for others may need less.
 * @throws LimitReached
 */
function judgeWithOthers(history: History, asked: Asked): Judgement {
  const own = judgeInMemory(history, asked);
  // Where nothing completed nothing is proved.
  const isOpen = own instanceof LimitReached || own.verdict === "unknown";
  if (!isOpen || !history.types.includes(OK)) return told(own);
  const apart = (level: TransactionalLevel): Judgement | undefined => {
    const other = judgeInMemory(history, { ...asked, level });
    return other instanceof LimitReached ? undefined : other;
  };
  return judgeByLattice(asked.level, history.length, apart) ?? told(own);
}

/** Judges a level; that there is not the memory is an answer. @throws LimitReached */
function judgeInMemory(history: History, asked: Asked): Judgement | LimitReached {
  try {
    return judge(history, asked);
  } catch (error) {
    if (error instanceof LimitReached && error.limit === "memory") return error;
    throw error;
  }
}

function told(judgement: Judgement | LimitReached): Judgement {
  if (judgement instanceof LimitReached) throw judgement;
  return judgement;
}

/** Levels that need no order of versions by themselves, the others by their dependencies. */
function judge(history: History, asked: Asked): Judgement {
  const { level, meter, known } = asked;
  const kind = counterKindOf(history);
  if (kind !== undefined) {
    const apart = (told: History): Judgement => judgeKeys(told, asked);
    const ofCounters = known.counters(history, kind);
    const { counters } = ofCounters;
    const meanwhile = (): Judgement | undefined => judgeLikelyBalances(counters, level, apart);
    const own = judgeCounters(ofCounters, { level, meter, meanwhile });
    if (own.verdict !== "unknown") return own;
    const counted = judgeCounted(counters, level, apart);
    return counted ?? judgeBalances(counters, level, apart) ?? own;
  }
  if (!history.functionNames.includes("txn")) return nothingOf(history, level);
  if (isOfRows(history)) return judgeRows(history, level, meter);
  const begun = known.begunWith(history);
  if (begun?.is === "rows") return judgeRows(history, level, meter);
  return begun === undefined
    ? judgeListsAndRegisters(history, asked)
    : toldOfFirst(judgeListsAndRegisters(begun.told, asked));
}

/** Of lists and registers, also where a value was written more than once. */
function judgeListsAndRegisters(history: History, asked: Asked): Judgement {
  const judgement = judgeKeys(history, asked);
  if (judgement.verdict !== "unknown") return judgement;
  const apart = (told: History): Judgement => judgeKeys(told, asked);
  return judgeRepeated(history, asked.level, apart) ?? judgement;
}

/** No operation is a transaction: says what they are, and what one would be. */
function nothingOf(history: History, level: TransactionalLevel): Judgement {
  const count = history.invocations().length;
  const names = history.functionNames.slice(0, NAMES_MAX).join(", ");
  const reason =
    count === 0
      ? "Nothing was proved: there are no transactions."
      : `Nothing was proved: none of the ${count} operations is a transaction; they are ${names}. ` +
        'A transaction has the function txn and a list of micro-operations such as [["append", "x", 1], ["r", "x", [1]]], or is a transfer or read of a bank. ' +
        "Of single operations ask for levels that take a model, such as linearizable, or for checkers such as set-full.";
  return { verdict: "unknown", reason, anomalies: [], details: { level, transactions: 0 } };
}

/** So many functions are named at most. */
const NAMES_MAX = 8;

interface Asked {
  readonly level: TransactionalLevel;
  readonly rules: ReadonlySet<VersionRule>;
  readonly meter: Meter;
  readonly known: KnownHistory;
}

/** The same, where each value is taken to be written once. */
function judgeKeys(history: History, { level, rules, meter, known }: Asked): Judgement {
  const weak = judgeWeak(() => known.layOut(history), level, meter);
  if (weak !== undefined) {
    const isDecided = weak.verdict === "invalid" || (weak.verdict === "valid" && rules.size === 0);
    if (isDecided) return weak;
  }
  const { transactions } = known.layOut(history);
  meter.check();
  const atOnce = judgeAtOnce(transactions, () => known.carryOut(history), level);
  if (atOnce !== undefined && "judgement" in atOnce) return atOnce.judgement;
  meter.check();
  const analysis = known.analyze(history, meter);
  const judgement = judgeLevel(analysis, level, { meter, torn: atOnce?.torn });
  if (judgement.verdict === "invalid") return judgement;
  if (weak !== undefined && !(weak.verdict === "unknown" && judgement.verdict === "valid")) {
    return weak;
  }
  if (judgement.verdict !== "unknown") return judgement;
  // Nobody knows whose an element is that was appended twice.
  if (analysis.dependencies.isAppendedTwice) return judgement;
  const isPrefix = takenApart(level).base === "prefix";
  const other = isPrefix ? judgePrefix(analysis, level, meter) : judgeBoth(analysis, level, meter);
  return other ?? judgement;
}

function levelOfTransactions(name: string): TransactionalLevel {
  // What comes from a command line may be no text.
  const level = typeof name === "string" ? levelNamed(name) : undefined;
  if (level?.family === "transactional") return level.name as TransactionalLevel;
  throw new HarnessError(
    "bad-argument",
    level === undefined
      ? `there is no level "${name}"; expected one for transactions, such as serializable`
      : `${level.name} is about single operations (${levelOf(level.name).says}); expected a level for transactions, such as serializable`,
  );
}
