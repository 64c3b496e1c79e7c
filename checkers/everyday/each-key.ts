/**
 * Judges each key of a history for itself: a history of its own for every key, with the operations
 * of clients that have it, one verdict each, and all of them merged. Faults are left out.
 *
 * A history without keys is judged as it is. Operations without a key, in a history that has keys
 * elsewhere, are a part of their own.
 */
import { askChecker } from "../../src/checker/ask-checker.js";
import type { Budget, Checker } from "../../src/checker/checker.js";
import { createHistory, NEMESIS, NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { counted } from "./words.js";
import { mergeKinds, type Anomaly, type Verdict } from "../../src/verdict/verdict.js";

/** How many keys a merged verdict lists one by one, those that are not valid first. */
const KEYS_LISTED = 100;
/** How many anomalies of all keys a merged verdict lists. */
const ANOMALIES_LISTED = 100;

/** The checker's verdict on each key, merged; on the whole history when it has no keys. */
export function checkEachKey(
  checker: Checker,
  history: History,
  budget: Budget,
): Verdict | Promise<Verdict> {
  return hasKeys(history) ? checkParts(checker, history, budget) : checker.check(history, budget);
}

/** Whether clients name keys. */
export function hasKeys({ length, keys, processes }: History): boolean {
  for (let i = 0; i < length; i++) if (keys[i] !== NONE && processes[i] !== NEMESIS) return true;
  return false;
}

async function checkParts(checker: Checker, history: History, budget: Budget): Promise<Verdict> {
  const startMs = budget.nowMs();
  const verdicts: KeyVerdict[] = [];
  for (const part of partsOf(history, { withFaults: false })) {
    const timeMs = budget.timeMs - (budget.nowMs() - startMs);
    const limits: Budget = {
      timeMs,
      memoryBytes: budget.memoryBytes,
      nowMs: () => budget.nowMs(),
    };
    const verdict = await askChecker(checker, part.history, limits);
    verdicts.push({ key: part.key, verdict: inTheWhole(verdict, part) });
  }
  return merged(checker, verdicts, budget.nowMs() - startMs);
}

interface KeyVerdict {
  readonly key: Value | undefined;
  readonly verdict: Verdict;
}

const kindOf = ({ verdict }: KeyVerdict): Verdict["verdict"] => verdict.verdict;

function merged(checker: Checker, verdicts: readonly KeyVerdict[], elapsedMs: number): Verdict {
  // Where nothing happened nothing can be proved, which takes nothing from the other keys.
  const telling = verdicts.filter(({ verdict }) => verdict.details?.["isEmpty"] !== true);
  const kind = mergeKinds((telling.length > 0 ? telling : verdicts).map(kindOf));
  const count = (wanted: string): number =>
    verdicts.filter(({ verdict }) => verdict.verdict === wanted).length;
  const gravest = (telling.length > 0 ? telling : verdicts).find((each) => kindOf(each) === kind);
  const others = telling.filter((each) => kindOf(each) === kind).length - 1;
  const more = others === 0 ? "" : ` (And ${counted(others, "more key")}.)`;
  const keys = telling.length === 1 ? "one key" : `each of ${telling.length} keys`;
  const said = gravest?.verdict.reason ?? "";
  const listed = [
    ...verdicts.filter(({ verdict }) => verdict.verdict !== "valid"),
    ...verdicts.filter(({ verdict }) => verdict.verdict === "valid"),
  ].slice(0, KEYS_LISTED);
  return {
    verdict: kind,
    checker: checker.name,
    reason:
      kind === "valid"
        ? `It holds for ${keys}. ${telling.length === 1 ? "" : `${nameOf(gravest?.key)}: `}${said}`
        : `Key ${nameOf(gravest?.key)}: ${said}${more}`,
    operations: verdicts.reduce((sum, { verdict }) => sum + verdict.operations, 0),
    elapsedMs,
    anomalies: verdicts.flatMap(({ verdict }) => verdict.anomalies).slice(0, ANOMALIES_LISTED),
    details: {
      keys: verdicts.length,
      valid: count("valid"),
      invalid: count("invalid"),
      unknown: count("unknown"),
      empty: verdicts.length - telling.length,
      ...anomalyCounts(verdicts),
    },
    parts: Object.fromEntries(listed.map(({ key, verdict }) => [nameOf(key), verdict])),
  };
}

/** How many anomalies of each kind all keys have together, where their checker counts them. */
function anomalyCounts(verdicts: readonly KeyVerdict[]): { readonly anomalies?: Value } {
  const totals = new Map<string, number>();
  for (const { verdict } of verdicts) {
    const counts = verdict.details?.["anomalies"];
    if (typeof counts !== "object" || counts === null || Array.isArray(counts)) return {};
    for (const [kind, count] of Object.entries(counts)) {
      totals.set(kind, (totals.get(kind) ?? 0) + Number(count));
    }
  }
  return { anomalies: Object.fromEntries(totals) };
}

/** Texts as they are, where nothing else could be called so. */
function nameOf(key: Value | undefined): string {
  if (key === undefined) return "(none)";
  return typeof key === "string" ? key : canonical(key);
}

/** The operations of one key. */
export interface Part {
  readonly key: Value | undefined;
  readonly history: History;
  /** The index that each event has in the whole history. */
  readonly indices: Int32Array;
}

function inTheWhole(verdict: Verdict, { key, indices }: Part): Verdict {
  const anomalies = verdict.anomalies.map((anomaly): Anomaly => ({
    ...anomaly,
    operations: anomaly.operations.map((index) => indices[index] as number),
    ...(key === undefined ? {} : { key }),
  }));
  return { ...verdict, anomalies };
}

/**
 * A history of each key, in the order in which the keys come up; made one by one. What the nemesis
 * did is in all of them or in none.
 */
export function* partsOf(
  history: History,
  { withFaults }: { readonly withFaults: boolean },
): Generator<Part> {
  const { length, keys, processes, pool } = history;
  // A counting sort of the events by key; what has none comes last.
  const counts = new Int32Array(pool.length + 2);
  const slotOf = (i: number): number => (keys[i] === NONE ? pool.length : (keys[i] as number));
  for (let i = 0; i < length; i++) {
    if (processes[i] !== NEMESIS) counts[slotOf(i) + 1] = (counts[slotOf(i) + 1] as number) + 1;
  }
  for (let k = 0; k <= pool.length; k++) {
    counts[k + 1] = (counts[k + 1] as number) + (counts[k] as number);
  }
  const ends = counts.slice();
  const sorted = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) continue;
    const at = ends[slotOf(i)] as number;
    sorted[at] = i;
    ends[slotOf(i)] = at + 1;
  }
  const faults = withFaults ? faultEvents(history) : new Int32Array(0);
  const numbering: Numbering = {
    events: new Int32Array(length),
    values: new Int32Array(pool.length).fill(NONE),
  };
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) continue;
    const slot = slotOf(i);
    const first = counts[slot] as number;
    if (sorted[first] !== i) continue;
    const own = sorted.slice(first, ends[slot]);
    const indices = faults.length === 0 ? own : bothOf(own, faults);
    const key = slot === pool.length ? undefined : (pool[slot] as Value);
    yield { key, indices, history: historyAt(history, indices, numbering) };
  }
}

