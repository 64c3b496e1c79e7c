/**
 * The levels that ask what a transaction sees, for histories of a few transactions on lists: every
 * order of commits is an order of versions, every read must be a beginning of it, and none may lack
 * what somebody appended whom the reader sees. A transaction sees at least from whom its reads
 * are: who appended the last element. Nothing is shared with the checker.
 */
import {
  precedes,
  someHistory,
  type Kept,
  type SmallMicro,
  type SmallTransaction,
} from "./isolation.js";
import { permutations } from "./relations.js";
import { asksWhatOthersSaw, asksWhoWroteTheSame, type WeakLevel } from "./weak-isolation.js";

/** Whether the level holds. */
export function listsHold(
  transactions: readonly SmallTransaction[],
  level: WeakLevel,
  kept: Kept,
): boolean {
  return someHistory(transactions, (happened) =>
    permutations(happened.map((_, number) => number)).some((order) =>
      explains(
        order.map((number) => happened[number] as SmallTransaction),
        level,
        kept,
      ),
    ),
  );
}

/** Whether an order of commits shows it. */
export function explains(
  order: readonly SmallTransaction[],
  level: WeakLevel,
  kept: Kept,
): boolean {
  const versions = new Map<string, { readonly value: number; readonly place: number }[]>();
  for (const [place, { micro }] of order.entries()) {
    for (const each of micro) {
      if (each.f !== "append") continue;
      const list = versions.get(each.key) ?? [];
      versions.set(each.key, list);
      list.push({ value: each.value, place });
    }
  }
  /** Who appended the last element, but for what the reader had appended itself. */
  const lastOf = ({ key, value }: SmallMicro, by: number): number | undefined => {
    const list = Array.isArray(value) ? (value as readonly number[]) : [];
    const places = list.map((element) => {
      return versions.get(key)?.find((each) => each.value === element)?.place;
    });
    return places.findLast((place) => place !== by);
  };
  /** Transaction → whom each of its reads is from. */
  const reads = order.map(({ micro }, by) =>
    micro.map((each) => (each.f === "r" ? lastOf(each, by) : undefined)),
  );
  const isLater = (a: number, b: number): boolean =>
    precedes(order[b] as SmallTransaction, order[a] as SmallTransaction, kept);
  const isConflict = (a: number, b: number): boolean =>
    asksWhoWroteTheSame(level) && a < b && haveConflict(order[a], order[b]);
  for (const [place, { micro }] of order.entries()) {
    if (order.some((_, other) => other < place && isLater(other, place))) return false;
    for (const [at, each] of micro.entries()) {
      if (each.f !== "r" || each.value === undefined) continue;
      const list = versions.get(each.key) ?? [];
      if (!each.value.every((element, index) => list[index]?.value === element)) return false;
      const from = reads[place]?.[at];
      if (from !== undefined && from > place) return false;
      // What another appended before it appended again was never committed so.
      const next = list[each.value.length];
      if (from !== undefined && from !== place && next?.place === from) return false;
      const own = micro.slice(0, at).filter(({ f, key }) => f === "append" && key === each.key);
      if (own.some(({ value }) => !each.value?.includes(value as number))) return false;
      // Nobody reads what itself appends only later.
      const isOwnLater = (element: { readonly value: number; readonly place: number }): boolean =>
        element.place === place && !own.some(({ value }) => value === element.value);
      if (list.slice(0, each.value.length).some(isOwnLater)) return false;
      const seen =
        level === "monotonic-atomic-view"
          ? new Set(reads[place]?.slice(0, at))
          : seenBy(place, {
              reads,
              order,
              level,
              isKept: (a, b) => isLater(b, a) || isConflict(a, b),
            });
      const missed = list.slice(each.value.length);
      if (missed.some((element) => element.place !== place && seen.has(element.place)))
        return false;
    }
  }
  return true;
}

/** Whether both appended to a key: then one sees the other. */
function haveConflict(
  one: SmallTransaction | undefined,
  other: SmallTransaction | undefined,
): boolean {
  const keysOf = (each: SmallTransaction | undefined): readonly string[] =>
    (each?.micro ?? []).flatMap(({ f, key }) => (f === "append" ? [key] : []));
  const keys = new Set(keysOf(one));
  return keysOf(other).some((key) => keys.has(key));
}

function seenBy(
  place: number,
  {
    reads,
    order,
    level,
    isKept,
  }: {
    readonly reads: readonly (readonly (number | undefined)[])[];
    readonly order: readonly SmallTransaction[];
    readonly level: WeakLevel;
    readonly isKept: (a: number, b: number) => boolean;
  },
): ReadonlySet<number | undefined> {
  const seen = new Set<number | undefined>();
  const open = [place];
  while (open.length > 0) {
    const at = open.pop() as number;
    const kept = [...order.keys()].filter((other) => isKept(other, at));
    for (const other of [...(reads[at] ?? []), ...kept]) {
      if (other === undefined || other === place || seen.has(other)) continue;
      seen.add(other);
      if (asksWhatOthersSaw(level)) open.push(other);
    }
  }
  return seen;
}
