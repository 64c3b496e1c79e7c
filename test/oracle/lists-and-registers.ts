/**
 * Lists of which some are told as registers, which hold their last element; and by definition
 * whether such a history holds a level about what a transaction sees: in each order of commits a
 * read of a register is one of the list that ends with what it read.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import {
  excludes,
  someHistory,
  someVersions,
  type BruteLevel,
  type Kept,
  type SmallMicro,
  type SmallTransaction,
} from "./isolation.js";
import { permutations } from "./relations.js";
import type { WeakLevel } from "./weak-isolation.js";
import { explains } from "./weak-lists.js";

/** The history in which these keys are registers. */
export function mixedHistory(
  transactions: readonly SmallTransaction[],
  registers: ReadonlySet<string>,
): History {
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  for (const { process, outcome, begin, end, micro } of transactions) {
    const told = (isAsked: boolean): Value =>
      micro.map(({ f, key, value }): Value => {
        const isRegister = registers.has(key);
        if (f === "append") return [isRegister ? "w" : f, key, value];
        if (isAsked || value === undefined) return [f, key, null];
        return [f, key, isRegister ? (value.at(-1) ?? null) : [...value]];
      });
    const about = { process, f: "txn", timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: told(true) } });
    const isOk = outcome === "ok";
    const event = { ...about, type: outcome, value: told(!isOk) };
    events.push({ at: isOk ? end : begin + 0.1, event });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}

/** Whether the level holds. */
export function mixedHolds(
  transactions: readonly SmallTransaction[],
  registers: ReadonlySet<string>,
  { level, kept }: { readonly level: WeakLevel; readonly kept: Kept },
): boolean {
  return someHistory(transactions, (happened) =>
    permutations(happened.map((_, number) => number)).some((numbers) => {
      const order = asLists(
        numbers.map((number) => happened[number] as SmallTransaction),
        registers,
      );
      if (order === undefined) return false;
      const agree = level === "monotonic-atomic-view" || order.every(agreesWithItself);
      return agree && explains(order, level, kept);
    }),
  );
}

/** Whether a level holds, in some order of the versions of all keys. */
export function mixedKeeps(
  transactions: readonly SmallTransaction[],
  registers: ReadonlySet<string>,
  about: {
    readonly level: BruteLevel;
    readonly kept: Kept;
  },
): boolean {
  return someHistory(transactions, (happened) =>
    someVersions(happened, (versions) => {
      const isRead = (value: number | undefined, key: string): boolean =>
        value === undefined || versions.get(key)?.includes(value) === true;
      const told = happened.map((each) => ({
        ...each,
        micro: each.micro.map((micro): SmallMicro => {
          const { f, key, value } = micro;
          if (f !== "r" || value === undefined || !registers.has(key)) return micro;
          const order = versions.get(key) ?? [];
          return { f, key, value: order.slice(0, order.indexOf(value.at(-1) ?? -1) + 1) };
        }),
      }));
      const areWritten = happened.every(({ micro }) =>
        micro.every(({ f, key, value }) => f !== "r" || isRead(value?.at(-1), key)),
      );
      return areWritten && excludes(about.level, { happened: told, versions, kept: about.kept });
    }),
  );
}

/** Reads of registers as what was appended up to it; undefined when nobody wrote it. */
function asLists(
  order: readonly SmallTransaction[],
  registers: ReadonlySet<string>,
): readonly SmallTransaction[] | undefined {
  const all = order.flatMap(({ micro }) => micro);
  let isWritten = true;
  const told = order.map((each): SmallTransaction => ({
    ...each,
    micro: each.micro.map((access): SmallMicro => {
      if (access.f !== "r" || access.value === undefined || !registers.has(access.key)) {
        return access;
      }
      const last = access.value.at(-1);
      if (last === undefined) return access;
      const versions = all.flatMap((other) =>
        other.f === "append" && other.key === access.key ? [other.value] : [],
      );
      const place = versions.indexOf(last);
      if (place < 0) isWritten = false;
      return { ...access, value: versions.slice(0, place + 1) };
    }),
  }));
  return isWritten ? told : undefined;
}

/** Whether each read is what was read before, with what the transaction appended since. */
function agreesWithItself({ micro, outcome }: SmallTransaction): boolean {
  const known = new Map<string, readonly number[]>();
  return micro.every((each) => {
    if (each.f === "append") {
      const before = known.get(each.key);
      if (before !== undefined) known.set(each.key, [...before, each.value]);
      return true;
    }
    if (each.value === undefined || outcome !== "ok") return true;
    const before = known.get(each.key);
    known.set(each.key, each.value);
    return before === undefined || JSON.stringify(before) === JSON.stringify(each.value);
  });
}
