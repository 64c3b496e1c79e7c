/**
 * Levels of isolation of a few transfers and reads of a bank, where two transfers may lose each
 * other's money, by definition: each transfer reads two balances and then writes what they are
 * after it. So every set of transactions that may have happened, every version that each read of
 * an account may be of, also those of transfers, and every order in which one transaction may read
 * is tried, where these make the balances that were read, and judged as registers.
 */
import type { SmallCounting } from "./counter-isolation.js";
import { someHistory, type Kept } from "./isolation.js";
import { holdsByMoments } from "./moments.js";
import { registersHold, type RegisterTransaction } from "./register-isolation.js";
import { weakHolds, type WeakLevel } from "./weak-isolation.js";

export type BankLevel =
  | "read-committed"
  | "monotonic-view"
  | "monotonic-snapshot-read"
  | Exclude<WeakLevel, "parallel-snapshot-isolation">;

/** Levels that ask in which order a transaction reads. */
const BY_ORDER: ReadonlySet<BankLevel> = new Set<BankLevel>([
  "monotonic-view",
  "monotonic-snapshot-read",
  "monotonic-atomic-view",
]);

/** One read of an account, by number of its transaction, and the transfers that it may be of. */
interface Open {
  readonly reader: number;
  readonly key: string;
  readonly total: number | undefined;
}

/** Whether the level holds; `first`: what accounts hold at first. */
export function bankHolds(
  level: BankLevel,
  transactions: readonly SmallCounting[],
  { kept, first }: { readonly kept: Kept; readonly first: ReadonlyMap<string, number> },
): boolean {
  return someHistory(transactions, (happened) => {
    const reads = happened.flatMap(({ micro }, reader) =>
      micro.map(({ f, key, amount }): Open => {
        return { reader, key, total: f === "r" ? amount : undefined };
      }),
    );
    const isKnown = ({ reader, total }: Open): boolean =>
      total !== undefined || happened[reader]?.micro[0]?.f === "inc";
    const open = reads.filter(isKnown);
    const chosen = new Map<string, number | undefined>();
    const go = (place: number): boolean => {
      const read = open[place];
      if (read === undefined) {
        if (!open.every((each) => isMade(each, { happened, chosen, first }))) return false;
        return judged(level, told(happened, chosen, BY_ORDER.has(level)), kept);
      }
      const { reader, key } = read;
      const name = `${reader} ${key}`;
      const writers = happened.flatMap(({ micro }, each) =>
        each !== reader && micro.some((step) => step.f === "inc" && step.key === key) ? [each] : [],
      );
      return [undefined, ...writers].some((source) => {
        chosen.set(name, source);
        return go(place + 1);
      });
    };
    return go(0);
  });
}

type Chosen = ReadonlyMap<string, number | undefined>;

/** Whether what was moved adds up, from what was there at first. */
function isMade(
  { reader, key, total }: Open,
  {
    happened,
    chosen,
    first,
  }: {
    readonly happened: readonly SmallCounting[];
    readonly chosen: Chosen;
    readonly first: ReadonlyMap<string, number>;
  },
): boolean {
  let sum = first.get(key) ?? 0;
  let length = 0;
  for (let at = chosen.get(`${reader} ${key}`); at !== undefined; at = chosen.get(`${at} ${key}`)) {
    if (length++ > happened.length) return false;
    for (const step of happened[at]?.micro ?? []) if (step.key === key) sum += step.amount ?? 0;
  }
  return total === undefined || total === sum;
}

/** Transactions on registers, in each order in which they may read. */
function told(
  happened: readonly SmallCounting[],
  chosen: Chosen,
  isByOrder: boolean,
): readonly (readonly RegisterTransaction[])[] {
  let all: readonly (readonly RegisterTransaction[])[] = [[]];
  for (const [number, { micro, process, begin, end }] of happened.entries()) {
    const reads = micro
      .filter(({ key }) => chosen.has(`${number} ${key}`))
      .map(({ key }): RegisterTransaction["micro"][number] => {
        const source = chosen.get(`${number} ${key}`);
        return { f: "r", key, value: source === undefined ? null : source + 1 };
      });
    const writes = micro
      .filter(({ f }) => f === "inc")
      .map(({ key }): RegisterTransaction["micro"][number] => {
        return { f: "w", key, value: number + 1 };
      });
    const about = { process, begin, end, outcome: "ok" } as const;
    const orders = isByOrder ? arranged(reads) : [reads];
    all = all.flatMap((before) =>
      orders.map((order) => before.concat({ ...about, micro: order.concat(writes) })),
    );
  }
  return all;
}

function arranged<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item) =>
    arranged(items.filter((other) => other !== item)).map((rest) => [item].concat(rest)),
  );
}

function judged(
  level: BankLevel,
  histories: readonly (readonly RegisterTransaction[])[],
  kept: Kept,
): boolean {
  return histories.some((transactions) => {
    if (level === "monotonic-snapshot-read") return holdsByMoments(transactions, kept);
    if (level === "read-committed" || level === "monotonic-view") {
      return registersHold(transactions, level, { kept, rules: [] });
    }
    return weakHolds(transactions, level, kept);
  });
}
