/**
 * The only place that names every plugin. `ordeal list`, the table of the README and every lookup
 * by name are made from it; a test holds it against the plugin folders.
 */
import { automerge } from "../../backends/automerge.js";
import { chain, CHAIN_VARIANTS } from "../../backends/chain.js";
import { crdt, CRDT_VARIANTS } from "../../backends/crdt.js";
import { file, FILE_VARIANTS } from "../../backends/file.js";
import { gossip } from "../../backends/gossip.js";
import { locking, LOCKING_LEVELS, LOCKING_VARIANTS } from "../../backends/locking.js";
import { memory } from "../../backends/memory.js";
import { multiPaxos, PAXOS_VARIANTS } from "../../backends/multi-paxos.js";
import { mvcc, MVCC_LEVELS, MVCC_VARIANTS } from "../../backends/mvcc.js";
import { postgres, POSTGRES_VARIANTS } from "../../backends/postgres.js";
import { POSTGRES_ISOLATIONS, postgresTransactions } from "../../backends/postgres-transactions.js";
import { primaryBackup } from "../../backends/primary-backup.js";
import { quorum } from "../../backends/quorum.js";
import { raft, RAFT_VARIANTS } from "../../backends/raft.js";
import { sqlite } from "../../backends/sqlite.js";
import { sqliteTransactions } from "../../backends/sqlite-transactions.js";
import { threePhaseCommit } from "../../backends/three-phase-commit.js";
import { COMMIT_VARIANTS, twoPhaseCommit } from "../../backends/two-phase-commit.js";
import { yjs } from "../../backends/yjs.js";
import { linearizable } from "../../checkers/linearizable.js";
import { counter as counterChecker } from "../../checkers/counter.js";
import { monotonic } from "../../checkers/monotonic.js";
import { sequential } from "../../checkers/sequential.js";
import { totalQueue } from "../../checkers/total-queue.js";
import { transactional } from "../../checkers/transactional.js";
import { setFull } from "../../checkers/set-full.js";
import { bank } from "../../checkers/bank.js";
import { longFork } from "../../checkers/long-fork.js";
import { predicate as predicateChecker } from "../../checkers/predicate.js";
import { causal } from "../../checkers/causal.js";
import { causalReverse } from "../../checkers/causal-reverse.js";
import { lock } from "../../checkers/lock.js";
import { sessions, SESSION_GUARANTEES } from "../../checkers/sessions.js";
import { strongest, type Question } from "../../checkers/strongest.js";
import { eventualQuestions } from "../../checkers/strongest/eventually.js";
import { statistics } from "../../checkers/statistics.js";
import { stream } from "../../checkers/stream.js";
import { unhandledErrors } from "../../checkers/unhandled-errors.js";
import { uniqueIds as uniqueIdsChecker } from "../../checkers/unique-ids.js";
import { broadcast } from "../../checkers/broadcast.js";
import { durability } from "../../checkers/durability.js";
import { logPatterns } from "../../checkers/log-patterns.js";
import { eventual } from "../../checkers/eventual.js";
import { exactlyOnce } from "../../checkers/exactly-once.js";
import { leader } from "../../checkers/leader.js";
import { liveness } from "../../checkers/liveness.js";
import { workflow as workflowChecker } from "../../checkers/workflow.js";
import { kAtomicity } from "../../checkers/k-atomicity.js";
import { deltaAtomicity } from "../../checkers/delta-atomicity.js";
import * as nemeses from "../../nemeses/index.js";
import type { Checker } from "../checker/checker.js";
import { levelNamed } from "../consistency/lattice.js";
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { register } from "../model/register.js";
import { nearestFew } from "../nearest.js";
import type { Nemesis } from "../runner/nemesis.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import { MODELS, type CatalogEntry } from "./catalog-models.js";
import { STATE_SYSTEMS } from "./catalog-states.js";
import { named, WORKLOADS } from "./catalog-workloads.js";
import { find } from "./catalog-find.js";

export { MODELS, type CatalogEntry, type ModelEntry } from "./catalog-models.js";
export { WORKLOADS } from "./catalog-workloads.js";

