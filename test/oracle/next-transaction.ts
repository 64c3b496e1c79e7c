/**
 * Whether an order of snapshots and commits explains a history of registers, by trying what may
 * come next and remembering in which situations that failed: for more transactions than can be
 * tried in every order. A transaction that was not observed is left out, which is never worse.
 */
import { precedes, type Kept } from "./isolation.js";
import type { RegisterTransaction } from "./register-isolation.js";

/** What has happened so far. */
interface Situation {
  readonly begun: number;
  readonly committed: number;
  /** Key → who wrote it last. */
  readonly last: ReadonlyMap<string, number>;
}

/** What the order must be like. */
export interface Wanted {
  /** For serializability each commits right after its snapshot. */
  readonly isSnapshot: boolean;
  /** For prefix consistency others may write the same in between. */
  readonly alone: boolean;
  readonly kept: Kept;
}

/** Whether there is one. */
export function someOrder(
  given: readonly RegisterTransaction[],
  { isSnapshot, alone, kept }: Wanted,
): boolean {
  const seen = new Set(
    given.flatMap(({ outcome, micro }) => (outcome === "ok" ? readsOf(micro) : [])),
  );
  const happened = given.filter(
    ({ outcome, micro }) =>
      outcome === "ok" ||
      (outcome === "info" && writesOf(micro).some(([key, value]) => seen.has(`${key} ${value}`))),
  );
  if (!happened.every(isConsistent)) return false;
  const all = 2 ** happened.length - 1;
  const failed = new Set<string>();
  const mayBegin = (each: number, { committed, last }: Situation): boolean =>
    happened.every((other, place) => {
      const mine = { ...(happened[each] as RegisterTransaction), micro: [] };
      const isBefore = precedes({ ...other, micro: [] }, mine, kept);
      return place === each || !isBefore || (committed & (2 ** place)) !== 0;
    }) &&
    firstReadsOf(happened[each] as RegisterTransaction).every(([key, value]) => {
      const writer = happened[last.get(key) ?? -1];
      const found = writer === undefined ? null : (lastWriteOf(writer, key) ?? null);
      return found === value;
    });
  /** Nobody else that writes one of its keys is between its snapshot and its commit. */
  const mayWrite = (each: number, { begun, committed }: Situation): boolean => {
    const keys = new Set(
      writesOf((happened[each] as RegisterTransaction).micro).map(([key]) => key),
    );
    return happened.every(
      ({ micro }, place) =>
        place === each ||
        (begun & (2 ** place)) === 0 ||
        (committed & (2 ** place)) !== 0 ||
        !writesOf(micro).some(([key]) => keys.has(key)),
    );
  };
  const go = (now: Situation): boolean => {
    const { begun, committed, last } = now;
    if (committed === all) return true;
    const name = `${begun} ${committed} ${[...last]
      .map(String)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .join(" ")}`;
    if (failed.has(name)) return false;
    for (const [each, transaction] of happened.entries()) {
      const bit = 2 ** each;
      if ((begun & bit) === 0) {
        if (!mayBegin(each, now) || (alone && !mayWrite(each, now))) continue;
        const next = { begun: begun | bit, committed, last };
        if (go(isSnapshot ? next : commit(next, each, transaction))) return true;
      } else if ((committed & bit) === 0 && go(commit(now, each, transaction))) {
        return true;
      }
    }
    failed.add(name);
    return false;
  };
  return go({ begun: 0, committed: 0, last: new Map() });
}

function commit(now: Situation, each: number, { micro }: RegisterTransaction): Situation {
  const last = new Map(now.last);
  for (const [key] of writesOf(micro)) last.set(key, each);
  return { begun: now.begun, committed: now.committed | (2 ** each), last };
}

type Micro = RegisterTransaction["micro"];

function writesOf(micro: Micro): readonly (readonly [key: string, value: number])[] {
  return micro.flatMap(({ f, key, value }) => (f === "w" ? [[key, value as number] as const] : []));
}

function readsOf(micro: Micro): readonly string[] {
  return micro.flatMap(({ f, key, value }) => (f === "r" ? [`${key} ${value}`] : []));
}

function firstReadsOf({
  micro,
}: RegisterTransaction): readonly (readonly [string, number | null])[] {
  const keys = new Set<string>();
  return micro.flatMap(({ f, key, value }) => {
    if (keys.has(key)) return [];
    keys.add(key);
    return f === "r" && value !== undefined ? [[key, value] as const] : [];
  });
}

function lastWriteOf({ micro }: RegisterTransaction, of: string): number | null | undefined {
  return micro.findLast(({ f, key }) => f === "w" && key === of)?.value;
}

/** Whether it reads what it did to the same key before. */
function isConsistent({ micro }: RegisterTransaction): boolean {
  const known = new Map<string, number | null>();
  return micro.every(({ f, key, value }) => {
    if (value === undefined) return true;
    const before = known.get(key);
    known.set(key, value);
    return f === "w" || before === undefined || before === value;
  });
}
