/**
 * Levels for transactions, and which implies which. Every base level has two variants: one that
 * keeps the order of sessions beside, and one that keeps real time.
 *
 * Levels of Adya (1999) are those of his phenomena on item and predicate dependencies; those of
 * Cerone et al. (2015) are about which transactions see which. Where both families meet, as in
 * snapshot isolation, start and commit points are any that explain the history, not those of a
 * clock; real time comes in by the variants.
 */
import type { BaseIsolation, Implication, Level, TransactionalLevel } from "./level.js";

interface Base {
  readonly says: string;
  readonly source: string;
  readonly aliases: readonly string[];
  /** The base levels that it implies at once, each with where that is shown. */
  readonly implies: { readonly [weaker in BaseIsolation]?: string };
}

const ADYA_ORDER = "Adya 1999, chapter 4, the partial order of levels";
const CERONE = "Cerone, Bernardi & Gotsman 2015, section 3 and figure 1";

/** From strong to weak. */
const BASES: { readonly [name in BaseIsolation]: Base } = {
  serializable: {
    says: "transactions have the results that they would have one after the other",
    source: "Papadimitriou 1979; Adya 1999, section 3.2 (PL-3)",
    aliases: ["PL-3", "serializability", "conflict-serializable"],
    implies: {
      "snapshot-isolation": CERONE,
      "repeatable-read": "Adya 1999, section 3.2: G2-item is a G2",
      "update-serializable": ADYA_ORDER,
    },
  },
  "snapshot-isolation": {
    says: "a transaction reads one snapshot, and two that overlap do not write the same",
    source: "Berenson et al. 1995; Cerone & Gotsman 2018, section 2",
    aliases: ["PL-SI", "SI"],
    implies: {
      "parallel-snapshot-isolation": CERONE,
      prefix: CERONE,
      "forward-consistent-view": ADYA_ORDER,
      "monotonic-snapshot-read": ADYA_ORDER,
    },
  },
  "update-serializable": {
    says: "transactions that write are serializable, and each reader agrees with them on its own",
    source: "Hansdah & Patnaik 1986; Adya 1999, chapter 4 (PL-3U)",
    aliases: ["PL-3U", "update-serializability"],
    implies: { "forward-consistent-view": ADYA_ORDER },
  },
  "repeatable-read": {
    says: "what a transaction has read does not change under it; predicates may",
    source: "Adya 1999, section 3.2 (PL-2.99)",
    aliases: ["PL-2.99"],
    implies: {
      "cursor-stability": ADYA_ORDER,
      "monotonic-atomic-view": "Bailis et al. 2014 (HAT), section 5 and figure 2",
    },
  },
  "parallel-snapshot-isolation": {
    says: "snapshots follow causality, and two that do not see each other do not write the same",
    source: "Sovran et al. 2011; Cerone et al. 2015, section 3",
    aliases: ["parallel-si", "PSI"],
    implies: {
      "causal-cerone": CERONE,
      "update-atomic": CERONE,
      "consistent-view":
        "Cerone & Gotsman 2018, dependency graphs of parallel SI: no cycle has one anti-dependency",
    },
  },
  prefix: {
    says: "all transactions see a prefix of one order of commits",
    source: "Terry et al. 1995; Cerone et al. 2015, section 3",
    aliases: ["prefix-consistency", "PC"],
    implies: { "causal-cerone": CERONE },
  },
  "causal-cerone": {
    says: "who sees a transaction sees all that it saw, and all of each",
    source: "Lloyd et al. 2011; Cerone et al. 2015, section 3 (transactional causal consistency)",
    aliases: ["transactional-causal", "TCC"],
    implies: { "read-atomic": CERONE },
  },
  "update-atomic": {
    says: "read atomic, and two that do not see each other do not write the same",
    source: "Cerone et al. 2015, section 3",
    aliases: ["UA"],
    implies: { "read-atomic": CERONE },
  },
  "read-atomic": {
    says: "who sees one write of a transaction sees all of them",
    source: "Bailis et al. 2014 (RAMP), section 3; Cerone et al. 2015, section 3",
    aliases: ["RA"],
    implies: { "monotonic-atomic-view": "Bailis et al. 2014 (RAMP), section 3" },
  },
  "forward-consistent-view": {
    says: "a consistent view that may reach beyond the transaction's start",
    source: "Adya 1999, chapter 4 (PL-FCV)",
    aliases: ["PL-FCV"],
    implies: { "consistent-view": ADYA_ORDER },
  },
  "consistent-view": {
    says: "what a transaction reads is the whole effect of some transactions: no read skew",
    source: "Adya 1999, chapter 4 (PL-2+)",
    aliases: ["PL-2+"],
    implies: { "monotonic-view": ADYA_ORDER, "cursor-stability": ADYA_ORDER },
  },
  "monotonic-snapshot-read": {
    says: "each read is of a snapshot, and later reads of the same transaction of later ones",
    source: "Adya 1999, chapter 4 (PL-MSR)",
    aliases: ["PL-MSR"],
    implies: { "read-committed": ADYA_ORDER },
  },
  "monotonic-view": {
    says: "once a transaction has read another's write, it misses none of its other writes",
    source: "Adya 1999, chapter 4 (PL-2L)",
    aliases: ["PL-2L"],
    implies: { "read-committed": ADYA_ORDER },
  },
  "cursor-stability": {
    says: "what a transaction has read and then writes was not written in between",
    source: "Date 1990; Adya 1999, chapter 4 (PL-CS)",
    aliases: ["PL-CS"],
    implies: { "read-committed": ADYA_ORDER },
  },
  "monotonic-atomic-view": {
    says: "once some effects of a transaction are seen, all of them are, from then on",
    source: "Bailis et al. 2014 (HAT), section 5",
    aliases: ["MAV"],
    implies: { "read-committed": "Bailis et al. 2014 (HAT), section 5 and figure 2" },
  },
  "read-committed": {
    says: "no reads of what was aborted or overwritten within a transaction, no circular reading",
    source: "Adya 1999, section 3.2 (PL-2)",
    aliases: ["PL-2", "RC"],
    implies: { "read-uncommitted": "Adya 1999, section 3.2: G0 is a G1c" },
  },
  "read-uncommitted": {
    says: "writes of transactions are not interleaved: no dirty writes",
    source: "Adya 1999, section 3.2 (PL-1)",
    aliases: ["PL-1", "RU"],
    implies: {},
  },
};

