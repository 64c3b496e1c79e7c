/**
 * From what is known of a history to a verdict about one level: what is ruled out and why, or an
 * order that shows that the level holds.
 */
import { implies } from "../../src/consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../../src/consistency/level.js";
import { OK } from "../../src/history/history.js";
import type {
  IsolationViolationCertificate,
  TransactionOrderCertificate,
} from "../../src/verdict/isolation-certificate.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { likelyOrder, orderBy, orderOfCompleted, snapshotOrder, type Analysis } from "./analyze.js";
import { LimitReached, type Meter } from "../linearizable/meter.js";
import type { Cycle } from "./cycles.js";
import { explainCycle, explainFinding, type Explained } from "./explain.js";
import { okCountOf } from "./layout.js";
import { explains } from "./replay.js";
import { Justify } from "./justify.js";
import { judgeUpdates, shownBy } from "./judge-updates.js";
import { judgePoints } from "./points/judge.js";
import { judgeByOrder, refuteByPart, type JudgedByOrder } from "./polygraph/judge.js";
import {
  judgeLevels,
  levelFacts,
  ruledOutByCycle,
  ruledOutByFinding,
  takenApart,
  variantOf,
  withStronger,
} from "./levels.js";
import { seenOfLists } from "./seen-of-lists.js";
import { refuteByLists, refuteByWeaker } from "./weak/judge.js";

/** What a verdict says beside who says it, and how long it took. */
export type Judgement = Omit<Verdict, "checker" | "operations" | "elapsedMs">;

/** What a level is judged with. */
interface Means {
  readonly meter: Meter;
  /** Transactions of which is known that no order of them keeps real time, if there are any. */
  readonly torn: Int32Array | undefined;
}