/** A consistency promise by name: the checker that judges it, for a model. */
export interface CheckerEntry extends CatalogEntry {
  make(model: Model): Checker;
}

/**
 * A property that needs no model: the checker that judges it reads functions of its own. Options
 * are those of its factory, by name.
 */
export interface PropertyEntry extends CatalogEntry {
  readonly options: readonly string[];
  make(options?: object): Checker;
}

/** Promises that are levels of the lattice, from strong to weak. */
const PROMISES: readonly CheckerEntry[] = [
  {
    name: "linearizable",
    description: "each operation takes effect at one instant between its call and its return",
    // A file in which nothing completed contradicts nothing: valid, and its reason says that this
    // proves nothing. (A run in which nothing succeeded is unknown all the same: runner/judge.ts.)
    make: (model) => linearizable({ model, nothingCompleted: "valid" }),
  },
  {
    name: "sequential",
    description: "one order of all operations keeps each process's own order",
    make: (model) => sequential({ model, nothingCompleted: "valid" }),
  },
  ...(["causal-convergence", "causal-memory", "causal", "pram"] as const).map((level) =>
    promise((model) => causal({ model, level, nothingCompleted: "valid" })),
  ),
  promise((model) => sessions({ model, nothingCompleted: "valid" })),
  ...SESSION_GUARANTEES.map((guarantee) =>
    promise((model) => sessions({ model, guarantees: [guarantee], nothingCompleted: "valid" })),
  ),
];

export const CHECKERS: readonly CheckerEntry[] = [
  ...PROMISES,
  promise((model) =>
    strongest({
      levels: [
        ...PROMISES.flatMap(question(model)),
        ...staleness(model),
        ...eventualQuestions(model),
      ],
    }),
  ),
];

/** Checkers for `--checker`, each with the options that it takes. */
export const PROPERTIES: readonly PropertyEntry[] = [
  property(transactional, "level", "versions"),
  property(kAtomicity, "max", "initial", "nilReads"),
  property(deltaAtomicity, "maxMs", "initial", "nilReads"),
  property(liveness, "withinMs", "functions", "heals"),
  property(leader, "functions", "growing"),
  property(exactlyOnce, "settleMs"),
  property(broadcast, "maxLatencyMs", "settleMs"),
  property(durability, "crashes", "initial"),
  property(logPatterns, "logs", "never", "some", "every", "caseSensitive"),
  property(eventual, "reads", "updates", "replica", "settleMs", "withinMs", "unordered"),
  property(lock, "owner", "permits", "reentrant", "ttlMs"),
  property(causalReverse),
  property(longFork),
  property(predicateChecker),
  property(bank, "total", "negative", "accounts"),
  property(setFull, "linearizable", "settleMs"),
  property(totalQueue, "delivery"),
  property(counterChecker, "initial"),
  property(uniqueIdsChecker, "min", "max"),
  property(monotonic, "functions", "scope"),
  property(stream, "delivery", "settleMs", "isolation"),
  property(statistics, "minAvailability"),
  property(unhandledErrors, "expected", "unexpected"),
  property(workflowChecker, "transitions", "retriesMax", "settleMs"),
];

export const NEMESES: readonly (CatalogEntry & { make(): Nemesis })[] = [
  nemeses.partition,
  nemeses.crash,
  nemeses.pause,
  nemeses.powerLoss,
  nemeses.membership,
  nemeses.network,
  nemeses.clock,
  nemeses.slowDisk,
  nemeses.fullDisk,
  nemeses.syncError,
  nemeses.bitRot,
].map((make) => named(make));

/** A backend; its factory may be given options beside those that its name stands for. */
export interface BackendEntry extends CatalogEntry {
  make(options?: object): System;
}

