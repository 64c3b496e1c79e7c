/**
 * The levels that ask what a transaction sees, by their definitions, for histories of a few
 * transactions on registers: every set of indeterminate transactions that may have happened, every
 * writer that a read may be from, every order of commits, and every relation of who sees whom
 * (Cerone et al. 2015, section 3; for monotonic atomic view Bailis et al. 2014, section 5). Nothing
 * is shared with the checker.
 */
import { precedes, someHistory, type Kept, type SmallTransaction } from "./isolation.js";
import { permutations } from "./relations.js";
import type { RegisterTransaction } from "./register-isolation.js";

export type WeakLevel =
  | "monotonic-atomic-view"
  | "read-atomic"
  | "causal-cerone"
  | "update-atomic"
  | "parallel-snapshot-isolation"
  | "prefix";

/** With more transactions only the smallest relation of who sees whom is tried. */
const ALL_RELATIONS_MAX = 4;

/** A read from another transaction, by number, or of the initial value. */
interface Source {
  readonly key: string;
  readonly from: number | undefined;
}

/** Whether the level holds. */
export function weakHolds(
  transactions: readonly RegisterTransaction[],
  level: WeakLevel,
  kept: Kept,
): boolean {
  return someHistory(transactions, (happened) => {
    if (!happened.every((each) => agreesWithItself(each, level))) return false;
    return someSources(happened, (sources) =>
      permutations(happened.map((_, number) => number)).some((order) =>
        someSight(order, { happened, sources, level, kept }),
      ),
    );
  });
}

interface Situation {
  readonly happened: readonly RegisterTransaction[];
  /** Of each transaction its reads from others. */
  readonly sources: readonly (readonly Source[])[];
  readonly level: WeakLevel;
  readonly kept: Kept;
}

/** Reads what it wrote; but for monotonic views also what it read. */
function agreesWithItself({ micro }: RegisterTransaction, level: WeakLevel): boolean {
  const known = new Map<string, number | null>();
  return micro.every(({ f, key, value }) => {
    if (value === undefined) return true;
    const was = known.get(key);
    if (f === "w" || level !== "monotonic-atomic-view") known.set(key, value);
    return f === "w" || was === undefined || was === value;
  });
}

/** Tries every writer that each read may be from. */
function someSources(
  happened: readonly RegisterTransaction[],
  holds: (sources: readonly (readonly Source[])[]) => boolean,
): boolean {
  const chosen: Source[][] = happened.map(() => []);
  const go = (number: number, place: number): boolean => {
    const transaction = happened[number];
    if (transaction === undefined) return holds(chosen);
    const each = transaction.micro[place];
    if (each === undefined) return go(number + 1, 0);
    const { f, key, value } = each;
    const isOwn = transaction.micro.slice(0, place).some((own) => own.f === "w" && own.key === key);
    if (f === "w" || value === undefined || isOwn) return go(number, place + 1);
    const writers: (number | undefined)[] = [];
    for (const [other, { micro }] of happened.entries()) {
      const last = micro.findLast((write) => write.f === "w" && write.key === key);
      if (other !== number && last?.value === value) writers.push(other);
    }
    if (value === null) writers.push(undefined);
    return writers.some((from) => {
      (chosen[number] as Source[]).push({ key, from });
      const found = go(number, place + 1);
      (chosen[number] as Source[]).pop();
      return found;
    });
  };
  return go(0, 0);
}

/** Whether of two that write the same key one sees the other. */
export function asksWhoWroteTheSame(level: WeakLevel): boolean {
  return level === "parallel-snapshot-isolation" || level === "update-atomic";
}

/** Whether who sees a transaction sees what that one saw. */
export function asksWhatOthersSaw(level: WeakLevel): boolean {
  return level !== "read-atomic" && level !== "update-atomic";
}

type Relation = (from: number, to: number) => boolean;

