/**
 * Values that are written, read and deleted under one key: which of them a read after a crash may
 * still show. A value is out of date when something acknowledged before the crash was begun after
 * every write of the value had ended.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { sameValue, type Value } from "../../src/history/value.js";
import { lastCrashBefore, type Crash } from "./crashes.js";
import { outcomeOf, rolesOf } from "./functions.js";
import { identityOf } from "./identity.js";

const READ = 1;
const WRITE = 2;
const CAS = 3;
const APPEND = 4;
const DELETE = 5;
const ROLES = {
  read: READ,
  get: READ,
  write: WRITE,
  put: WRITE,
  cas: CAS,
  append: APPEND,
  delete: DELETE,
};
export const VALUE_FUNCTIONS: readonly string[] = Object.keys(ROLES);

/** An update that did not fail. */
interface Update {
  readonly begin: number;
  /** Infinity when it is indeterminate. */
  readonly end: number;
  /** Null for a delete. */
  readonly value: Value;
  readonly role: number;
}

/** A read that succeeded. */
interface Read {
  readonly begin: number;
  readonly end: number;
  readonly value: Value;
}

/** Tells of each fault; all are invocations, but for the values. */
export interface DurabilityFaults {
  /** The read shows what was there before the update, which was acknowledged before the crash. */
  lost(fault: { readonly update: number; readonly read: number }): void;
  resurrected(fault: {
    readonly remove: number;
    readonly read: number;
    readonly value: Value;
  }): void;
  fromTheFuture(fault: {
    readonly write: number;
    readonly read: number;
    readonly value: Value;
  }): void;
  unexpected(fault: { readonly read: number; readonly value: Value }): void;
}

/** What was seen of one key. */
export interface DurabilityFacts {
  /** Updates that were acknowledged before a crash. */
  readonly atRisk: number;
  /** Reads after a crash before which something was acknowledged. */
  readonly judged: number;
  /** Whether something was acknowledged before a crash, and not read after it. */
  readonly isUnread: boolean;
}

/** Follows one key through the crashes. */
export function followValues(
  history: History,
  crashes: readonly Crash[],
  options: { readonly initial: Value; readonly faults: DurabilityFaults },
): DurabilityFacts {
  const { initial, faults } = options;
  const { updates, reads } = callsOf(history);
  const acknowledged = updates.filter(({ end }) => end < Infinity).sort((a, b) => a.end - b.end);
  const atRisk = countBefore(acknowledged, crashes.at(-1)?.begun ?? NONE);
  const crashOf = (read: Read): Crash | undefined => lastCrashBefore(crashes, read.begin);
  const judgedReads = reads.filter(
    (read) => countBefore(acknowledged, crashOf(read)?.begun ?? NONE) > 0,
  );
  if (updates.some(({ role }) => role === APPEND)) {
    const lastOf = new Map(judgedReads.map((read) => [crashOf(read), read]));
    for (const [crash, read] of lastOf) {
      judgeText({ updates, acknowledged }, { read, until: crash?.begun ?? NONE }, faults);
    }
  } else judgeValues({ updates, acknowledged, reads }, { initial, crashOf }, faults);
  const last = reads.at(-1);
  const seenUntil = last === undefined ? NONE : (crashOf(last)?.begun ?? NONE);
  const isUnread = atRisk > 0 && (acknowledged[atRisk - 1] as Update).end > seenUntil;
  return { atRisk, judged: judgedReads.length, isUnread };
}