const NAMES = Object.keys(BASES) as readonly BaseIsolation[];

/** From strong to weak: those that keep real time, those that keep sessions, the base levels. */
export const TRANSACTIONAL_LEVELS: readonly Level<TransactionalLevel>[] = [
  ...NAMES.map((of) =>
    variant(of, "realtime", {
      says: "and their order keeps real time",
      source:
        of === "serializable"
          ? "Papadimitriou 1979; Herlihy & Wing 1990, section 3.3"
          : "Daudjee & Salem 2006 (strong SI), for any level",
    }),
  ),
  ...NAMES.map((of) =>
    variant(of, "session", {
      says: "and their order keeps that of each session",
      source:
        of === "serializable"
          ? "Daudjee & Salem 2004"
          : "Daudjee & Salem 2006 (strong session SI), for any level",
    }),
  ),
  ...NAMES.map((name): Level<TransactionalLevel> => {
    const { says, source, aliases } = BASES[name];
    return { name, family: "transactional", says, source, aliases };
  }),
];

export const TRANSACTIONAL_IMPLICATIONS: readonly Implication[] = [
  ...NAMES.flatMap((name): readonly Implication[] =>
    Object.entries(BASES[name].implies).flatMap(([weaker, source]) => {
      const to = weaker as BaseIsolation;
      const kept = `${source}; with the same order kept in both`;
      return [
        { from: strong(name), to: strong(to), source: kept },
        { from: strongSession(name), to: strongSession(to), source: kept },
        { from: name, to, source },
      ];
    }),
  ),
  ...NAMES.flatMap((name): readonly Implication[] => [
    {
      from: strong(name),
      to: strongSession(name),
      source: "Daudjee & Salem 2006: real time contains the order of each session",
    },
    { from: strongSession(name), to: name, source: "by definition" },
  ]),
];

/** For histories whose transactions are single operations. */
export const ACROSS_FAMILIES: readonly Implication[] = [
  {
    from: "strict-serializable",
    to: "linearizable",
    source: "Herlihy & Wing 1990, section 3.3: transactions of one operation on one object",
  },
  {
    from: "strong-session-serializable",
    to: "sequential",
    source: "Lamport 1979; Daudjee & Salem 2004: transactions of one operation",
  },
  {
    from: "strong-session-causal-cerone",
    to: "causal-convergence",
    source:
      "Bouajjani et al. 2017, section 3.2; Cerone et al. 2015, section 3: transactions of one operation",
  },
];

function strong(name: BaseIsolation): TransactionalLevel {
  return name === "serializable" ? "strict-serializable" : `strong-${name}`;
}

function strongSession(name: BaseIsolation): TransactionalLevel {
  return `strong-session-${name}`;
}

function variant(
  of: BaseIsolation,
  keeps: "session" | "realtime",
  about: { readonly says: string; readonly source: string },
): Level<TransactionalLevel> {
  const isRealtime = keeps === "realtime";
  const prefix = isRealtime ? "strong-" : "strong-session-";
  const name = isRealtime ? strong(of) : strongSession(of);
  const named = BASES[of].aliases.map((alias) => `${prefix}${alias}`);
  const aliases =
    name === "strict-serializable" ? ["strong-serializable", "PL-SS", ...named] : named;
  return {
    name,
    family: "transactional",
    says: `${BASES[of].says}; ${about.says}`,
    source: `${BASES[of].source}; ${about.source}`,
    aliases,
    variant: { of, keeps },
  };
}
