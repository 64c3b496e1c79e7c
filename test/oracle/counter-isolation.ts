/**
 * Levels of isolation of a few transactions on counters, by definition: a history has a level when
 * there are lists of increments that add up to the totals that were read, and that have the level.
 * So every set of transactions that may have happened, every order of increments and every
 * beginning of it that makes the total is tried, and lists are judged by their own definitions.
 * Serial orders and snapshots are carried out a second time, with numbers.
 */
import {
  excludes,
  precedes,
  someHistory,
  type BruteLevel,
  type Kept,
  type SmallMicro,
  type SmallTransaction,
} from "./isolation.js";
import { permutations } from "./relations.js";
import type { WeakLevel } from "./weak-isolation.js";
import { explains } from "./weak-lists.js";

/** A transaction on counters: what it adds or reads; undefined is not known. */
export interface SmallCounting extends Omit<SmallTransaction, "micro"> {
  readonly micro: readonly {
    readonly f: "inc" | "r";
    readonly key: string;
    readonly amount: number | undefined;
  }[];
}

/** What counters hold at first, 0 where nothing is said. */
type Initial = ReadonlyMap<string, number>;

/** Whether the level holds. */
export function countersKeep(
  level: BruteLevel,
  transactions: readonly SmallCounting[],
  about: { readonly kept: Kept; readonly initial: Initial },
): boolean {
  const { kept, initial } = about;
  if (level === "read-uncommitted") return areAllMade(transactions, initial);
  return someHistory(transactions, (happened) =>
    someLists(happened, initial, (lists, versions) =>
      excludes(level, { happened: lists, versions, kept }),
    ),
  );
}

/** Whether a level about what a transaction sees holds: of some lists that make the totals. */
export function countersSee(
  level: WeakLevel,
  transactions: readonly SmallCounting[],
  { kept, initial }: { readonly kept: Kept; readonly initial: Initial },
): boolean {
  return someHistory(transactions, (happened) =>
    someLists(happened, initial, (lists, versions) => {
      // Those that are taken to have happened completed, as far as lists go.
      return permutations([...lists.keys()]).some((numbers) => {
        const order = numbers.map((number) => lists[number] as SmallTransaction);
        return isOrderOf(order, versions) && explains(order, level, kept);
      });
    }),
  );
}

/** Whether transactions commit in the order of the elements that they append. */
function isOrderOf(order: readonly SmallTransaction[], versions: Lists): boolean {
  return [...versions].every(([key, elements]) => {
    const appended = order.flatMap(({ micro }) =>
      micro.flatMap((each) => (each.f === "append" && each.key === key ? [each.value] : [])),
    );
    return String(appended) === String(elements);
  });
}

/** Whether some of what was ever added makes every total. */
function areAllMade(transactions: readonly SmallCounting[], initial: Initial): boolean {
  const all = transactions.flatMap(({ micro }) => micro);
  return all.every(({ f, key, amount }) => {
    if (f === "inc" || amount === undefined) return true;
    const steps = all.filter((each) => each.f === "inc" && each.key === key);
    for (let set = 0; set < 1 << steps.length; set++) {
      const made = steps.filter((_, bit) => (set & (1 << bit)) !== 0);
      const sum = made.reduce((total, each) => total + (each.amount ?? 0), 0);
      if (sum + (initial.get(key) ?? 0) === amount) return true;
    }
    return false;
  });
}

type Lists = ReadonlyMap<string, readonly number[]>;

/**
 * Tries every order of increments, and every list that makes each total. Increments of one
 * transaction stay together: otherwise it would be both before and after another.
 */
