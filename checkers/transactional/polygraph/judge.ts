/**
 * Judges a level by looking for an order of all transactions: serializability, which on items is
 * repeatable read, update serializability, snapshot isolation, prefix consistency, cursor
 * stability, a consistent view, parallel snapshot isolation and update atomicity are decided;
 * another level that one of these implies holds where that does.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../../../src/consistency/level.js";
import type {
  IsolationViolationCertificate,
  TransactionOrderCertificate,
} from "../../../src/verdict/isolation-certificate.js";
import type { LimitName, Meter } from "../../linearizable/meter.js";
import type { Analysis } from "../analyze.js";
import type { Explained } from "../explain.js";
import { updateCertificate } from "../judge-updates.js";
import { takenApart, variantOf } from "../levels.js";
import { explains } from "../replay.js";
import { hasLists } from "../weak/judge.js";
import { decideOrder, type OrderAnswer, type OrderQuestion, type SearchFacts } from "./decide.js";
import { tellCycle, tellRefutation } from "./tell.js";

/** What was found: an order, what contradicts the level, or why there is neither. */
export type JudgedByOrder =
  | { readonly certificate: TransactionOrderCertificate; readonly facts: SearchFacts }
  | RefutedByOrder
  | { readonly reason: string; readonly limit?: LimitName; readonly facts: SearchFacts };

/** What contradicts a level. */
export interface RefutedByOrder {
  readonly explained: Explained;
  readonly violation: IsolationViolationCertificate;
  /** The weakest level that has no order. */
  readonly weakest: TransactionalLevel;
  readonly facts: SearchFacts;
}

/** What is looked for, and whether a level holds exactly when there is one. */
interface Way extends Pick<OrderQuestion, "isSnapshot" | "alone" | "minded" | "areLists"> {
  readonly manner: TransactionOrderCertificate["manner"];
  /** The level that it decides, and whether that is the one which is asked for. */
  readonly of: BaseIsolation;
  readonly decides: boolean;
}

const SERIAL: Way = {
  isSnapshot: false,
  alone: true,
  minded: "all",
  manner: "serial",
  of: "serializable",
  decides: true,
};
const SNAPSHOTS: Way = {
  ...SERIAL,
  isSnapshot: true,
  manner: "snapshot",
  of: "snapshot-isolation",
};
const PREFIXES: Way = { ...SNAPSHOTS, alone: false, of: "prefix" };
const CURSORS: Way = { ...SERIAL, minded: "updates", manner: "commit", of: "cursor-stability" };
const VIEWS: Way = { ...SERIAL, minded: "none", manner: "commit", of: "consistent-view" };
const ATOMIC: Way = {
  ...VIEWS,
  minded: "steps",
  areLists: true,
  of: "update-atomic",
};
const WRITERS: Way = { ...SERIAL, minded: "writers", of: "update-serializable" };

/**
 * What shows a level, the stronger before what decides it; on items repeatable read excludes the
 * same cycles as serializability.
 */
function waysFor(base: BaseIsolation, haveLists: boolean): readonly Way[] {
  if (base === "serializable" || base === "repeatable-read") return [SERIAL];
  if (base === "snapshot-isolation") return [SNAPSHOTS];
  if (base === "prefix") return [PREFIXES];
  if (base === "cursor-stability") return [{ ...CURSORS, areLists: haveLists }];
  if (base === "update-serializable") {
    return [
      { ...SERIAL, decides: false },
      { ...WRITERS, areLists: haveLists },
    ];
  }
  if (base === "update-atomic") return [{ ...SNAPSHOTS, decides: false }, ATOMIC];
  const implied = implies("snapshot-isolation", base) ? SNAPSHOTS : SERIAL;
  if (!implies("serializable", base)) return [];
  const isView = base === "consistent-view" || base === "parallel-snapshot-isolation";
  // Where no transaction contradicts itself, that is all that sets these two apart.
  const isImplied = implies("parallel-snapshot-isolation", base);
  const views: Way = { ...VIEWS, areLists: haveLists, decides: isView };
  const last: readonly Way[] = isImplied ? [views] : [];
  const stronger: Way = { ...implied, decides: false };
  return [stronger, ...last];
}

/** Work for each transaction within which an order is found for nearly every right history. */
const QUICK_WORK = 500;
const QUICK_WORK_MIN = 10_000_000;
/** Work on a part of a few transactions. */
const PART_WORK = 2_000_000;

/**
 * Judges a level; undefined when no order of all transactions would show that it holds. `quickly`
 * is with so little work that other levels may be looked at before it is tried in full. What is
 * `ruledOut` is not looked for again to show what it implies.
 */
export function judgeByOrder(
  analysis: Analysis,
  level: TransactionalLevel,
  {
    meter,
    ruledOut,
    quickly = false,
  }: {
    readonly meter: Meter;
    readonly ruledOut: ReadonlySet<TransactionalLevel>;
    readonly quickly?: boolean;
  },
): JudgedByOrder | undefined {
  const haveLists = hasLists(analysis.transactions);
  const { base, time } = takenApart(level);
  let judged: JudgedByOrder | undefined;
  for (const way of waysFor(base, haveLists)) {
    // What only an assumption about versions rules out may have an order nevertheless.
    const isOut = analysis.rules.size === 0 && ruledOut.has(variantOf(way.of, time));
    // Who reads a key twice, differently, is none of what one snapshot explains.
    const isTorn = way.minded === "all" && analysis.dependencies.findings.counts.has("internal");
    const isStrange = way.areLists === true && !areListsSound(analysis, base);
    if (isStrange || (!way.decides && (isOut || isTorn))) {
      judged = { reason: whyNotImplied(level, way.of), facts: {} };
      continue;
    }
    judged = judgeBy(way, analysis, { level, meter, quickly });
    if ("certificate" in judged) return judged;
  }
  return judged;
}

