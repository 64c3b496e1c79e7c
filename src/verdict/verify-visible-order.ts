/**
 * Confirms an order of commits for the levels that ask what a transaction sees: every read of a
 * register returns what the last writer in the order left there, of those that the reader must see.
 * It must see
 *
 * - for a monotonic atomic view: from whom it read before, in the same transaction;
 * - for read atomic: from whom it reads at all, and who precedes it in time as far as that is kept;
 * - for causal consistency: these, whom these see, and so on.
 *
 * So it is enough to look at those that wrote the key and stand between who is read and the reader.
 */
import type { BaseIsolation } from "../consistency/level.js";
import { canonical } from "../history/value.js";
import { claim, VerificationUndecided } from "./claims.js";
import { precedesInTime, type Micro, type Transaction } from "./transactions.js";

/** What is to be confirmed; places are those of transactions in the order. */
export interface VisibleOrder {
  readonly transactions: readonly Transaction[];
  readonly base: BaseIsolation;
  readonly keeps: "session" | "realtime" | undefined;
}

/** Stands for the place of the initial value. */
const INITIAL = -1;

/** A read from another transaction, or of the initial value. */
interface Source {
  readonly key: string;
  readonly place: number;
}

/** @throws ClaimRefused */
export function confirmVisibleOrder({ transactions, base, keeps }: VisibleOrder): void {
  const writes = writesOf(transactions);
  const sources = transactions.map((_, place) => sourcesOf(place, transactions, writes));
  const before = sessionsOf(transactions);
  for (const [place, { operation }] of transactions.entries()) {
    const own = sources[place] as readonly Source[];
    for (const [at, { key, place: from }] of own.entries()) {
      const between = (writes.get(key)?.places ?? []).filter(
        (other) => other > from && other < place,
      );
      if (between.length === 0) continue;
      const seen =
        base === "monotonic-atomic-view"
          ? new Set(own.slice(0, at).map((each) => each.place))
          : base === "read-atomic"
            ? new Set(own.map((each) => each.place))
            : causesOf(place, from, { sources, before, transactions, keeps });
      for (const other of between) {
        const earlier = (transactions[other] as Transaction).operation;
        const isKept =
          base !== "monotonic-atomic-view" &&
          keeps !== undefined &&
          precedesInTime(earlier, operation) &&
          (keeps === "realtime" || earlier.process === operation.process);
        claim(
          !seen.has(other) && !isKept,
          () =>
            `Transaction ${operation.invocation} read of ${key} what ${earlier.invocation} overwrote, which it sees.`,
        );
      }
    }
  }
}

/** Of a key: value → who wrote it last of its transaction's writes there; and who wrote it. */
interface Writes {
  readonly byValue: Map<string, { readonly place: number; readonly isLast: boolean }[]>;
  readonly places: number[];
}

function writesOf(transactions: readonly Transaction[]): ReadonlyMap<string, Writes> {
  const writes = new Map<string, Writes>();
  for (const [place, { micro, operation }] of transactions.entries()) {
    const last = new Map<string, number>();
    for (const [at, { f, key }] of micro.entries()) if (f === "w") last.set(key, at);
    for (const [at, each] of micro.entries()) {
      if (each.f === "append" || Array.isArray(each.value)) {
        throw new VerificationUndecided(
          `Transaction ${operation.invocation} is about a list; an order of commits says nothing of what is seen of lists.`,
        );
      }
      if (each.f !== "w") continue;
      const known: Writes = writes.get(each.key) ?? { byValue: new Map(), places: [] };
      writes.set(each.key, known);
      if (known.places.at(-1) !== place) known.places.push(place);
      const text = textOf(each);
      const alike = known.byValue.get(text) ?? [];
      known.byValue.set(text, alike);
      const write = { place, isLast: last.get(each.key) === at };
      if (alike.at(-1)?.place === place) alike[alike.length - 1] = write;
      else alike.push(write);
    }
  }
  return writes;
}

/** From whom a transaction reads; and that its reads follow from its own writes before. */
function sourcesOf(
  place: number,
  transactions: readonly Transaction[],
  writes: ReadonlyMap<string, Writes>,
): readonly Source[] {
  const { micro, operation } = transactions[place] as Transaction;
  const own = new Map<string, string>();
  const sources: Source[] = [];
  for (const each of micro) {
    const { f, key } = each;
    if (f === "w") own.set(key, textOf(each));
    if (f !== "r" || each.value === undefined) continue;
    const text = textOf(each);
    const wrote = own.get(key);
    if (wrote !== undefined) {
      claim(
        wrote === text,
        () => `Transaction ${operation.invocation} did not read of ${key} what it had written.`,
      );
      continue;
    }
    const alike = writes.get(key)?.byValue.get(text) ?? [];
    if (each.value === null && alike.length === 0) {
      sources.push({ key, place: INITIAL });
      continue;
    }
    const [write] = alike;
    claim(
      write !== undefined && alike.length === 1,
      () => `The value ${text} of ${key} was not written once.`,
    );
    claim(
      write.place < place && write.isLast,
      () => `Transaction ${operation.invocation} read of ${key} what was not yet committed.`,
    );
    sources.push({ key, place: write.place });
  }
  return sources;
}

/** The last of its process that completed before each transaction began. */
function sessionsOf(transactions: readonly Transaction[]): readonly (number | undefined)[] {
  const byTime = transactions
    .map(({ operation }, place) => ({ operation, place }))
    .toSorted((a, b) => a.operation.invocation - b.operation.invocation);
  const last = new Map<number | string, number>();
  const before: (number | undefined)[] = [];
  for (const { operation, place } of byTime) {
    before[place] = last.get(operation.process);
    if (operation.outcome === "ok") last.set(operation.process, place);
  }
  return before;
}

/** All that precedes a transaction causally and stands behind a place in the order. */
function causesOf(
  of: number,
  behind: number,
  {
    sources,
    before,
    transactions,
    keeps,
  }: {
    readonly sources: readonly (readonly Source[])[];
    readonly before: readonly (number | undefined)[];
    readonly transactions: readonly Transaction[];
    readonly keeps: VisibleOrder["keeps"];
  },
): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [of];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const earlier = (sources[at] as readonly Source[]).map(({ place }) => place);
    const session = before[at];
    if (keeps === "session" && session !== undefined) earlier.push(session);
    if (keeps === "realtime") {
      const { operation } = transactions[at] as Transaction;
      for (let place = behind + 1; place < at; place++) {
        const other = (transactions[place] as Transaction).operation;
        if (precedesInTime(other, operation)) earlier.push(place);
      }
    }
    for (const place of earlier) {
      if (place <= behind || reached.has(place)) continue;
      reached.add(place);
      open.push(place);
    }
  }
  return reached;
}

function textOf({ value }: Micro): string {
  return canonical(value ?? null);
}
