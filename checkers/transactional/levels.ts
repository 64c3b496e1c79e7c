/**
 * Which levels an anomaly rules out: the weakest ones that it contradicts, and with them all that
 * imply one of these. Adya 1999 for dependencies, chapter 4; Cerone & Gotsman 2018, section 3, for
 * snapshot isolation and parallel snapshot isolation; Kingsbury & Alvaro 2020, section 5.
 */
import { implies, LEVELS, strongerThan, weakestViolated } from "../../src/consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../../src/consistency/level.js";
import type { Cycle, Phenomena, Time } from "./cycles.js";
import { TIMES } from "./cycles.js";
import type { CycleClass } from "./cycle-search.js";
import type { FindingKind } from "./findings.js";

/** The weakest levels that an anomaly which is no cycle contradicts. */
const BY_FINDING: { readonly [kind in FindingKind]: readonly BaseIsolation[] } = {
  "duplicate-elements": ["read-uncommitted"],
  "cyclic-versions": ["read-uncommitted"],
  "garbage-read": ["read-uncommitted"],
  G1a: ["read-committed"],
  G1b: ["read-committed"],
  "dirty-update": ["read-committed"],
  "reordered-writes": ["read-committed"],
  "incompatible-order": ["read-committed"],
  "future-read": ["read-committed"],
  internal: ["read-atomic", "repeatable-read", "update-serializable"],
  "lost-update": ["cursor-stability", "update-atomic"],
};

/** The same for cycles; all anti-dependencies here are on items, none on predicates. */
const BY_CYCLE: { readonly [name in CycleClass]: readonly BaseIsolation[] } = {
  G0: ["read-uncommitted"],
  G1c: ["read-committed"],
  "G-cursor": ["cursor-stability", "update-atomic"],
  "G-single": ["consistent-view", "snapshot-isolation", "repeatable-read"],
  "G-nonadjacent": ["snapshot-isolation", "repeatable-read"],
  G2: ["repeatable-read"],
};

/** Levels that the phenomena and findings decide both ways, when all versions are known. */
const DECIDED: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "read-uncommitted",
  "read-committed",
  "cursor-stability",
  "consistent-view",
  "parallel-snapshot-isolation",
  "snapshot-isolation",
  "repeatable-read",
  "serializable",
]);

/** What was found, as far as levels go. */
export interface Evidence {
  readonly phenomena: { readonly [time in Time]: Phenomena };
  readonly findings: ReadonlySet<FindingKind>;
}

/** What follows for all levels. */
export interface LevelAnswer {
  readonly ruledOut: ReadonlySet<TransactionalLevel>;
  readonly holds: ReadonlySet<TransactionalLevel>;
}

/** Every level for transactions. */
const TRANSACTIONAL: readonly TransactionalLevel[] = LEVELS.filter(
  ({ family }) => family === "transactional",
).map(({ name }) => name as TransactionalLevel);

/** The levels that a finding rules out. */
export function ruledOutByFinding(kind: FindingKind): ReadonlySet<TransactionalLevel> {
  return withStronger(BY_FINDING[kind]);
}

/** The levels that a cycle rules out; uncertain ones do not if reads of uncommitted data may. */
export function ruledOutByCycle(
  { class: name, time }: Cycle,
  isCertain: boolean,
): ReadonlySet<TransactionalLevel> {
  const bases = name === "G0" && !isCertain ? BY_CYCLE.G1c : BY_CYCLE[name];
  return withStronger(bases.map((base) => variantOf(base, time)));
}

/** These levels and all that imply one of them. */
export function withStronger(
  weakest: readonly TransactionalLevel[],
): ReadonlySet<TransactionalLevel> {
  return new Set(TRANSACTIONAL.filter((level) => weakest.some((each) => implies(level, each))));
}

/** Which levels are ruled out, and, when all versions are known, which hold. */
export function judgeLevels(evidence: Evidence, allVersions: boolean): LevelAnswer {
  const weakest = weakestRuledOut(evidence);
  const ruledOut = withStronger(weakest);
  const holds = new Set<TransactionalLevel>();
  if (!allVersions) return { ruledOut, holds };
  for (const level of TRANSACTIONAL) {
    if (ruledOut.has(level) || !isDecided(level, evidence)) continue;
    holds.add(level);
  }
  for (const level of TRANSACTIONAL) {
    const stronger = [...strongerThan(level)] as readonly TransactionalLevel[];
    if (stronger.some((each) => holds.has(each))) holds.add(level);
  }
  return { ruledOut, holds };
}

function weakestRuledOut({ phenomena, findings }: Evidence): readonly TransactionalLevel[] {
  const weakest: TransactionalLevel[] = [];
  for (const kind of findings) weakest.push(...BY_FINDING[kind]);
  for (const time of TIMES) {
    for (const base of cyclesRuleOut(phenomena[time])) weakest.push(variantOf(base, time));
  }
  return weakest;
}

function cyclesRuleOut(phenomena: Phenomena): readonly BaseIsolation[] {
  const { ww, wwWr, updates, oneRw, noRwRw, any } = phenomena;
  return [
    ...(ww ? BY_CYCLE.G0 : []),
    ...(wwWr ? BY_CYCLE.G1c : []),
    ...(updates ? BY_CYCLE["G-cursor"] : []),
    ...(oneRw === true ? BY_CYCLE["G-single"] : []),
    ...(noRwRw ? BY_CYCLE["G-nonadjacent"] : []),
    ...(any ? BY_CYCLE.G2 : []),
  ];
}

function isDecided(level: TransactionalLevel, { phenomena }: Evidence): boolean {
  const { base, time } = takenApart(level);
  if (!DECIDED.has(base)) return false;
  const asksOneRw = base === "consistent-view" || base === "parallel-snapshot-isolation";
  return !asksOneRw || phenomena[time].oneRw !== undefined;
}

/** The base of a level, and which time it keeps. */
export function takenApart(level: TransactionalLevel): {
  readonly base: BaseIsolation;
  readonly time: Time;
} {
  const variant = LEVELS.find(({ name }) => name === level)?.variant;
  if (variant === undefined) return { base: level as BaseIsolation, time: "" };
  return { base: variant.of, time: variant.keeps === "session" ? "process" : "realtime" };
}

/** The variant of a base level that keeps this time. */
export function variantOf(base: BaseIsolation, time: Time): TransactionalLevel {
  if (time === "") return base;
  const keeps = time === "process" ? "session" : "realtime";
  const found = LEVELS.find(({ variant }) => variant?.of === base && variant.keeps === keeps);
  return (found?.name ?? base) as TransactionalLevel;
}

/**
 * The weakest levels that are ruled out, for the details of a verdict. What is left may be refuted
 * by what nobody looked for yet: so nothing is said of it here (checkers/strongest/around.ts asks).
 */
export function levelFacts(ruledOut: ReadonlySet<TransactionalLevel>): {
  readonly [name: string]: readonly string[];
} {
  return { ruledOut: weakestViolated(ruledOut) };
}