/** Whether what lists show is of versions; where a key may be read twice, differently, as well. */
function areListsSound({ dependencies }: Analysis, base: BaseIsolation): boolean {
  const found = [...dependencies.findings.counts.keys()];
  const readsTwice = base === "consistent-view" || base === "cursor-stability";
  return found.every((kind) => kind === "internal" && readsTwice);
}

/**
 * What contradicts a level in some of the transactions; undefined where nothing does, for an order
 * of a part shows nothing of the whole.
 */
export function refuteByPart(
  analysis: Analysis,
  level: TransactionalLevel,
  { meter, part }: { readonly meter: Meter; readonly part: Int32Array },
): RefutedByOrder | undefined {
  const { base, time } = takenApart(level);
  const members = part.filter((each) => analysis.dependencies.happened[each] === 1);
  for (const way of waysFor(base, hasLists(analysis.transactions))) {
    const { decides, isSnapshot, alone, minded, areLists = false } = way;
    if (!decides) continue;
    const asked = {
      isSnapshot,
      alone,
      minded,
      areLists,
      time,
      workMax: PART_WORK,
      isMadeSmall: true,
      members,
    };
    const answer = decideOrder(analysis, asked, meter);
    if ("refutation" in answer) return tell(answer, analysis, level);
  }
  return undefined;
}

function tell(
  { refutation, facts }: Extract<OrderAnswer, { readonly refutation: unknown }>,
  analysis: Analysis,
  level: TransactionalLevel,
): RefutedByOrder {
  const { base, time } = takenApart(level);
  // Where all is known that is needed there are no orders to tell.
  const cycle = base === "update-atomic" ? tellCycle(refutation, analysis) : undefined;
  const explained = cycle ?? tellRefutation(refutation, analysis);
  const { phenomenon } = explained;
  const violation = { kind: "isolation-violation", level, phenomenon } as const;
  return { explained, violation, weakest: variantOf(WEAKEST[base] ?? base, time), facts };
}

function judgeBy(
  way: Way,
  analysis: Analysis,
  {
    level,
    meter,
    quickly,
  }: { readonly level: TransactionalLevel; readonly meter: Meter; readonly quickly: boolean },
): JudgedByOrder {
  const { time } = takenApart(level);
  const { isSnapshot, alone, minded, manner, decides } = way;
  const workMax = quickly ? QUICK_WORK_MIN + QUICK_WORK * analysis.transactions.count : Infinity;
  const { areLists = false } = way;
  const question = { isSnapshot, alone, minded, areLists, time, workMax, isMadeSmall: decides };
  const answer = decideOrder(analysis, question, meter);
  const { facts } = answer;
  if ("limit" in answer) {
    return { reason: whyOpen(answer, level), limit: answer.limit, facts };
  }
  if ("order" in answer) {
    const { transactions } = analysis;
    const events = eventsOf(answer.order, isSnapshot);
    if (minded === "all" && !explains(transactions, events, alone)) {
      throw new Error("an order of transactions was found that does not explain their reads");
    }
    if (minded === "writers") {
      const certificate = updateCertificate(analysis, answer.order, { level, meter });
      return certificate === undefined
        ? { reason: whyTooMany(level), facts }
        : { certificate, facts };
    }
    const order = answer.order.map((each) => transactions.invocations[each] as number);
    return { certificate: { kind: "transaction-order", level, manner, order }, facts };
  }
  if (!decides) return { reason: whyNotImplied(level, way.of), facts };
  return tell(answer, analysis, level);
}

/** The weakest level that excludes what contradicts a level here. */
const WEAKEST: { readonly [base in BaseIsolation]?: BaseIsolation } = {
  serializable: "repeatable-read",
  "parallel-snapshot-isolation": "consistent-view",
};

/** Snapshots and commits; for a serial order each transaction commits right after its snapshot. */
function* eventsOf(order: readonly number[], isSnapshot: boolean): Iterable<number> {
  const seen = new Set<number>();
  for (const each of order) {
    if (!isSnapshot || !seen.has(each)) yield 2 * each;
    if (!isSnapshot || seen.has(each)) yield 2 * each + 1;
    if (isSnapshot) seen.add(each);
  }
}

function whyOpen(
  { limit, facts }: Extract<OrderAnswer, { readonly limit: unknown }>,
  level: TransactionalLevel,
): string {
  const { pairs = 0, conflicts = 0, unexplainedLast = 0 } = facts;
  const option = limit === "memory" ? "--memory-budget" : "--time-budget";
  const last =
    unexplainedLast === 0
      ? "the last order was not looked at in full"
      : `the last order leaves ${unexplainedLast} reads or writes unexplained`;
  return (
    `Undecided: out of ${limit} while looking for an order of versions that ${level} allows; ` +
    `${last}, with ${pairs} pairs of writers ` +
    `in doubt and ${conflicts} contradictions behind it. Raise ${option}, read before you write, or use lists.`
  );
}

function whyTooMany(level: TransactionalLevel): string {
  return (
    `Undecided: an order of those that write was found, but so many that only read disagree about it that their own orders, ` +
    `which would show ${level}, are too long. Use a shorter run.`
  );
}

function whyNotImplied(level: TransactionalLevel, stronger: BaseIsolation): string {
  if (takenApart(level).base === stronger) {
    return (
      `Undecided: nothing that is known contradicts ${level}, ` +
      "but what was found of other levels leaves no order of versions to look for."
    );
  }
  return (
    `Undecided: no order of versions makes the history one of ${stronger}, ` +
    `and nothing that is known contradicts ${level} itself, which ${stronger} implies. Ask for ${stronger}, which is decided.`
  );
}
