/**
 * The only place that names every plugin. `ordeal list`, the table of the README and every lookup
 * by name are made from it; a test holds it against the plugin folders.
 */
import { file } from "../../backends/file.js";
import { memory } from "../../backends/memory.js";
import { primaryBackup } from "../../backends/primary-backup.js";
import { quorum } from "../../backends/quorum.js";
import { sqlite } from "../../backends/sqlite.js";
import { linearizable } from "../../checkers/linearizable.js";
import { counter as counterChecker } from "../../checkers/counter.js";
import { monotonic } from "../../checkers/monotonic.js";
import { sequential } from "../../checkers/sequential.js";
import { totalQueue } from "../../checkers/total-queue.js";
import { setFull } from "../../checkers/set-full.js";
import { bank } from "../../checkers/bank.js";
import { longFork } from "../../checkers/long-fork.js";
import { causal } from "../../checkers/causal.js";
import { causalReverse } from "../../checkers/causal-reverse.js";
import { lock } from "../../checkers/lock.js";
import { sessions, SESSION_GUARANTEES } from "../../checkers/sessions.js";
import { statistics } from "../../checkers/statistics.js";
import { stream } from "../../checkers/stream.js";
import { unhandledErrors } from "../../checkers/unhandled-errors.js";
import { uniqueIds as uniqueIdsChecker } from "../../checkers/unique-ids.js";
import { broadcast } from "../../checkers/broadcast.js";
import { exactlyOnce } from "../../checkers/exactly-once.js";
import { leader } from "../../checkers/leader.js";
import { liveness } from "../../checkers/liveness.js";
import { kAtomicity } from "../../checkers/k-atomicity.js";
import { deltaAtomicity } from "../../checkers/delta-atomicity.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import { kv as kvWorkload } from "../../workloads/kv.js";
import { register as registerWorkload } from "../../workloads/register.js";
import type { Checker } from "../checker/checker.js";
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import { casRegister } from "../model/cas-register.js";
import { fencedMutex } from "../model/fenced-mutex.js";
import { kv } from "../model/kv.js";
import { lease } from "../model/lease.js";
import type { Model } from "../model/model.js";
import { multiRegister } from "../model/multi-register.js";
import { mutex } from "../model/mutex.js";
import { reentrantMutex } from "../model/reentrant-mutex.js";
import { register } from "../model/register.js";
import { semaphore } from "../model/semaphore.js";
import { counter } from "../model/counter.js";
import { deque } from "../model/deque.js";
import { fifoQueue } from "../model/fifo-queue.js";
import { log } from "../model/log.js";
import { multiset } from "../model/multiset.js";
import { priorityQueue } from "../model/priority-queue.js";
import { set } from "../model/set.js";
import { stack } from "../model/stack.js";
import { uniqueIds } from "../model/unique-ids.js";
import { unorderedQueue } from "../model/unordered-queue.js";
import { workflow } from "../model/workflow.js";
import type { Nemesis } from "../runner/nemesis.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import { nearest } from "./nearest.js";

/** What every entry has. */
export interface CatalogEntry {
  readonly name: string;
  /** One line for `ordeal list`. */
  readonly description: string;
}

/** A model by name, made with the options that its family takes; it knows which are its own. */
export interface ModelEntry extends CatalogEntry {
  make(options?: object): Model;
}

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

export const MODELS: readonly ModelEntry[] = [
  {
    name: "register",
    description: "one value that is read and written, per key where the history has keys",
    make: register,
  },
  {
    name: "cas-register",
    description: "a register with compare-and-set of [old, new]",
    make: casRegister,
  },
  {
    name: "kv",
    description: "a key-value store: get, put, append, delete, cas, range; keys are independent",
    make: kv,
  },
  {
    name: "mutex",
    description: "a lock: acquire needs it free, release needs it held (by anyone)",
    make: mutex,
  },
  {
    name: "reentrant-mutex",
    description: "a lock that the process that holds it may acquire again",
    make: reentrantMutex,
  },
  {
    name: "fenced-mutex",
    description: "a lock that gives a token with each acquire, larger than all before",
    make: fencedMutex,
  },
  {
    name: "semaphore",
    description: "a number of permits (here one) that are taken and given back",
    make: semaphore,
  },
  {
    name: "lease",
    description: "a lock that may end by itself: acquire gives a token, renew, release",
    make: lease,
  },
  {
    name: "workflow",
    description: "instances of a state machine: create, load, transition of [from, to], delete",
    make: workflow,
  },
  {
    name: "multi-register",
    description: "registers that transactions read and write together, as Knossos has them",
    make: multiRegister,
  },
  {
    name: "set",
    description: "a set: add, remove, contains, read; elements are independent",
    make: set,
  },
  {
    name: "multiset",
    description: "a set with copies: add, remove, count, read; elements are independent",
    make: () => multiset(),
  },
  {
    name: "fifo-queue",
    description: "a queue, first in, first out: enqueue, dequeue, peek",
    make: fifoQueue,
  },
  {
    name: "unordered-queue",
    description: "a bag: enqueue, dequeue, peek; any element may be next",
    make: unorderedQueue,
  },
  {
    name: "stack",
    description: "last in, first out: push, pop, peek",
    make: stack,
  },
  {
    name: "deque",
    description: "a queue with two ends: push-, pop-, peek-, each with front and back",
    make: deque,
  },
  {
    name: "priority-queue",
    description: "the smallest first: insert, extract, peek; ties in any order",
    make: priorityQueue,
  },
  {
    name: "counter",
    description: "a number: add, increment, decrement, read",
    make: counter,
  },
  {
    name: "log",
    description: "append only: append, read (all, or a slice), size",
    make: () => log(),
  },
  {
    name: "unique-ids",
    description: "generate gives no id twice",
    make: () => uniqueIds(),
  },
];

