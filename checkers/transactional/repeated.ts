/**
 * Registers to which a value was written more than once, so that nobody knows who is read. Of each
 * such read every write may be meant, and of null, where somebody wrote it, the initial value as
 * well: for each choice the history is judged in which the writes
 * have values of their own. A level holds when it does of one of them, and falls with all. There
 * are as many as the numbers of writes multiplied; of too many only the likeliest is tried.
 */
import type { TransactionalLevel } from "../../src/consistency/level.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { IsolationPhenomenon, ReadSource } from "../../src/verdict/isolation-certificate.js";
import { takenApart, variantOf, levelFacts, withStronger } from "./levels.js";
import type { Judgement } from "./judge.js";

/** So many choices are tried at most, and of long histories only so many events in all. */
const CHOICES_MAX = 1024;
const EVENTS_MAX = 500_000;

const OF_NULL =
  "Where a value was written more than once, or null, which is the initial value as well, each read is of one of these.";

/** A read of a repeated value, and the writes that it may be of. */
interface Ambiguous {
  readonly reader: number;
  readonly at: number;
  readonly writes: readonly Write[];
}

/** Both are null for the initial value. */
interface Write {
  readonly of: number | null;
  readonly by: number | null;
}

const INITIAL: Write = { of: null, by: null };

/** Judges a level; undefined when no value was repeated, or it is left open. */
export function judgeRepeated(
  history: History,
  level: TransactionalLevel,
  judge: (history: History) => Judgement,
): Judgement | undefined {
  const { reads, names, writesNull } = ambiguousIn(history);
  if (names.size === 0) return undefined;
  const count = reads.reduce((product, { writes }) => product * writes.length, 1);
  const cases: IsolationPhenomenon[] = [];
  let first: Judgement | undefined;
  const isWhole = count <= CHOICES_MAX && count * history.length <= EVENTS_MAX;
  let isOpen = !isWhole;
  for (let choice = 0; choice < (isWhole ? count : 1); choice++) {
    const sources = isWhole ? chosen(reads, choice) : likely(reads, history);
    const judgement = judge(renamed(history, names, sources));
    const { certificate } = judgement;
    if (judgement.verdict === "valid" && certificate?.kind === "transaction-order") {
      return {
        ...judgement,
        reason: `${judgement.reason} ${writesNull ? OF_NULL : "Where a value was written more than once, each read is of one of these writes."}`,
        certificate: { ...certificate, sources },
      };
    }
    if (judgement.verdict !== "invalid" || certificate?.kind !== "isolation-violation") {
      isOpen = true;
      continue;
    }
    first ??= judgement;
    cases.push(certificate.phenomenon);
  }
  if (isOpen || first === undefined) return undefined;
  const { base, time } = takenApart(level);
  const what = writesNull
    ? "a value was written more than once, or null, which is the initial value as well"
    : "a value was written more than once";
  const told = `no-source: whoever is read where ${what} (${count} choices), something contradicts ${level}. If each read is of the first that it may be of: ${first.reason}`;
  const operations = new Set<number>();
  for (const { reader, writes } of reads) {
    operations.add(reader);
    for (const { of } of writes) if (of !== null) operations.add(of);
  }
  return {
    verdict: "invalid",
    reason: told,
    anomalies: [
      { kind: "no-source", message: told, operations: [...operations].toSorted((a, b) => a - b) },
      ...first.anomalies,
    ],
    certificate: { kind: "isolation-violation", level, phenomenon: { name: "no-source", cases } },
    details: { level, choices: count, ...levelFacts(withStronger([variantOf(base, time)])) },
  };
}

/** The choice of this number: the last read changes fastest. */
function chosen(reads: readonly Ambiguous[], number: number): readonly ReadSource[] {
  let left = number;
  const sources: ReadSource[] = [];
  for (const { reader, at, writes } of reads.toReversed()) {
    const write = writes[left % writes.length] as Write;
    left = Math.floor(left / writes.length);
    sources.push({ reader, at, ...write });
  }
  return sources.reverse();
}

/** Each read is of the write that was invoked last before the reader ended. */
function likely(reads: readonly Ambiguous[], history: History): readonly ReadSource[] {
  return reads.map(({ reader, at, writes }) => {
    const end = history.pairs[reader] as number;
    const isBefore = ({ of, by }: Write): boolean =>
      of === null || by === null || (of === reader ? by < at : of < end);
    return { reader, at, ...(writes.findLast(isBefore) ?? (writes[0] as Write)) };
  });
}

function ambiguousIn(history: History): {
  readonly reads: readonly Ambiguous[];
  /** Invocation and micro-operation → the key and value that were written there, if repeated. */
  readonly names: ReadonlySet<string>;
  /** Whether somebody wrote null, which is the initial value as well. */
  readonly writesNull: boolean;
} {
  const writes = new Map<string, Write[]>();
  const read: { readonly reader: number; readonly at: number; readonly of: string }[] = [];
  for (const invocation of history.invocations()) {
    const { f, input, output, outcome } = history.operation(invocation);
    if (f !== "txn") continue;
    const micro = (outcome === "ok" ? output : input) as readonly (readonly Value[])[];
    for (const [at, [name, key = null, value = null]] of micro.entries()) {
      const of = `${canonical(key)} ${canonical(value)}`;
      if (name === "w" || name === "write") {
        const known = writes.get(of);
        if (known === undefined) writes.set(of, [{ of: invocation, by: at }]);
        else known.push({ of: invocation, by: at });
      } else if (outcome === "ok") {
        read.push({ reader: invocation, at, of });
      }
    }
  }
  const isNull = (of: string): boolean => of.endsWith(" null");
  const repeated = [...writes].filter(([of, each]) => each.length > 1 || isNull(of));
  const names = new Set(repeated.flatMap(([, each]) => each.map(({ of, by }) => `${of} ${by}`)));
  const reads = read.flatMap(({ reader, at, of }): readonly Ambiguous[] => {
    const all = writes.get(of) ?? [];
    if (all.length === 0 || (all.length === 1 && !isNull(of))) return [];
    return [{ reader, at, writes: isNull(of) ? [INITIAL, ...all] : all }];
  });
  return { reads, names, writesNull: repeated.some(([of]) => isNull(of)) };
}

/** With a value of its own for each write of a repeated one. */
function renamed(
  history: History,
  names: ReadonlySet<string>,
  sources: readonly ReadSource[],
): History {
  const read = new Map(
    sources.flatMap(({ reader, at, of, by }): readonly (readonly [string, Value])[] =>
      of === null ? [] : [[`${reader} ${at}`, [of, by]]],
    ),
  );
  const events: NewEvent[] = [];
  for (let index = 0; index < history.length; index++) {
    const event = history.event(index);
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    const isTold = event.f === "txn" && Array.isArray(event.value);
    if (!isTold) {
      events.push(event);
      continue;
    }
    const micro = (event.value as readonly (readonly Value[])[]).map((each, at): Value => {
      const place = `${invocation} ${at}`;
      const write = names.has(place)
        ? [invocation, at]
        : event.type === "ok"
          ? read.get(place)
          : undefined;
      return write === undefined ? each : [each[0] as Value, each[1] as Value, { write }];
    });
    events.push({ ...event, value: micro });
  }
  return historyOf(events);
}
