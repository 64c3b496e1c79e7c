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
 * A history of each key, in the order in which the keys come up. What the nemesis did is in all of
 * them or in none.
 *
 * The events are sorted by key once, column by column, so that each part is a piece of the sorted
 * columns: history is read from front to back, and no part makes columns of its own. Values are
 * numbered anew in each part, so that what a checker keeps of them stays as small as the part.
 */
export function* partsOf(
  history: History,
  { withFaults }: { readonly withFaults: boolean },
): Generator<Part> {
  const { pool } = history;
  const numbering: Numbering = { pool, values: new Int32Array(pool.length).fill(NONE) };
  const sorted = sortByKey(history, withFaults);
  for (let part = 0; part < sorted.slots.length; part++) {
    const slot = sorted.slots[part] as number;
    const key = slot === pool.length ? undefined : (pool[slot] as Value);
    const start = sorted.starts[part] as number;
    const end = sorted.starts[part + 1] as number;
    const indices = sorted.indices.subarray(start, end);
    yield { key, indices, history: historyAt(sorted, { start, end }, numbering) };
  }
}

/** The events of all parts, one part after the other, each with positions within its part. */
interface SortedEvents extends Columns {
  /** Of each part, the position of its key in the pool, or the pool's length for none. */
  readonly slots: Int32Array;
  /** Of each part, where it begins; and where the last one ends. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly functionNames: readonly string[];
}

type Columns = Pick<
  History,
  "types" | "processes" | "functions" | "keys" | "values" | "errors" | "timesNs" | "pairs"
>;

/** A counting sort; what has no key is a part of its own. */
function sortByKey(history: History, withFaults: boolean): SortedEvents {
  const { length, keys, processes, pairs, functionNames } = history;
  const noKey = history.pool.length;
  /** Slot → part + 1. */
  const partOf = new Int32Array(noKey + 1);
  const slots: number[] = [];
  const counts: number[] = [];
  let faults = 0;
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) {
      faults++;
      continue;
    }
    const slot = keys[i] === NONE ? noKey : (keys[i] as number);
    if (partOf[slot] === 0) {
      partOf[slot] = slots.push(slot);
      counts.push(0);
    }
    const part = (partOf[slot] as number) - 1;
    counts[part] = (counts[part] as number) + 1;
  }
  const starts = new Int32Array(slots.length + 1);
  for (const [part, count] of counts.entries()) {
    starts[part + 1] = (starts[part] as number) + count + (withFaults ? faults : 0);
  }
  const ends = starts.slice();
  const total = starts[slots.length] as number;
  const indices = new Int32Array(total);
  /** Event → its position within its part; of what the nemesis did nothing is paired. */
  const places = new Int32Array(length).fill(NONE);
  const sorted: Columns = {
    types: new Uint8Array(total),
    processes: new Int32Array(total),
    functions: new Uint16Array(total),
    keys: new Int32Array(total),
    values: new Int32Array(total),
    errors: new Int32Array(total),
    timesNs: new Float64Array(total),
    pairs: new Int32Array(total).fill(NONE),
  };
  const put = (i: number, part: number): void => {
    const at = ends[part] as number;
    ends[part] = at + 1;
    indices[at] = i;
    copyEvent({ from: history, into: sorted }, i, at);
    const place = at - (starts[part] as number);
    if (processes[i] === NEMESIS) return;
    places[i] = place;
    const mate = pairs[i] as number;
    // A completion comes after its invocation, which has its place by then.
    if (mate === NONE || mate > i) return;
    const matePlace = places[mate] as number;
    sorted.pairs[at] = matePlace;
    sorted.pairs[(starts[part] as number) + matePlace] = place;
  };
  for (let i = 0; i < length; i++) {
    if (processes[i] !== NEMESIS) {
      put(i, (partOf[keys[i] === NONE ? noKey : (keys[i] as number)] as number) - 1);
    } else if (withFaults) for (let part = 0; part < slots.length; part++) put(i, part);
  }
  return { ...sorted, slots: Int32Array.from(slots), starts, indices, functionNames };
}

function copyEvent(
  { from, into }: { readonly from: Columns; readonly into: Columns },
  i: number,
  at: number,
): void {
  into.types[at] = from.types[i] as number;
  into.processes[at] = from.processes[i] as number;
  into.functions[at] = from.functions[i] as number;
  into.keys[at] = from.keys[i] as number;
  into.values[at] = from.values[i] as number;
  into.errors[at] = from.errors[i] as number;
  into.timesNs[at] = from.timesNs[i] as number;
}

/** The number that a value of the whole history has in a part; shared by all parts. */
interface Numbering {
  readonly pool: readonly Value[];
  readonly values: Int32Array;
}

/** The history of one part, with a pool of its own, so that many parts stay small. */
function historyAt(
  sorted: SortedEvents,
  { start, end }: { readonly start: number; readonly end: number },
  { pool, values: numbers }: Numbering,
): History {
  const own: Value[] = [];
  const renumbered: number[] = [];
  for (const column of [sorted.keys, sorted.values, sorted.errors]) {
    for (let at = start; at < end; at++) {
      const id = column[at] as number;
      if (id === NONE) continue;
      if (numbers[id] === NONE) {
        numbers[id] = own.push(pool[id] as Value) - 1;
        renumbered.push(id);
      }
      column[at] = numbers[id] as number;
    }
  }
  for (const id of renumbered) numbers[id] = NONE;
  return createHistory({
    length: end - start,
    types: sorted.types.subarray(start, end),
    processes: sorted.processes.subarray(start, end),
    functions: sorted.functions.subarray(start, end),
    keys: sorted.keys.subarray(start, end),
    values: sorted.values.subarray(start, end),
    errors: sorted.errors.subarray(start, end),
    timesNs: sorted.timesNs.subarray(start, end),
    pairs: sorted.pairs.subarray(start, end),
    functionNames: sorted.functionNames,
    pool: own,
  });
}