function callsOf(history: History): {
  readonly updates: readonly Update[];
  readonly reads: readonly Read[];
} {
  const { length, types, processes, functions, pairs, values, pool } = history;
  const roles = rolesOf(history, ROLES);
  const updates: Update[] = [];
  const reads: Read[] = [];
  for (let i = 0; i < length; i++) {
    const role = roles[functions[i] as number] as number;
    if (role === 0 || types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const outcome = outcomeOf(history, i);
    const end = pairs[i] as number;
    if (role === READ) {
      if (outcome === OK) {
        reads.push({ begin: i, end, value: pool[values[end] as number] as Value });
      }
      continue;
    }
    if (outcome === FAIL) continue;
    const input = pool[values[i] as number] as Value;
    const value = role === DELETE ? null : role === CAS ? newValue(input) : input;
    updates.push({ begin: i, end: outcome === OK ? end : Infinity, value, role });
  }
  return { updates, reads };
}

function newValue(input: Value): Value {
  return Array.isArray(input) ? ((input[1] as Value | undefined) ?? null) : null;
}

/** How many of these, which are in the order of their ends, had ended before an event. */
function countBefore(acknowledged: readonly Update[], index: number): number {
  let [low, high] = [0, acknowledged.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((acknowledged[middle] as Update).end < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function judgeValues(
  calls: {
    readonly updates: readonly Update[];
    readonly acknowledged: readonly Update[];
    readonly reads: readonly Read[];
  },
  told: { readonly initial: Value; readonly crashOf: (read: Read) => Crash | undefined },
  faults: DurabilityFaults,
): void {
  const { updates, acknowledged, reads } = calls;
  const writers = new Map<Value, Update[]>();
  for (const update of updates) {
    const name = identityOf(update.value);
    const known = writers.get(name);
    if (known === undefined) writers.set(name, [update]);
    else known.push(update);
  }
  /** Of the first so many that ended, the one that began last. */
  const newest: Update[] = [];
  for (const update of acknowledged) {
    const before = newest.at(-1);
    newest.push(before !== undefined && before.begin > update.begin ? before : update);
  }
  for (const read of reads) {
    const { begin, end, value } = read;
    const isInitial = sameValue(value, told.initial);
    const all = writers.get(identityOf(value)) ?? [];
    let over: number = isInitial ? NONE : -Infinity;
    for (const writer of all) {
      if (writer.begin > end) break;
      over = Math.max(over, writer.end);
    }
    if (over === -Infinity) {
      const [later] = all;
      if (later === undefined) faults.unexpected({ read: begin, value });
      else faults.fromTheFuture({ write: later.begin, read: begin, value });
      continue;
    }
    const crash = told.crashOf(read);
    if (crash === undefined) continue;
    const update = newest[countBefore(acknowledged, crash.begun) - 1];
    if (update === undefined || update.begin <= over) continue;
    if (update.role === DELETE) {
      faults.resurrected({ remove: update.begin, read: begin, value });
    } else faults.lost({ update: update.begin, read: begin });
  }
}

/**
 * Texts that are appended to one another: what was acknowledged is a part of the text, until
 * something else may have been put in its place. Looks at the last read before the next crash.
 */
function judgeText(
  {
    updates,
    acknowledged,
  }: { readonly updates: readonly Update[]; readonly acknowledged: readonly Update[] },
  { read, until }: { readonly read: Read; readonly until: number },
  faults: DurabilityFaults,
): void {
  /** The two resets that end last, so that one is left where the other is the update itself. */
  let [last, second]: (Update | undefined)[] = [];
  for (const update of updates) {
    if (update.role === APPEND || update.begin > read.end) continue;
    if (last === undefined || update.end >= last.end) [last, second] = [update, last];
    else if (second === undefined || update.end > second.end) second = update;
  }
  const count = countBefore(acknowledged, until);
  for (let i = 0; i < count; i++) {
    const update = acknowledged[i] as Update;
    if (update.role === DELETE || isShown(update.value, read.value)) continue;
    const reset = last === update ? second : last;
    if (reset !== undefined && reset.end > update.begin) continue;
    faults.lost({ update: update.begin, read: read.begin });
  }
}

function isShown(value: Value, shown: Value): boolean {
  if (typeof value === "string" && typeof shown === "string") return shown.includes(value);
  return sameValue(value, shown);
}