export const CHECKERS: readonly CheckerEntry[] = [
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

/** Checkers for `--checker`, each with the options that it takes. */
export const PROPERTIES: readonly PropertyEntry[] = [
  property(kAtomicity, "max", "initial", "nilReads"),
  property(deltaAtomicity, "maxMs", "initial", "nilReads"),
  property(liveness, "withinMs", "functions", "heals"),
  property(leader, "functions", "growing"),
  property(exactlyOnce, "settleMs"),
  property(broadcast, "maxLatencyMs", "settleMs"),
  property(lock, "owner", "permits", "reentrant", "ttlMs"),
  property(causalReverse),
  property(longFork),
  property(bank, "total", "negative", "accounts"),
  property(setFull, "linearizable", "settleMs"),
  property(totalQueue, "delivery"),
  property(counterChecker, "initial"),
  property(uniqueIdsChecker, "min", "max"),
  property(monotonic, "functions", "scope"),
  property(stream, "delivery", "settleMs"),
  property(statistics, "minAvailability"),
  property(unhandledErrors, "expected"),
];

export const WORKLOADS: readonly (CatalogEntry & { make(): Workload })[] = [
  registerWorkload,
  kvWorkload,
].map((make) => named(make));

export const NEMESES: readonly (CatalogEntry & { make(): Nemesis })[] = [
  partition,
  crash,
  pause,
  powerLoss,
].map((make) => named(make));

/** Backends, each followed by its variants, which have a bug by intent. */
export const BACKENDS: readonly (CatalogEntry & { make(): System })[] = [
  () => memory(),
  () => memory({ variant: "stale-reads" }),
  () => memory({ variant: "lost-writes" }),
  () => file(),
  () => file({ variant: "no-fsync" }),
  () => sqlite(),
  () => sqlite({ variant: "late-commit" }),
  () => quorum(),
  () => quorum({ variant: "no-write-back" }),
  () => primaryBackup(),
].map((make) => named(make));

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

/** Finds a checker. @throws HarnessError `bad-argument` with the choices. */
export function makeChecker(name: string, model: Model): Checker {
  return find("consistency", CHECKERS, name).make(model);
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
export function makeSystem(name: string): System {
  return find("system", BACKENDS, name).make();
}

/**
 * The entry of a name; what has none is an error that suggests the nearest and lists the choices.
 */
function find<Entry extends CatalogEntry>(
  what: string,
  entries: readonly Entry[],
  name: string,
): Entry {
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const names = entries.map((each) => each.name);
  const near = nearest(name, names);
  throw new HarnessError(
    "bad-argument",
    `no ${what} is called "${name}"${near === undefined ? "" : `; did you mean ${near}?`} ` +
      `(there ${names.length === 1 ? "is" : "are"} ${names.join(", ")})`,
  );
}

/** An entry of a checker's factory, with the names of the options that it may be given. */
function property<Options extends object>(
  make: (options?: Options) => Checker,
  ...options: readonly (keyof Options & string)[]
): PropertyEntry {
  const { name, description } = make();
  return { name, description, options, make: (given = {}) => make(given as Options) };
}

/** A promise that takes name and description from its checker. */
function promise(make: (model: Model) => Checker): CheckerEntry {
  const { name, description } = make(register());
  return { name, description, make };
}

/** An entry that takes name and description from what its factory makes. */
function named<Plugin extends CatalogEntry>(make: () => Plugin): CatalogEntry & { make(): Plugin } {
  const { name, description } = make();
  return { name, description, make };
}
