/**
 * Levels of isolation by their definitions, for histories of a few transactions on lists: every set
 * of indeterminate transactions that may have happened, every order of versions of every key, every
 * relation between transactions. Nothing is shared with the checker.
 *
 * Levels that are defined by phenomena (Adya 1999) hold when there is an order of versions without
 * them; serializability and snapshot isolation are decided a second time, by carrying out every
 * order of transactions, or of their snapshots and commits.
 */
import { canonical, type Value } from "../../src/history/value.js";
import { closure, isAcyclic, isIrreflexive, permutations, product } from "./relations.js";
import { union, type Matrix } from "./relations.js";

/** A transaction: what it did, and when it began and ended in the history. */
export interface SmallTransaction {
  readonly process: number;
  readonly outcome: "ok" | "fail" | "info";
  readonly begin: number;
  /** Infinity unless it completed. */
  readonly end: number;
  readonly micro: readonly SmallMicro[];
}

export type SmallMicro =
  | { readonly f: "append"; readonly key: string; readonly value: number }
  | { readonly f: "r"; readonly key: string; readonly value: readonly number[] | undefined };

export type Kept = "nothing" | "session" | "realtime";

export type BruteLevel =
  | "read-uncommitted"
  | "read-committed"
  | "cursor-stability"
  | "monotonic-view"
  | "consistent-view"
  | "parallel-snapshot-isolation"
  | "snapshot-isolation"
  | "repeatable-read"
  | "update-serializable"
  | "serializable";

/** Whether the level holds, as far as its definition by dependencies goes. */
export function holdsByPhenomena(
  transactions: readonly SmallTransaction[],
  level: BruteLevel,
  kept: Kept,
): boolean {
  return someHistory(transactions, (happened) =>
    someVersions(happened, (versions) => excludes(level, { happened, versions, kept })),
  );
}

/** Whether two reads of a key contradict each other: then nobody knows the order of versions. */
export function haveContradictingReads(transactions: readonly SmallTransaction[]): boolean {
  const reads = transactions.flatMap(({ micro }) =>
    micro.flatMap((each) => (each.f === "r" ? [each] : [])),
  );
  return reads.some((a) =>
    reads.some((b) => {
      if (a.key !== b.key || a.value === undefined || b.value === undefined) return false;
      const shorter = Math.min(a.value.length, b.value.length);
      return text(a.value.slice(0, shorter)) !== text(b.value.slice(0, shorter));
    }),
  );
}

/** Whether some order of transactions explains every read. */
export function holdsBySerialOrder(transactions: readonly SmallTransaction[], kept: Kept): boolean {
  return someHistory(transactions, (happened) => {
    const go = (left: readonly SmallTransaction[], state: Lists): boolean => {
      if (left.length === 0) return true;
      return left.some((next) => {
        if (left.some((other) => other !== next && precedes(other, next, kept))) return false;
        const after = carriedOut(next, state);
        return (
          after !== undefined &&
          go(
            left.filter((other) => other !== next),
            after,
          )
        );
      });
    };
    return go(happened, new Map());
  });
}

/**
 * Whether some order of snapshots and commits explains every read; `alone`: in which none commits
 * to what another committed to since its snapshot. Who read its own append has shown what it stands
 * on, so that nobody can have come between.
 */
export function holdsBySnapshots(
  transactions: readonly SmallTransaction[],
  kept: Kept,
  alone = true,
): boolean {
  return someHistory(transactions, (happened) => {
    const go = (
      left: readonly SmallTransaction[],
      open: readonly { readonly of: SmallTransaction; readonly seen: Lists }[],
      state: Lists,
    ): boolean => {
      if (left.length === 0 && open.length === 0) return true;
      const begun = left.some((next) => {
        const waits = [...left, ...open.map(({ of }) => of)];
        if (waits.some((other) => other !== next && precedes(other, next, kept))) return false;
        return go(
          left.filter((other) => other !== next),
          [...open, { of: next, seen: state }],
          state,
        );
      });
      if (begun) return true;
      return open.some(({ of, seen }) => {
        if (carriedOut(of, seen) === undefined) return false;
        const after = new Map(state);
        for (const each of of.micro) {
          if (each.f !== "append") continue;
          const was = seen.get(each.key) ?? [];
          const isAlone = was.length === (state.get(each.key) ?? []).length;
          if (!isAlone && (alone || showsPlace(of, each))) return false;
          after.set(each.key, [...(after.get(each.key) ?? []), each.value]);
        }
        return go(
          left,
          open.filter((other) => other.of !== of),
          after,
        );
      });
    };
    return go(happened, [], new Map());
  });
}

function showsPlace({ micro }: SmallTransaction, append: SmallMicro): boolean {
  return micro
    .slice(micro.indexOf(append))
    .some(({ f, key, value }) => f === "r" && key === append.key && value !== undefined);
}

type Lists = ReadonlyMap<string, readonly number[]>;

