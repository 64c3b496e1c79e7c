/**
 * Judges a history of registers at one of the weak levels, which need no order of versions to be
 * known: monotonic atomic view, read atomic and causal consistency, each alone or with the order of
 * sessions kept (which is what Biswas & Enea 2019, Plume and AWDIT call read committed, read atomic
 * and causal consistency).
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { TransactionalLevel } from "../../../src/consistency/level.js";
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import type { Analysis, KeysKnown } from "../analyze.js";
import { TIMES, type Time } from "../cycles.js";
import { WW } from "../dependencies.js";
import { explainFinding, type Explained } from "../explain.js";
import type { Findings } from "../findings.js";
import { Justify } from "../justify.js";
import type { Judgement } from "../judge.js";
import { APPEND, okCountOf, READ, type Transactions } from "../layout.js";
import { levelFacts, ruledOutByFinding, takenApart, variantOf, withStronger } from "../levels.js";
import { isOfBoth, overwritesOf, sourcesOfBoth } from "./both.js";
import type { Known, Overwrites } from "./commit-graph.js";
import { decide, isWeak, WEAK_BASES, type Decision, type WeakBase } from "./decide.js";
import { Evidence, type Overwrite } from "./evidence.js";
import { explainWeak } from "./explain.js";
import { listSourcesOf } from "./lists.js";
import { momentsOf } from "./moments.js";
import { noSessions, sessionsOf } from "./sessions.js";
import { areCausesShown } from "./shown-at-once.js";
import { sourcesOf, type Sources } from "./sources.js";

type ByKeys = Pick<KeysKnown, "transactions" | "byKey">;

/** A level as it is decided: what is seen, and whether sessions are kept. */
interface Question {
  readonly base: WeakBase;
  readonly time: Time;
}

/**
 * Judges a level; undefined when it is none of these, or the history has lists.
 * @throws LimitReached
 */
export function judgeWeak(
  layOut: () => ByKeys,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { base, time } = takenApart(level);
  if (!isWeak(base)) return undefined;
  return judgeFor(layOut(), { level, asked: { base, time }, meter });
}

/**
 * Whether the strongest of these levels that a level implies is contradicted, and so the level;
 * undefined when it is not.
 * @throws LimitReached
 */
export function refuteByWeaker(
  known: ByKeys,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { base: of, time } = takenApart(level);
  const kept = time === "realtime" && !isWeak(of) ? "process" : time;
  const base = WEAK_BASES.findLast((each) => implies(level, variantOf(each, kept)));
  if (base === undefined) return undefined;
  const about = { level, asked: { base, time: kept }, meter, isRefuted: true };
  const judgement = judgeFor(known, about);
  return judgement?.verdict === "invalid" ? judgement : undefined;
}

/**
 * Whether a history of lists contradicts the strongest of these levels that a level implies, and so
 * the level, by one read that lacks what its transaction sees; undefined when it does not.
 * @throws LimitReached
 */
export function refuteByLists(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { transactions, dependencies } = analysis;
  if (dependencies.registers.size === transactions.keyCount) return undefined;
  const { base: of, time } = takenApart(level);
  const kept = time === "realtime" && !isWeak(of) ? "process" : time;
  const base = WEAK_BASES.findLast((each) => implies(level, variantOf(each, kept)));
  if (base === undefined) return undefined;
  const judge = new Judge(transactions, listSourcesOf(analysis), meter);
  return judge.refute({ base, time: kept }, level);
}

/**
 * Judges a history of lists beside registers; undefined when the level is none of these, or reads
 * are strange by themselves. @throws LimitReached
 */
export function judgeBoth(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { base, time } = takenApart(level);
  if (!isWeak(base) || !isOfBoth(analysis)) return undefined;
  const { dependencies, transactions, byKey, rules } = analysis;
  if (isStrangeAt(base, dependencies.findings)) return undefined;
  const justify = new Justify(dependencies, byKey, rules);
  const beside: Beside = {
    overwrites: overwritesOf(analysis),
    overwrite: (from, to) => justify.edge({ from, to, kind: WW }),
  };
  meter.check();
  const judge = new Judge(transactions, sourcesOfBoth(analysis), meter, beside);
  return judge.judge({ base, time }, level);
}

/**
 * Whether something was found that leaves one of these levels open. Of lost updates they say
 * nothing, and a monotonic view says nothing of a key that is read twice, differently.
 */
export function isStrangeAt(base: WeakBase, { counts }: Findings): boolean {
  const isView = base === "monotonic-atomic-view";
  return [...counts.keys()].some(
    (kind) => kind !== "lost-update" && !(isView && kind === "internal"),
  );
}