function someLists(
  happened: readonly SmallCounting[],
  initial: Initial,
  holds: (lists: readonly SmallTransaction[], versions: Lists) => boolean,
): boolean {
  const amounts: number[] = [];
  const numbered = happened.map((each) => ({
    ...each,
    micro: each.micro.map((micro) => ({
      ...micro,
      element: micro.f === "inc" ? amounts.push(micro.amount ?? 0) - 1 : -1,
    })),
  }));
  const keys = [...new Set(happened.flatMap(({ micro }) => micro.map(({ key }) => key)))];
  const blocks = keys.map((key) =>
    numbered
      .map(({ micro }) =>
        micro.filter((each) => each.f === "inc" && each.key === key).map(({ element }) => element),
      )
      .filter((block) => block.length > 0),
  );
  const chosen: SmallMicro[][] = numbered.map(() => []);
  const versions = new Map<string, readonly number[]>();
  const choose = (at: number, place: number): boolean => {
    const by = numbered[at];
    if (by === undefined) {
      const lists = numbered.map((each, number) => ({ ...each, micro: chosen[number] ?? [] }));
      return holds(lists, versions);
    }
    const micro = by.micro[place];
    if (micro === undefined) return choose(at + 1, 0);
    const { f, key, amount, element } = micro;
    const go = (next: SmallMicro): boolean => {
      chosen[at]?.push(next);
      const found = choose(at, place + 1);
      chosen[at]?.pop();
      return found;
    };
    if (f === "inc") return go({ f: "append", key, value: element });
    if (amount === undefined) return go({ f: "r", key, value: undefined });
    const order = versions.get(key) ?? [];
    for (let length = 0; length <= order.length; length++) {
      const value = order.slice(0, length);
      const sum = value.reduce((total, each) => total + (amounts[each] as number), 0);
      if (sum + (initial.get(key) ?? 0) === amount && go({ f: "r", key, value })) return true;
    }
    return false;
  };
  const arrange = (at: number): boolean => {
    const key = keys[at];
    if (key === undefined) return choose(0, 0);
    return orders(blocks[at] ?? []).some((order) => {
      versions.set(key, order.flat());
      return canMake(key, versions.get(key) ?? []) && arrange(at + 1);
    });
  };
  /** Whether every total of a counter is one of some beginning. */
  const canMake = (of: string, order: readonly number[]): boolean => {
    let sum = initial.get(of) ?? 0;
    const totals = new Set([sum, ...order.map((each) => (sum += amounts[each] as number))]);
    return numbered.every(({ micro }) =>
      micro.every(
        ({ f, key, amount }) =>
          f === "inc" || key !== of || amount === undefined || totals.has(amount),
      ),
    );
  };
  return arrange(0);
}

function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item) =>
    orders(items.filter((other) => other !== item)).map((rest) => [item].concat(rest)),
  );
}

type Sums = ReadonlyMap<string, number>;

/** What is there after a transaction; undefined when it does not read what is there. */
function carriedOut({ micro }: SmallCounting, state: Sums): Sums | undefined {
  const after = new Map(state);
  for (const { f, key, amount } of micro) {
    const now = after.get(key) ?? 0;
    if (f === "inc") after.set(key, now + (amount ?? 0));
    else if (amount !== undefined && amount !== now) return undefined;
  }
  return after;
}

/** Whether some order of transactions explains every total. */
export function countersHaveSerialOrder(
  transactions: readonly SmallCounting[],
  about: { readonly kept: Kept; readonly initial: Initial },
): boolean {
  return someHistory(transactions, (happened) => {
    const go = (left: readonly SmallCounting[], state: Sums): boolean =>
      left.length === 0 ||
      left.some((next) => {
        if (left.some((other) => other !== next && isBefore(other, next, about.kept))) return false;
        const after = carriedOut(next, state);
        const rest = left.filter((other) => other !== next);
        return after !== undefined && go(rest, after);
      });
    return go(happened, about.initial);
  });
}

/**
 * Whether some order of snapshots and commits does; `alone`: nobody commits in between to what a
 * transaction adds to, otherwise only not to what it adds to and then reads.
 */
export function countersHaveSnapshots(
  transactions: readonly SmallCounting[],
  about: { readonly kept: Kept; readonly initial: Initial; readonly alone: boolean },
): boolean {
  const { kept, initial, alone } = about;
  interface Open {
    readonly of: SmallCounting;
    readonly counts: Sums;
  }
  return someHistory(transactions, (happened) => {
    const go = (
      left: readonly SmallCounting[],
      open: readonly Open[],
      now: { readonly state: Sums; readonly counts: Sums },
    ): boolean => {
      if (left.length === 0 && open.length === 0) return true;
      const { state, counts } = now;
      const waits = [...left, ...open.map(({ of }) => of)];
      const hasBegun = left.some((next) => {
        if (waits.some((other) => other !== next && isBefore(other, next, kept))) return false;
        if (carriedOut(next, state) === undefined) return false;
        return go(
          left.filter((other) => other !== next),
          [...open, { of: next, counts }],
          now,
        );
      });
      if (hasBegun) return true;
      return open.some(({ of, counts: then }) => {
        const adds = of.micro.filter(({ f }) => f === "inc");
        const isKept = adds.every((add) => {
          const isRead = of.micro
            .slice(of.micro.indexOf(add))
            .some(({ f, key, amount }) => f === "r" && key === add.key && amount !== undefined);
          return then.get(add.key) === counts.get(add.key) || !(alone || isRead);
        });
        if (!isKept) return false;
        const next = { state: new Map(state), counts: new Map(counts) };
        for (const { key, amount } of adds) {
          next.state.set(key, (next.state.get(key) ?? 0) + (amount ?? 0));
          next.counts.set(key, (next.counts.get(key) ?? 0) + 1);
        }
        return go(
          left,
          open.filter((other) => other.of !== of),
          next,
        );
      });
    };
    return go(happened, [], { state: initial, counts: new Map() });
  });
}

function isBefore(one: SmallCounting, other: SmallCounting, kept: Kept): boolean {
  return precedes({ ...one, micro: [] }, { ...other, micro: [] }, kept);
}