/** Backends, each followed by its variants, which have a bug by intent. */
export const BACKENDS: readonly BackendEntry[] = backends(
  (given) => memory(given),
  (given) => memory({ ...given, variant: "stale-reads" }),
  (given) => memory({ ...given, variant: "lost-writes" }),
  (given) => memory({ ...given, variant: "fractured-reads" }),
  (given) => memory({ ...given, variant: "bad-answers" }),
  (given) => memory({ ...given, variant: "panics" }),
  (given) => memory({ ...given, variant: "early-sends" }),
  (given) => memory({ ...given, variant: "torn-transactions" }),
  (given) => memory({ ...given, variant: "stuck-after-restart" }),
  (given) => file(given),
  ...variantsOf(FILE_VARIANTS).map((variant) => (given: object) => file({ ...given, variant })),
  (given) => sqlite(given),
  (given) => sqlite({ ...given, variant: "late-commit" }),
  (given) => postgres(given),
  ...variantsOf(POSTGRES_VARIANTS).map(
    (variant) => (given: object) => postgres({ ...given, variant }),
  ),
  (given) => quorum(given),
  (given) => quorum({ ...given, strategy: "eventual" }),
  (given) => quorum({ ...given, strategy: "weak" }),
  (given) => quorum({ ...given, variant: "no-write-back" }),
  (given) => primaryBackup(given),
  (given) => primaryBackup({ ...given, replication: "synchronous" }),
  (given) => primaryBackup({ ...given, strategy: "eventual" }),
  (given) => gossip(given),
  (given) => gossip({ ...given, strategy: "weak" }),
  (given) => gossip({ ...given, variant: "no-repair" }),
  (given) => raft(given),
  (given) => raft({ ...given, reads: "lease" }),
  (given) => raft({ ...given, strategy: "eventual" }),
  ...variantsOf(RAFT_VARIANTS).map((variant) => (given: object) => raft({ ...given, variant })),
  (given) => multiPaxos(given),
  (given) => multiPaxos({ ...given, strategy: "eventual" }),
  ...variantsOf(PAXOS_VARIANTS).map(
    (variant) => (given: object) => multiPaxos({ ...given, variant }),
  ),
  (given) => crdt(given),
  (given) => crdt({ ...given, strategy: "weak" }),
  ...variantsOf(CRDT_VARIANTS).map((variant) => (given: object) => crdt({ ...given, variant })),
  (given) => yjs(given),
  (given) => automerge(given),
  (given) => automerge({ ...given, strategy: "weak" }),
  (given) => automerge({ ...given, variant: "own-beginning" }),
  (given) => chain(given),
  (given) => chain({ ...given, strategy: "eventual" }),
  ...variantsOf(CHAIN_VARIANTS).map((variant) => (given: object) => chain({ ...given, variant })),
  (given) => twoPhaseCommit(given),
  (given) => twoPhaseCommit({ ...given, strategy: "eventual" }),
  ...variantsOf(COMMIT_VARIANTS).map(
    (variant) => (given: object) => twoPhaseCommit({ ...given, variant }),
  ),
  (given) => threePhaseCommit(given),
  (given) => threePhaseCommit({ ...given, strategy: "eventual" }),
  ...LOCKING_LEVELS.map((isolation) => (given: object) => locking({ isolation, ...given })),
  ...variantsOf(LOCKING_VARIANTS).map(
    (variant) => (given: object) => locking({ ...given, variant }),
  ),
  ...MVCC_LEVELS.map((isolation) => (given: object) => mvcc({ isolation, ...given })),
  ...variantsOf(MVCC_VARIANTS).map((variant) => (given: object) => mvcc({ ...given, variant })),
  (given) => sqliteTransactions(given),
  (given) => sqliteTransactions({ isolation: "read-uncommitted", ...given }),
  ...POSTGRES_ISOLATIONS.map(
    (isolation) => (given: object) => postgresTransactions({ isolation, ...given }),
  ),
  ...STATE_SYSTEMS,
);

export const WORLDS: readonly CatalogEntry[] = [
  {
    name: "simulated",
    description: "virtual time, network and disks in this process; one seed, one history",
  },
  { name: "real", description: "child processes on this machine, real signals, sockets and files" },
];