/** Judges one level. */
export function judgeLevel(
  analysis: Analysis,
  level: TransactionalLevel,
  { meter, torn }: Means,
): Judgement {
  const { found, dependencies } = analysis;
  const { findings } = dependencies;
  const evidence = { phenomena: found.phenomena, findings: new Set(findings.counts.keys()) };
  const isKnown = dependencies.registers.size === 0;
  const { ruledOut, holds } = judgeLevels(evidence, isKnown);
  const details = { level, ...facts(analysis), ...levelFacts(ruledOut) };
  const justify = new Justify(dependencies, analysis.byKey, analysis.rules);
  if (ruledOut.has(level)) {
    const explained = [
      ...findings.examples
        .filter(({ kind }) => ruledOutByFinding(kind).has(level))
        .map((finding) => explainFinding(finding, analysis.transactions)),
      ...found.cycles
        .filter((cycle) => ruledOutByCycle(cycle, isCertain(cycle, analysis)).has(level))
        .map((cycle) => explain(cycle, justify, analysis)),
    ];
    const [first] = explained;
    const certificate: IsolationViolationCertificate | undefined =
      first === undefined
        ? undefined
        : { kind: "isolation-violation", level, phenomenon: first.phenomenon };
    return {
      verdict: "invalid",
      reason: first?.anomaly.message ?? `The history rules out ${level}.`,
      anomalies: explained.map(({ anomaly }) => anomaly),
      ...(certificate === undefined ? {} : { certificate }),
      details,
    };
  }
  if (isKnown && !holds.has(level)) {
    const open = { verdict: "unknown", reason: whyOpen(level), anomalies: [], details } as const;
    const refuted = judgePoints(analysis, level, meter) ?? refuteByLists(analysis, level, meter);
    return (
      refuted ??
      judgeUpdates(analysis, level, meter) ??
      judgeUnread(analysis, level, { meter, ruledOut, details }) ??
      seenOfLists(analysis, level, facts(analysis)) ??
      open
    );
  }
  const ok = okCountOf(analysis.transactions);
  if (ok === 0) {
    const reason = `Nothing was proved: none of the ${analysis.transactions.count} transactions completed ok.`;
    return { verdict: "unknown", reason, anomalies: [], details };
  }
  if (dependencies.isAppendedTwice) {
    const reason = whyAppendedTwice(level);
    return { verdict: "unknown", reason, anomalies: [], details };
  }
  const valid = (certificate: TransactionOrderCertificate): Judgement => ({
    verdict: "valid",
    reason: `${ok} transactions: nothing contradicts ${level}, and ${certificate.readers === undefined ? SHOWN[certificate.manner] : shownBy(certificate)}.`,
    anomalies: [],
    certificate,
    details,
  });
  const certificate = isKnown ? orderFor(analysis, level) : anyOrderFor(analysis, level);
  if (certificate !== undefined) return valid(certificate);
  const byPoints = judgePoints(analysis, level, meter);
  if (byPoints !== undefined) return byPoints;
  // Lost updates are a matter of order too, and not excluded by prefix consistency; and what a
  // transaction reads twice may change where only its cursors matter.
  const { base, time } = takenApart(level);
  const strange = [...findings.counts.keys()].filter((kind) => kind !== "lost-update");
  const areInternal = strange.every((kind) => kind === "internal");
  const isStrange = strange.length > 0 && !(areInternal && READS_TWICE.has(base));
  if (isStrange || dependencies.hasAmbiguous) {
    const reason = dependencies.hasAmbiguous ? whyAmbiguous(level) : whyUnexplained(level);
    const open: Judgement = { verdict: "unknown", reason, anomalies: [], details };
    const refuted = refuteByWeaker(analysis, level, meter);
    if (refuted !== undefined) return refuted;
    const isOfViews = implies(base, "consistent-view") && base !== "consistent-view";
    if (!areInternal || dependencies.hasAmbiguous || !isOfViews) return open;
    const view = variantOf("consistent-view", time);
    const byView = judgeByOrder(analysis, view, { meter, ruledOut });
    if (byView === undefined || !("explained" in byView)) return open;
    return refutedBy({ ...byView, violation: { ...byView.violation, level } }, ruledOut, details);
  }
  const refutedByUpdates = judgeUpdates(analysis, level, meter);
  if (refutedByUpdates !== undefined) return refutedByUpdates;
  const keepsTime = time === "realtime";
  let judged: JudgedByOrder | undefined =
    torn !== undefined && keepsTime
      ? refuteByPart(analysis, level, { meter, part: torn })
      : undefined;
  judged ??= judgeByOrder(analysis, level, { meter, ruledOut, quickly: true });
  if (judged === undefined || !("certificate" in judged)) {
    // What contradicts a weaker level is graver, and shorter to tell.
    const refuted = refuteInTime(analysis, level, meter);
    if (refuted !== undefined) return refuted;
  }
  if (judged !== undefined && "limit" in judged && judged.limit === "work") {
    judged = judgeByOrder(analysis, level, { meter, ruledOut });
  }
  if (isKnown && judged !== undefined && "reason" in judged) {
    // What no order of what nobody read makes stronger may hold by what is seen.
    const bySight =
      refuteByLists(analysis, level, meter) ?? seenOfLists(analysis, level, facts(analysis));
    if (bySight !== undefined) return bySight;
  }
  if (judged === undefined) {
    return { verdict: "unknown", reason: whyUnexplained(level), anomalies: [], details };
  }
  const more = { details: { ...details, ...judged.facts } };
  if ("certificate" in judged) return { ...valid(judged.certificate), ...more };
  if ("reason" in judged) {
    return { verdict: "unknown", reason: judged.reason, anomalies: [], ...more };
  }
  return refutedBy(judged, ruledOut, more.details);
}

/**
 * Update atomicity and update serializability of lists, whose versions are known but for those that
 * nobody read; undefined when it is another level, or something strange was found.
 */