function judgeFor(
  { transactions, byKey }: ByKeys,
  {
    level,
    asked,
    meter,
    isRefuted = false,
  }: {
    readonly level: TransactionalLevel;
    readonly asked: Question;
    readonly meter: Meter;
    /** Whether nothing is asked but what contradicts the level. */
    readonly isRefuted?: boolean;
  },
): Judgement | undefined {
  if (hasLists(transactions)) return undefined;
  meter.check();
  const sources = sourcesOf(transactions, byKey);
  meter.check();
  const judge = new Judge(transactions, sources, meter);
  if (isRefuted && judge.isShownAtOnce(asked, level)) return undefined;
  return judge.judge(asked, level);
}

/** Whether anything was appended, or read as a list. */
export function hasLists({ kinds, values, lists }: Transactions): boolean {
  for (let at = 0; at < kinds.length; at++) {
    if (kinds[at] === APPEND) return true;
    if (kinds[at] !== READ || values[at] === NONE) continue;
    if ((lists.starts[values[at] as number] as number) >= 0) return true;
  }
  return false;
}

/** What is known beside sources, of lists beside registers. */
interface Beside {
  readonly overwrites: Overwrites;
  readonly overwrite: Overwrite;
}

/** Of fewer transactions the clocks cost less than orders that may show nothing. */
const MANY = 50_000;

class Judge {
  readonly #beside: Beside | undefined;
  readonly #transactions: Transactions;
  readonly #sources: Sources;
  readonly #meter: Meter;
  readonly #known = new Map<Time, Known>();

  constructor(transactions: Transactions, sources: Sources, meter: Meter, beside?: Beside) {
    this.#beside = beside;
    this.#transactions = transactions;
    this.#sources = sources;
    this.#meter = meter;
  }