/** Finds a model. @throws HarnessError `bad-argument` with the choices. */
export function makeModel(name: string, options: object = {}): Model {
  return find("model", MODELS, name).make(options);
}

/** Finds a checker, also by an alias. @throws HarnessError `bad-argument` with the choices. */
export function makeChecker(name: string, model: Model): Checker {
  return find("consistency", CHECKERS, levelNamed(name)?.name ?? name).make(model);
}

/**
 * Finds the checker of a property.
 * @throws HarnessError `bad-argument` with the choices, or for an option that it does not take.
 */
export function makeProperty(name: string, options: { readonly [name: string]: Value }): Checker {
  if (CHECKERS.some((entry) => entry.name === name)) {
    throw new HarnessError(
      "bad-argument",
      `${name} is a promise about a model: use --consistency ${name} --model NAME`,
    );
  }
  const names = PROPERTIES.map((each) => each.name);
  const [promised] = nearestFew(
    name,
    CHECKERS.map((each) => each.name),
  );
  if (promised !== undefined && !names.includes(name) && nearestFew(name, names).length === 0) {
    throw new HarnessError(
      "bad-argument",
      `no checker is called "${name}"; did you mean --consistency ${promised} --model NAME? (ordeal list checkers has all ${names.length})`,
    );
  }
  const entry = find("checker", PROPERTIES, name);
  for (const option of Object.keys(options)) {
    if (entry.options.includes(option)) continue;
    const takes = entry.options.length === 0 ? "none" : entry.options.join(", ");
    throw new HarnessError(
      "bad-argument",
      `the checker ${name} has no option ${option} (it takes ${takes})`,
    );
  }
  return entry.make(options);
}

/** Finds a workload. @throws HarnessError `bad-argument` with the choices. */
export function makeWorkload(name: string): Workload {
  return find("workload", WORKLOADS, name).make();
}

/** Finds a nemesis. @throws HarnessError `bad-argument` with the choices. */
export function makeNemesis(name: string): Nemesis {
  return find("nemesis", NEMESES, name).make();
}

/**
 * Finds a backend, `NAME` or `NAME:VARIANT`. @throws HarnessError `bad-argument` with the choices.
 */
export function makeSystem(name: string, options: object = {}): System {
  return find("system", BACKENDS, name).make(options);
}

/** An entry of a checker's factory, with the names of the options that it may be given. */
function property<Options extends object>(
  make: (options?: Options) => Checker,
  ...options: readonly (keyof Options & string)[]
): PropertyEntry {
  const { name, description } = make();
  return { name, description, options, make: (given = {}) => make(given as Options) };
}

/** What `strongest` asks about a promise; nothing for one that is no level of the lattice. */
function question(model: Model): (entry: CheckerEntry) => readonly Question[] {
  return (entry) => {
    const level = levelNamed(entry.name)?.name;
    if (level === undefined) return [];
    return [{ level, checker: entry.make(model), dear: level === "sequential" }];
  };
}

/** For registers the measures of staleness, without a bound: what is asked is what it is. */
function staleness({ type, options }: Model): readonly Question[] {
  if (type?.name !== "register") return [];
  const { initial = null } = options;
  const nilReads = options["nilReads"] === "unknown" ? "unknown" : "value";
  const meaning = { initial, nilReads } as const;
  return [
    { level: "k-atomicity", checker: kAtomicity({ max: Infinity, ...meaning }) },
    { level: "delta-atomicity", checker: deltaAtomicity({ maxMs: Infinity, ...meaning }) },
  ];
}

/** The names of known bugs. */
function variantsOf<Variant extends string>(bugs: {
  readonly [variant in Variant]: unknown;
}): readonly Variant[] {
  return Object.keys(bugs) as Variant[];
}

/** A promise that takes name and description from its checker. */
function promise(make: (model: Model) => Checker): CheckerEntry {
  const { name, description } = make(register());
  return { name, description, make };
}

function backends(...makes: readonly ((given: object) => System)[]): readonly BackendEntry[] {
  return makes.map((make) => {
    const { name, description } = make({});
    return { name, description, make: (options = {}) => make(options) };
  });
}