function carriedOut({ micro }: SmallTransaction, state: Lists): Lists | undefined {
  const after = new Map(state);
  for (const each of micro) {
    const list = after.get(each.key) ?? [];
    if (each.f === "append") after.set(each.key, [...list, each.value]);
    else if (each.value !== undefined && text(each.value) !== text(list)) return undefined;
  }
  return after;
}

/** Tries every set of transactions that may have happened. */
export function someHistory<Each extends { readonly outcome: "ok" | "fail" | "info" }>(
  transactions: readonly Each[],
  holds: (happened: readonly Each[]) => boolean,
): boolean {
  const certain = transactions.filter(({ outcome }) => outcome === "ok");
  const open = transactions.filter(({ outcome }) => outcome === "info");
  for (let set = 0; set < 1 << open.length; set++) {
    if (holds([...certain, ...open.filter((_, bit) => (set & (1 << bit)) !== 0)])) return true;
  }
  return false;
}

/** Tries every order of the elements of every key. */
export function someVersions(
  happened: readonly SmallTransaction[],
  holds: (versions: Lists) => boolean,
): boolean {
  const elements = new Map<string, number[]>();
  for (const { micro } of happened) {
    for (const each of micro) {
      if (each.f !== "append") continue;
      elements.set(each.key, [...(elements.get(each.key) ?? []), each.value]);
    }
  }
  const keys = [...elements.keys()];
  const go = (place: number, versions: Lists): boolean => {
    const key = keys[place];
    if (key === undefined) return holds(versions);
    return permutations(elements.get(key) as number[]).some((order) =>
      go(place + 1, new Map([...versions, [key, order]])),
    );
  };
  return go(0, new Map());
}

interface Situation {
  readonly happened: readonly SmallTransaction[];
  readonly versions: Lists;
  readonly kept: Kept;
  /** Whether each transaction agrees with itself; by default what lists say. */
  readonly inside?: boolean;
}

/** Whether a history with this order of versions has nothing that the level excludes. */
export function excludes(level: BruteLevel, situation: Situation): boolean {
  const { happened, versions } = situation;
  const isRu = level === "read-uncommitted";
  if (!happened.every((each) => readsVersions(each, versions, isRu))) return false;
  if (!happened.every((each) => keepsOwnOrder(each, versions))) return false;
  const { ww, wr, rw, time } = relations(situation);
  if (isRu) return isAcyclic(union(ww, time));
  if (!happened.every((each) => readsCommitted(each, situation))) return false;
  const order = union(ww, wr, time);
  if (!isAcyclic(order)) return false;
  if (level === "read-committed") return true;
  if (level === "cursor-stability") return !happened.some((each) => losesUpdate(each, versions));
  if (level === "monotonic-view") {
    return happened.every((each) => seesMonotonically(each, situation));
  }
  const inside = situation.inside ?? happened.every((each) => agreesWithItself(each));
  const reached = closure(order);
  const oneRw = product(rw, reached);
  switch (level) {
    case "consistent-view":
      return isIrreflexive(oneRw);
    case "parallel-snapshot-isolation":
      return inside && isIrreflexive(oneRw);
    case "snapshot-isolation":
      return inside && isIrreflexive(closure(union(order, product(order, rw))));
    case "update-serializable":
      // With time kept, what one reader saw binds those that follow it, as in a consistent view.
      if (situation.kept !== "nothing" && !isIrreflexive(oneRw)) return false;
      return inside && happened.every((each) => agreesWithUpdates(each, situation));
    case "repeatable-read":
    case "serializable":
      return inside && isAcyclic(union(order, rw));
    default:
      return true;
  }
}

/** Adya's G-monotonic: no read of a version that one replaced who leads there, or to before. */
function seesMonotonically(each: SmallTransaction, situation: Situation): boolean {
  const { happened, versions, kept } = situation;
  const { ww, wr, time } = relations(situation);
  const leads = closure(union(ww, wr, time));
  const numberOf = (other: SmallTransaction | undefined): number =>
    other === undefined || other === each ? -1 : happened.indexOf(other);
  const causes = new Set<number>();
  for (const [number, other] of happened.entries()) {
    if (other !== each && precedes(other, each, kept)) causes.add(number);
  }
  return each.micro.every(({ f, key, value }) => {
    const order = versions.get(key) ?? [];
    const writerAt = (place: number): number => {
      const element = order[place];
      return element === undefined ? -1 : numberOf(writerOf(happened, key, element));
    };
    if (f === "append") {
      causes.add(writerAt(order.indexOf(value) - 1));
      return true;
    }
    if (value === undefined) return true;
    causes.add(writerAt(value.length - 1));
    const next = writerAt(value.length);
    if (next < 0) return true;
    return ![...causes].some(
      (cause) => cause >= 0 && (cause === next || leads[next]?.[cause] === true),
    );
  });
}

/** Whether a transaction and all that write have a serial order together. */
function agreesWithUpdates(each: SmallTransaction, situation: Situation): boolean {
  const happened = situation.happened.filter(
    (other) => other === each || other.micro.some(({ f }) => f === "append"),
  );
  const { ww, wr, rw, time } = relations({ ...situation, happened });
  return isAcyclic(union(ww, wr, time, rw));
}