  #knownFor(time: Time): Known {
    const known = this.#known.get(time) ?? this.#know(time);
    this.#known.set(time, known);
    return known;
  }

  #know(time: Time): Known {
    const transactions = this.#transactions;
    const { sources, happened } = this.#sources;
    const isKept = time !== "";
    const sessions = isKept ? sessionsOf(transactions, happened) : noSessions(transactions);
    const moments = time === "realtime" ? momentsOf(transactions, happened) : undefined;
    const overwrites = this.#beside?.overwrites;
    return { transactions, sources, sessions, moments, overwrites };
  }

  /** Whether nothing contradicts a level, and an order that is easy to come by shows it. */
  isShownAtOnce({ base, time }: Question, level: TransactionalLevel): boolean {
    if (this.#transactions.count < MANY) return false;
    if (time === "realtime" || this.#wrongReads(base, level).explained.length > 0) return false;
    return areCausesShown(this.#knownFor("process"), this.#sources);
  }

  judge(asked: Question, level: TransactionalLevel): Judgement {
    const wrong = this.#wrongReads(asked.base, level);
    if (wrong.explained.length > 0) return this.#invalid(level, wrong);
    const { count } = this.#transactions;
    const ok = okCountOf(this.#transactions);
    if (ok === 0) {
      return this.#unknown(
        level,
        `Nothing was proved: none of the ${count} transactions completed ok.`,
      );
    }
    const decision = this.#decide(asked);
    if (!("order" in decision)) return this.#invalid(level, this.#gravest(asked, decision));
    const { ambiguous, happened } = this.#sources;
    if (ambiguous > 0) {
      return this.#unknown(
        level,
        `Undecided: ${ambiguous} reads are of values that were written to their key more than once, or of null, which somebody wrote and which is the initial value as well, ` +
          `and the others do not contradict ${level}. Write each value once to a key, and not null.`,
      );
    }
    const { invocations } = this.#transactions;
    const order: number[] = [];
    for (const each of decision.order) {
      // Other nodes than transactions have not happened.
      if (happened[each] === 1) order.push(invocations[each] as number);
    }
    return {
      verdict: "valid",
      reason: `${ok} transactions: nothing contradicts ${level}, and ${SHOWN}.`,
      anomalies: [],
      certificate: { kind: "transaction-order", level, manner: "commit", order },
      details: { level, ...this.#facts(), ...levelFacts(new Set()) },
    };
  }

  /** Looks for reads alone that contradict a level, or a weaker one. */
  refute(asked: Question, level: TransactionalLevel): Judgement | undefined {
    if (asked.base === "monotonic-atomic-view") {
      const wrong = this.#wrongReads(asked.base, level);
      if (wrong.explained.length > 0) return this.#invalid(level, wrong);
    }
    for (const base of WEAK_BASES) {
      for (const time of upTo(asked.time)) {
        if (base === "causal-cerone" && time !== asked.time) continue;
        const decision = this.#decide({ base, time });
        if ("missed" in decision)
          return this.#invalid(level, this.#against({ base, time }, decision));
      }
      if (base === asked.base) break;
    }
    return undefined;
  }

  /** Reads that are wrong whatever the order. */
  #wrongReads(base: WeakBase, level: TransactionalLevel): Against {
    const { findings, ownMissed } = this.#sources;
    const { owners, keys } = this.#transactions;
    const found = findings.examples.filter(({ kind }) => ruledOutByFinding(kind).has(level));
    const excludesInternal = found.some(({ kind }) => kind === "internal");
    if (base === "monotonic-atomic-view" && !excludesInternal) {
      for (const micro of ownMissed) {
        const transactions = [owners[micro[1]] as number];
        found.push({ kind: "internal", key: keys[micro[1]] as number, transactions, micro });
      }
    }
    const ruledOut = new Set<TransactionalLevel>();
    for (const { kind } of found) {
      for (const each of ruledOutByFinding(kind)) ruledOut.add(each);
      if (kind === "internal" && ownMissed.length > 0) ruledOut.add("monotonic-atomic-view");
    }
    return {
      explained: found.map((finding) => explainFinding(finding, this.#transactions)),
      ruledOut: [...ruledOut],
    };
  }

  #decide({ base, time }: Question): Decision {
    const decideFor = (of: Question["time"]): Decision =>
      decide(base, this.#knownFor(of), this.#sources, this.#meter);
    // Without sessions causes are dear to follow: mostly it holds with them, and then without.
    if (base !== "causal-cerone" || time !== "") return decideFor(time);
    const stronger = decideFor("process");
    return "order" in stronger ? stronger : decideFor("");
  }

  /** What is wrong already at the weakest level that is. */
  #gravest(asked: Question, decision: Decision): Against {
    const { base: of, time: kept } = asked;
    // Where the next weaker level holds, all that are weaker do: most often it is so.
    const next = WEAK_BASES[WEAK_BASES.indexOf(of) - 1];
    if (of === "causal-cerone" && next !== undefined) {
      if ("order" in this.#decide({ base: next, time: kept }))
        return this.#against(asked, decision);
    }
    for (const base of WEAK_BASES) {
      for (const time of upTo(kept)) {
        if (base === of && time === kept) return this.#against(asked, decision);
        // Without the order of sessions causes are dear to follow.
        if (base === "causal-cerone") continue;
        const found = this.#decide({ base, time });
        if (!("order" in found)) return this.#against({ base, time }, found);
      }
    }
    return this.#against(asked, decision);
  }

  #against({ base, time }: Question, decision: Decision): Against {
    const evidence = new Evidence(this.#knownFor(time), this.#beside?.overwrite);
    if ("missed" in decision) {
      const phenomenon = evidence.missed(decision.missed);
      const explained = explainWeak(phenomenon, base, this.#transactions);
      return { explained: [explained], ruledOut: [variantOf(base, time)] };
    }
    if ("order" in decision) throw new Error("an order contradicts nothing");
    const { cycle, forced } = decision;
    const edges = evidence.cycle(cycle, forced);
    const explained = explainWeak({ name: "cycle", edges }, base, this.#transactions);
    return {
      explained: [explained],
      ruledOut: [variantOf(forced === undefined ? "read-committed" : base, time)],
    };
  }

  #invalid(level: TransactionalLevel, { explained, ruledOut }: Against): Judgement {
    const [first] = explained as readonly [Explained, ...Explained[]];
    return {
      verdict: "invalid",
      reason: first.anomaly.message,
      anomalies: explained.map(({ anomaly }) => anomaly),
      certificate: { kind: "isolation-violation", level, phenomenon: first.phenomenon },
      details: { level, ...this.#facts(), ...levelFacts(withStronger(ruledOut)) },
    };
  }

  #unknown(level: TransactionalLevel, reason: string): Judgement {
    const details = { level, ...this.#facts() };
    return { verdict: "unknown", reason, anomalies: [], details };
  }

  #facts(): { readonly [name: string]: number } {
    const { count, keyCount, leftOut } = this.#transactions;
    return { transactions: count, keys: keyCount, leftOut };
  }
}

/** The orders of time that are kept where this one is, from less to more. */
function upTo(time: Time): readonly Time[] {
  return TIMES.slice(0, TIMES.indexOf(time) + 1);
}

/** What contradicts a level, gravest first, and the weakest levels that it rules out. */
interface Against {
  readonly explained: readonly Explained[];
  readonly ruledOut: readonly TransactionalLevel[];
}

const SHOWN = "in one order of their commits every read is of the last that it must see";