function judgeUnread(
  analysis: Analysis,
  level: TransactionalLevel,
  about: {
    readonly meter: Meter;
    readonly ruledOut: ReadonlySet<TransactionalLevel>;
    readonly details: NonNullable<Judgement["details"]>;
  },
): Judgement | undefined {
  const { transactions, dependencies } = analysis;
  const { meter, ruledOut, details } = about;
  const { base } = takenApart(level);
  const isAsked = base === "update-atomic" || base === "update-serializable";
  if (!isAsked || dependencies.isAppendedTwice) return undefined;
  const isStrange = dependencies.findings.counts.size > 0;
  if (isStrange || !transactions.outcomes.includes(OK)) return undefined;
  const judged = judgeByOrder(analysis, level, { meter, ruledOut });
  if (judged === undefined) return undefined;
  if ("explained" in judged) return refutedBy(judged, ruledOut, details);
  if ("reason" in judged) {
    return { verdict: "unknown", reason: judged.reason, anomalies: [], details };
  }
  const { certificate } = judged;
  return {
    verdict: "valid",
    reason: `Nothing contradicts ${level}, and ${certificate.readers === undefined ? SHOWN[certificate.manner] : shownBy(certificate)}.`,
    anomalies: [],
    certificate,
    details,
  };
}

/** There is no order of versions. */
function refutedBy(
  judged: Extract<JudgedByOrder, { readonly explained: unknown }>,
  ruledOut: ReadonlySet<TransactionalLevel>,
  details: Judgement["details"],
): Judgement {
  const { anomaly } = judged.explained;
  const excluded = new Set([...ruledOut, ...withStronger([judged.weakest])]);
  return {
    verdict: "invalid",
    reason: anomaly.message,
    anomalies: [anomaly],
    certificate: judged.violation,
    details: { ...details, ...levelFacts(excluded) },
  };
}

/** Levels at which a transaction may read a key twice, and differently. */
const READS_TWICE: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "cursor-stability",
  "consistent-view",
]);

/** Work on weaker levels, and for each transaction: they are asked only for what is told. */
const WEAKER_WORK = 100_000_000;
const WEAKER_WORK_EACH = 200;

/**
 * What contradicts a weaker level; undefined also when it would take long to know: of transactions
 * that all overlap, each in a session of its own, causality takes the square of their number.
 */
function refuteInTime(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { transactions } = analysis;
  const workMax = WEAKER_WORK + WEAKER_WORK_EACH * transactions.count;
  try {
    return meter.within(workMax, () => refuteByWeaker(analysis, level, meter));
  } catch (error) {
    if (error instanceof LimitReached) return undefined;
    throw error;
  }
}

function isCertain({ steps }: Cycle, { transactions }: Analysis): boolean {
  return steps.every(({ from }) => transactions.outcomes[from] === OK);
}

function explain(cycle: Cycle, justify: Justify, { transactions }: Analysis): Explained {
  const edges = cycle.steps.map((step) => justify.edge(step));
  return explainCycle(cycle, edges, transactions);
}

const SHOWN: { readonly [manner in TransactionOrderCertificate["manner"]]: string } = {
  serial: "one order of them explains every read",
  snapshot: "one order of their snapshots and commits explains every read",
  commit: "one order of them explains who wrote what they read",
  points: "one order of their reads and commits explains every read",
};

/** The order that shows that a level holds; undefined when none was found. */
function orderFor(
  analysis: Analysis,
  level: TransactionalLevel,
): TransactionOrderCertificate | undefined {
  const { base, time } = takenApart(level);
  const phenomena = analysis.found.phenomena[time];
  const { invocations } = analysis.transactions;
  const named = (order: readonly number[]): number[] =>
    order.map((each) => invocations[each] as number);
  const kind = "transaction-order";
  // What reads say apart from dependencies, such as an aborted write, no order explains.
  const explains = analysis.dependencies.findings.counts.size === 0;
  if (!phenomena.any && explains) {
    return { kind, level, manner: "serial", order: named(orderBy(analysis, "G2", time)) };
  }
  if (!phenomena.noRwRw && explains) {
    const order = snapshotOrder(analysis, time);
    if (order !== undefined) return { kind, level, manner: "snapshot", order: named(order) };
    if (!BELOW_SNAPSHOTS.has(base)) return undefined;
  }
  if (!BELOW_SNAPSHOTS.has(base) && analysis.dependencies.unordered.length > 0) return undefined;
  const order =
    base === "read-uncommitted"
      ? orderOfCompleted(analysis, time)
      : orderBy(analysis, base === "read-committed" ? "G1c" : "G-cursor", time);
  return { kind, level, manner: "commit", order: named(order) };
}