/** Whether some relation of who sees whom, inside this order, explains all reads. */
function someSight(order: readonly number[], situation: Situation): boolean {
  const { happened, sources, level, kept } = situation;
  const places = new Map(order.map((number, place) => [number, place]));
  const isBefore: Relation = (a, b) => (places.get(a) as number) < (places.get(b) as number);
  const time: Relation = (a, b) =>
    precedes(asSmall(happened[a]), asSmall(happened[b]), kept) && a !== b;
  const reads: Relation = (a, b) =>
    (sources[b] as readonly Source[]).some(({ from }) => from === a);
  const pairs = happened.flatMap((_, a) => happened.map((__, b) => [a, b] as const));
  // What must be seen is before.
  if (pairs.some(([a, b]) => (reads(a, b) || time(a, b)) && !isBefore(a, b))) return false;
  if (level === "monotonic-atomic-view") return seesMonotonically(situation, isBefore);
  const conflicts: Relation = (a, b) =>
    asksWhoWroteTheSame(level) && isBefore(a, b) && haveConflict(happened[a], happened[b]);
  const must: Relation = (a, b) => reads(a, b) || time(a, b) || conflicts(a, b);
  const open = pairs.filter(([a, b]) => isBefore(a, b) && !must(a, b));
  const sets =
    happened.length <= ALL_RELATIONS_MAX
      ? Array.from({ length: 1 << open.length }, (_, set) =>
          open.filter((__, bit) => (set & (1 << bit)) !== 0),
        )
      : [[]];
  return sets.some((also) => {
    const chosen = new Set(also.map(([a, b]) => a * happened.length + b));
    const given: Relation = (a, b) => must(a, b) || chosen.has(a * happened.length + b);
    const sees =
      happened.length <= ALL_RELATIONS_MAX ? given : smallest(given, isBefore, situation);
    return isClosed(sees, isBefore, situation) && explains(sees, isBefore, situation);
  });
}

/** Closed as far as the level demands it. */
function smallest(given: Relation, isBefore: Relation, { happened, level }: Situation): Relation {
  if (!asksWhatOthersSaw(level)) return given;
  const all = happened.map((_, a) => happened.map((__, b) => given(a, b)));
  for (let round = 0; round < happened.length; round++) {
    for (const [a, row] of all.entries()) {
      for (const b of row.keys()) {
        const through = happened.some(
          (_, c) =>
            all[c]?.[b] === true && (row[c] === true || (level === "prefix" && isBefore(a, c))),
        );
        if (through) row[b] = true;
      }
    }
  }
  return (a, b) => all[a]?.[b] === true;
}

/** Causal: who sees a transaction sees what that one sees; prefix: all that was before it. */
function isClosed(sees: Relation, isBefore: Relation, { happened, level }: Situation): boolean {
  if (!asksWhatOthersSaw(level)) return true;
  const numbers = [...happened.keys()];
  return numbers.every((a) =>
    numbers.every((b) =>
      numbers.every((c) => {
        const isThrough = sees(b, c) && (level === "prefix" ? isBefore(a, b) : sees(a, b));
        return !isThrough || sees(a, c);
      }),
    ),
  );
}

/** Every read is from the last writer that is seen. */
function explains(sees: Relation, isBefore: Relation, { happened, sources }: Situation): boolean {
  return sources.every((reads, reader) =>
    reads.every(({ key, from }) =>
      happened.every((other, number) => {
        if (number === from || !sees(number, reader) || !writes(other, key)) return true;
        return from !== undefined && isBefore(number, from);
      }),
    ),
  );
}

function seesMonotonically({ happened, sources }: Situation, isBefore: Relation): boolean {
  return sources.every((reads) =>
    reads.every(({ key, from }, place) =>
      reads.slice(0, place).every(({ from: seen }) => {
        if (seen === undefined || seen === from) return true;
        if (!writes(happened[seen] as RegisterTransaction, key)) return true;
        return from !== undefined && isBefore(seen, from);
      }),
    ),
  );
}

function writes({ micro }: RegisterTransaction, key: string): boolean {
  return micro.some((each) => each.f === "w" && each.key === key);
}

/** Whether both write the same key: then one must see the other. */
function haveConflict(
  one: RegisterTransaction | undefined,
  other: RegisterTransaction | undefined,
): boolean {
  return one?.micro.some(({ f, key }) => f === "w" && writesTo(other, key)) === true;
}

function writesTo(transaction: RegisterTransaction | undefined, key: string): boolean {
  return transaction !== undefined && writes(transaction, key);
}

function asSmall(transaction: RegisterTransaction | undefined): SmallTransaction {
  return { ...(transaction as RegisterTransaction), micro: [] };
}
