/**
 * The same for registers: an order of versions makes of each register a list to which every write
 * appends, and of each read one of all versions up to the one that it returned. Only orders of
 * versions that keep the rules that are assumed are tried.
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

/** A transaction on registers whose values are numbers; what is read may be null. */
export interface RegisterTransaction extends Omit<SmallTransaction, "micro"> {
  readonly micro: readonly {
    readonly f: "w" | "r";
    readonly key: string;
    /** Undefined for a read that is not known. */
    readonly value: number | null | undefined;
  }[];
}

export type Rule = "writes-follow-reads" | "sessions" | "realtime";

/** Whether the level holds for some order of versions that keeps the rules. */
export function registersHold(
  transactions: readonly RegisterTransaction[],
  level: BruteLevel,
  assumed: { readonly kept: Kept; readonly rules: readonly Rule[] },
): boolean {
  return someHistory(transactions, (happened) => {
    const keys = [...new Set(happened.flatMap(({ micro }) => micro.map(({ key }) => key)))];
    const go = (place: number, versions: ReadonlyMap<string, readonly number[]>): boolean => {
      const key = keys[place];
      if (key !== undefined) {
        return permutations(writtenTo(happened, key)).some(
          (order) =>
            keepsRules(happened, { key, order, rules: assumed.rules }) &&
            go(place + 1, new Map([...versions, [key, order]])),
        );
      }
      const lists = happened.map((each) => asLists(each, versions));
      if (lists.includes(undefined)) return false;
      return excludes(level, {
        happened: lists as readonly SmallTransaction[],
        versions,
        kept: assumed.kept,
        inside: happened.every((each) => agreesWithItself(each)),
      });
    };
    return go(0, new Map());
  });
}

function writtenTo(happened: readonly RegisterTransaction[], of: string): readonly number[] {
  return happened.flatMap(({ micro }) =>
    micro.flatMap(({ f, key, value }) => (f === "w" && key === of ? [value as number] : [])),
  );
}

/** Undefined when it read what nobody wrote. */
function asLists(
  transaction: RegisterTransaction,
  versions: ReadonlyMap<string, readonly number[]>,
): SmallTransaction | undefined {
  const micro: SmallMicro[] = [];
  for (const { f, key, value } of transaction.micro) {
    if (f === "w") {
      micro.push({ f: "append", key, value: value as number });
      continue;
    }
    const order = versions.get(key) ?? [];
    if (value === undefined || value === null) {
      micro.push({ f: "r", key, value: value === null ? [] : undefined });
      continue;
    }
    if (!order.includes(value)) return undefined;
    micro.push({ f: "r", key, value: order.slice(0, order.indexOf(value) + 1) });
  }
  return { ...transaction, micro };
}

function agreesWithItself({ micro }: RegisterTransaction): boolean {
  const known = new Map<string, number | null>();
  return micro.every(({ f, key, value }) => {
    if (value === undefined) return true;
    const before = known.get(key);
    known.set(key, value);
    return f === "w" || before === undefined || before === value;
  });
}

function keepsRules(
  happened: readonly RegisterTransaction[],
  about: {
    readonly key: string;
    readonly order: readonly number[];
    readonly rules: readonly Rule[];
  },
): boolean {
  const { key, order, rules } = about;
  const placeOf = (value: number | null | undefined): number =>
    value === null || value === undefined ? -1 : order.indexOf(value);
  const touching = happened
    .filter(({ outcome }) => outcome === "ok")
    .map((of) => ({ of, micro: of.micro.filter((each) => each.key === key) }))
    .filter(({ micro }) => micro.length > 0);
  return touching.every(({ of, micro }) => {
    const write = micro.findLast(({ f }) => f === "w");
    const first = micro[0];
    const follows =
      first?.f !== "r" || write === undefined || placeOf(first.value) < placeOf(write.value);
    if (rules.includes("writes-follow-reads") && !follows) return false;
    return touching.every((later) => {
      const isKept = rules.some(
        (rule) =>
          (rule === "sessions" && precedes(asSmall(of), asSmall(later.of), "session")) ||
          (rule === "realtime" && precedes(asSmall(of), asSmall(later.of), "realtime")),
      );
      return !isKept || placeOf(micro.at(-1)?.value) <= placeOf(later.micro[0]?.value);
    });
  });
}

function asSmall(transaction: RegisterTransaction): SmallTransaction {
  return { ...transaction, micro: [] };
}