/**
 * For registers, an order where any order of versions will do, or that was tried because values
 * were written twice; undefined when none of those that were tried explains every read.
 */
function anyOrderFor(
  analysis: Analysis,
  level: TransactionalLevel,
): TransactionOrderCertificate | undefined {
  const { base, time } = takenApart(level);
  const { transactions, dependencies } = analysis;
  const named = (order: readonly number[]): number[] =>
    order.map((each) => transactions.invocations[each] as number);
  const kind = "transaction-order";
  if (base === "read-committed" || base === "read-uncommitted") {
    // The order of versions may be any: that of the commits, in which writers precede readers.
    if (dependencies.hasAmbiguous) return serialOrderFor(analysis, level);
    const isRc = base === "read-committed";
    const order = isRc ? orderBy(analysis, "G1c", time) : orderOfCompleted(analysis, time);
    return { kind, level, manner: "commit", order: named(order) };
  }
  return dependencies.hasAmbiguous ? serialOrderFor(analysis, level) : undefined;
}

/** A serial order, which shows every level: tried where nobody knows who is read. */
function serialOrderFor(
  analysis: Analysis,
  level: TransactionalLevel,
): TransactionOrderCertificate | undefined {
  const { time } = takenApart(level);
  const { transactions, dependencies, found } = analysis;
  if (dependencies.findings.counts.size > 0 || found.phenomena[time].any) return undefined;
  for (const by of ["completion", "invocation"] as const) {
    const likely = likelyOrder(analysis, time, by);
    if (likely === undefined || !explains(transactions, serialEvents(likely))) continue;
    const order = likely.map((each) => transactions.invocations[each] as number);
    return { kind: "transaction-order", level, manner: "serial", order };
  }
  return undefined;
}

/** Each transaction commits right after its snapshot. */
function* serialEvents(order: readonly number[]): Iterable<number> {
  for (const each of order) {
    yield 2 * each;
    yield 2 * each + 1;
  }
}

function whyUnexplained(level: TransactionalLevel): string {
  return (
    `Undecided: nothing that is known of the versions of registers contradicts ${level}, ` +
    "but what was found of other levels leaves no order to look for. Ask for serializable or snapshot-isolation."
  );
}

function whyAmbiguous(level: TransactionalLevel): string {
  return (
    `Undecided: nothing contradicts ${level}, but values were written twice to a key, or null, which is the initial value as well, so that nobody knows who is read, ` +
    "and no order that was tried explains every read. Write each value once, and not null."
  );
}

function whyAppendedTwice(level: TransactionalLevel): string {
  return (
    `Undecided: nothing contradicts ${level}, but elements were appended twice to a list, ` +
    "so that nobody knows whose they are. Append each element once."
  );
}

/** Levels that do not ask who of two that write the same sees whom. */
const BELOW_SNAPSHOTS: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "read-uncommitted",
  "read-committed",
  "cursor-stability",
]);

function whyOpen(level: TransactionalLevel): string {
  return (
    `Undecided: nothing that was found contradicts ${level}, but neither does a level hold that implies it. ` +
    "Ask for snapshot-isolation, serializable, repeatable-read or read-committed, which are decided."
  );
}

function facts({ transactions, dependencies, found }: Analysis): {
  readonly [name: string]: number;
} {
  return {
    transactions: transactions.count,
    keys: transactions.keyCount,
    edges: dependencies.edges.length,
    onCycles: found.nodes,
    components: found.components,
    leftOut: transactions.leftOut,
  };
}