/** Two ascending lists as one. */
function bothOf(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both.sort();
}

function faultEvents({ length, processes }: History): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < length; i++) if (processes[i] === NEMESIS) found.push(i);
  return Int32Array.from(found);
}

/** Where events and values of the whole history stand in a part; shared by all parts. */
interface Numbering {
  readonly events: Int32Array;
  readonly values: Int32Array;
}

/** The history of these events, with a pool of its own, so that many parts stay small. */
function historyAt(whole: History, indices: Int32Array, numbering: Numbering): History {
  const { length } = indices;
  const pool: Value[] = [];
  const renumbered: number[] = [];
  const valueAt = (id: number): number => {
    if (id === NONE) return NONE;
    let at = numbering.values[id] as number;
    if (at === NONE) {
      at = pool.push(whole.pool[id] as Value) - 1;
      numbering.values[id] = at;
      renumbered.push(id);
    }
    return at;
  };
  const [pairs, keys, values, errors, processes] = Array.from(
    { length: 5 },
    () => new Int32Array(length),
  ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
  const types = new Uint8Array(length);
  const functions = new Uint16Array(length);
  const timesNs = new Float64Array(length);
  for (let i = 0; i < length; i++) numbering.events[indices[i] as number] = i;
  for (let i = 0; i < length; i++) {
    const index = indices[i] as number;
    const pair = whole.pairs[index] as number;
    pairs[i] = pair === NONE ? NONE : (numbering.events[pair] as number);
    keys[i] = valueAt(whole.keys[index] as number);
    values[i] = valueAt(whole.values[index] as number);
    errors[i] = valueAt(whole.errors[index] as number);
    processes[i] = whole.processes[index] as number;
    types[i] = whole.types[index] as number;
    functions[i] = whole.functions[index] as number;
    timesNs[i] = whole.timesNs[index] as number;
  }
  for (const id of renumbered) numbering.values[id] = NONE;
  const { functionNames } = whole;
  const columns = { types, processes, functions, keys, values, errors, timesNs, pairs };
  return createHistory({ length, ...columns, functionNames, pool });
}
