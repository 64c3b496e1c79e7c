/**
 * Monotonic snapshot reads tried out: every order in which the reads of transactions, each at a
 * moment of its own, and their commits, each with all writes, may come.
 */
import { canonical, type Value } from "../../src/history/value.js";
import { precedes, someHistory, type Kept, type SmallTransaction } from "./isolation.js";

/** A micro-operation on a list or on a register. */
interface Micro {
  readonly f: "append" | "w" | "r";
  readonly key: string;
  /** Undefined for a read that is not known. */
  readonly value: Value | undefined;
}

interface Moments extends Omit<SmallTransaction, "micro"> {
  readonly micro: readonly Micro[];
}

interface Progress {
  readonly of: Moments;
  /** Reads of what others left that are yet to come. */
  readonly reads: readonly Micro[];
  readonly hasBegun: boolean;
}

/** Whether some order of moments explains every read. */
export function holdsByMoments(transactions: readonly Moments[], kept: Kept): boolean {
  return someHistory(transactions, (happened) => {
    const go = (left: readonly Progress[], state: ReadonlyMap<string, Value>): boolean => {
      if (left.length === 0) return true;
      return left.some((next, at) => {
        const waits = left.some(
          (other) => other !== next && precedes(asSmall(other.of), asSmall(next.of), kept),
        );
        if (waits && !next.hasBegun) return false;
        const [read, ...reads] = next.reads;
        if (read !== undefined) {
          if (!isSame(read.value, state.get(read.key))) return false;
          return go(left.with(at, { of: next.of, reads, hasBegun: true }), state);
        }
        const after = committed(next.of, state);
        return after !== undefined && go(left.toSpliced(at, 1), after);
      });
    };
    const begin = happened.map((of): Progress => ({ of, reads: openReads(of), hasBegun: false }));
    return go(begin, new Map());
  });
}

function openReads({ micro }: Moments): readonly Micro[] {
  return micro.filter(
    ({ f, key, value }, at) =>
      f === "r" &&
      value !== undefined &&
      !micro.slice(0, at).some((each) => each.f !== "r" && each.key === key),
  );
}

function committed(
  { micro }: Moments,
  state: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> | undefined {
  const after = new Map(state);
  const own = new Set<string>();
  for (const { f, key, value } of micro) {
    const found = after.get(key);
    if (f === "r") {
      if (own.has(key) && value !== undefined && !isSame(value, found)) return undefined;
      continue;
    }
    own.add(key);
    const list = Array.isArray(found) ? (found as readonly Value[]) : [];
    after.set(key, f === "w" ? (value as Value) : [...list, value as Value]);
  }
  return after;
}

/** Null is the empty list, and the initial value of a register. */
function isSame(read: Value | undefined, found: Value | undefined): boolean {
  const text = (value: Value | undefined): string => {
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    return canonical(isEmpty ? null : value);
  };
  return text(read) === text(found);
}

function asSmall(transaction: Moments): SmallTransaction {
  return { ...transaction, micro: [] };
}