/** Every read is a beginning of the order of versions (of what was committed of it). */
function readsVersions({ micro }: SmallTransaction, versions: Lists, isRu: boolean): boolean {
  return micro.every((each) => {
    if (each.f !== "r" || each.value === undefined) return true;
    const order = versions.get(each.key) ?? [];
    const read = isRu ? each.value.filter((element) => order.includes(element)) : each.value;
    return read.every((element, place) => order[place] === element);
  });
}

/** What a transaction appended one after the other is so in the order of versions. */
function keepsOwnOrder({ micro }: SmallTransaction, versions: Lists): boolean {
  const appends = micro.filter(({ f }) => f === "append");
  return appends.every((a, at) =>
    appends.slice(at + 1).every((b) => {
      const order = versions.get(a.key) ?? [];
      return a.key !== b.key || order.indexOf(a.value as number) < order.indexOf(b.value as number);
    }),
  );
}

/** No read ends with what another transaction went on from, or with what it appends only later. */
function readsCommitted(transaction: SmallTransaction, { happened }: Situation): boolean {
  return transaction.micro.every((each, at) => {
    const last = each.f === "r" ? each.value?.at(-1) : undefined;
    if (last === undefined) return true;
    const writer = writerOf(happened, each.key, last);
    if (writer === transaction) {
      return transaction.micro.findIndex((own) => own.f === "append" && own.value === last) < at;
    }
    const appended = writer?.micro.filter((own) => own.f === "append" && own.key === each.key);
    return appended?.at(-1)?.value === last;
  });
}

function writerOf(
  happened: readonly SmallTransaction[],
  key: string,
  value: number,
): SmallTransaction | undefined {
  return happened.find(({ micro }) =>
    micro.some((each) => each.f === "append" && each.key === key && each.value === value),
  );
}

function losesUpdate({ micro }: SmallTransaction, versions: Lists): boolean {
  return micro.some(({ f, key, value }) => {
    if (f !== "append") return false;
    const order = versions.get(key) ?? [];
    const own = micro.filter((each) => each.key === key);
    const first = own.findIndex((each) => each.f === "append");
    return own.slice(0, first).some((read) => {
      if (read.f !== "r" || read.value === undefined) return false;
      const between = order.slice(read.value.length, order.indexOf(value));
      return between.some((element) => !own.some((each) => each.value === element));
    });
  });
}

/** Whether its reads follow from what it read and appended before. */
export function agreesWithItself({ micro }: SmallTransaction): boolean {
  const known = new Map<string, { read: readonly number[] | undefined; own: number[] }>();
  for (const each of micro) {
    const state = known.get(each.key) ?? { read: undefined, own: [] };
    known.set(each.key, state);
    if (each.f === "append") {
      state.own.push(each.value);
      continue;
    }
    if (each.value === undefined) continue;
    const { read, own } = state;
    const tail = own.length === 0 ? [] : each.value.slice(-own.length);
    if (text(tail) !== text(own)) return false;
    if (read !== undefined && text(each.value) !== text([...read, ...own])) return false;
    known.set(each.key, { read: each.value, own: [] });
  }
  return true;
}

/** Who depends on whom, and who precedes whom in time. */
export function relations({ happened, versions, kept }: Situation): {
  readonly ww: Matrix;
  readonly wr: Matrix;
  readonly rw: Matrix;
  readonly time: Matrix;
} {
  const matrix = (holds: (from: SmallTransaction, to: SmallTransaction) => boolean): Matrix =>
    happened.map((from) => happened.map((to) => from !== to && holds(from, to)));
  return {
    ww: matrix((from, to) =>
      from.micro.some((a) =>
        to.micro.some((b) => {
          if (a.f !== "append" || b.f !== "append" || a.key !== b.key) return false;
          const order = versions.get(a.key) ?? [];
          return order.indexOf(a.value) < order.indexOf(b.value);
        }),
      ),
    ),
    wr: matrix((from, to) =>
      to.micro.some((read) => {
        const last = read.f === "r" ? read.value?.at(-1) : undefined;
        return last !== undefined && writerOf(happened, read.key, last) === from;
      }),
    ),
    rw: matrix((from, to) =>
      from.micro.some((read) =>
        to.micro.some((append) => {
          if (read.f !== "r" || append.f !== "append" || read.key !== append.key) return false;
          const order = versions.get(append.key) ?? [];
          return read.value !== undefined && order.indexOf(append.value) >= read.value.length;
        }),
      ),
    ),
    time: matrix((from, to) => precedes(from, to, kept)),
  };
}

export function precedes(from: SmallTransaction, to: SmallTransaction, kept: Kept): boolean {
  if (kept === "nothing" || from.end > to.begin) return false;
  return kept === "realtime" || from.process === to.process;
}

function text(value: Value): string {
  return canonical(value);
}
