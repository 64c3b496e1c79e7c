/**
 * Histories of registers in which a value was written to a key more than once, told apart: given
 * whose write each read of such a value is of, every such write gets a value of its own, and the
 * read the one of its write. Null is there before anybody writes it, so that each write of it is
 * one more, and reads that are of the initial value stay as they are. What shows a level of that
 * history shows it of the one as it was; what contradicts it in each such history contradicts it.
 */
import { historyOf, type History, type NewEvent } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { ReadSource } from "./isolation-certificate.js";
import { transactionAt, transactionsOf, type Micro } from "./transactions.js";

/** A micro-operation of a transaction. */
interface Place {
  readonly invocation: number;
  readonly at: number;
}

/** More histories than these are not told apart. */
const CASES_MAX = 1024;

/** The history in which reads are of these writes. @throws ClaimRefused */
export function withSources(history: History, sources: readonly ReadSource[]): History {
  const repeated = repeatedWrites(history);
  const names = new Map<string, Value>();
  for (const places of repeated.values()) {
    for (const { invocation, at } of places)
      names.set(`${invocation} ${at}`, nameOf(invocation, at));
  }
  const reads = new Map<string, Value>();
  for (const { reader, at, of, by } of sources) {
    const read = transactionAt(history, reader).micro[at];
    if (of === null || by === null) {
      claim(
        read?.f === "r" && read.value === null && of === by,
        () => `Transaction ${reader} did not read the initial value by ${at}.`,
      );
      continue;
    }
    const write = transactionAt(history, of).micro[by];
    claim(
      read?.f === "r" && write?.f === "w" && textOf(read) === textOf(write),
      () => `Transaction ${reader} did not read by ${at} what ${of} wrote.`,
    );
    reads.set(`${reader} ${at}`, nameOf(of, by));
  }
  const renamed = (value: Value, invocation: number, isRead: boolean): Value =>
    !Array.isArray(value)
      ? value
      : (value as readonly Value[]).map((micro, at): Value => {
          const name = `${invocation} ${at}`;
          const own = names.get(name) ?? (isRead ? reads.get(name) : undefined);
          if (own === undefined) return micro;
          const [f = null, key = null] = micro as readonly Value[];
          return [f, key, own];
        });
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    if (event.f !== "txn") return event;
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    return { ...event, value: renamed(event.value, invocation, event.type === "ok") };
  });
  return historyOf(events);
}

/** Every choice of whose write each read of a repeated value is of. @throws ClaimRefused */
export function everyChoice(history: History): readonly (readonly ReadSource[])[] {
  const repeated = repeatedWrites(history);
  let choices: readonly (readonly ReadSource[])[] = [[]];
  for (const { operation, micro } of transactionsOf(history)) {
    if (operation.outcome !== "ok") continue;
    for (const [at, each] of micro.entries()) {
      const places = each.f === "r" ? repeated.get(textOf(each)) : undefined;
      if (places === undefined) continue;
      const count = sourcesIn(places, each).length;
      claim(choices.length * count <= CASES_MAX, () => "There are too many choices.");
      choices = choices.flatMap((sources) =>
        sourcesIn(places, each).map(([of, by]) =>
          sources.concat({ reader: operation.invocation, at, of, by }),
        ),
      );
    }
  }
  return choices;
}

/** What a read may be of: for null the initial value first. */
function sourcesIn(
  places: readonly Place[],
  { value }: Micro,
): readonly (readonly [of: number | null, by: number | null])[] {
  const written = places.map(({ invocation, at }) => [invocation, at] as const);
  return value === null ? [[null, null], ...written] : written;
}

/** Key and value → the writes of it, where there are several, or the initial value is the same. */
function repeatedWrites(history: History): ReadonlyMap<string, readonly Place[]> {
  const all = new Map<string, Place[]>();
  for (const { operation, micro } of transactionsOf(history)) {
    for (const [at, each] of micro.entries()) {
      if (each.f !== "w") continue;
      const places = all.get(textOf(each)) ?? [];
      all.set(textOf(each), places);
      places.push({ invocation: operation.invocation, at });
    }
  }
  const isNull = (text: string): boolean => text.endsWith(" null");
  return new Map([...all].filter(([text, places]) => places.length > 1 || isNull(text)));
}

function textOf({ key, value = null }: Micro): string {
  return `${key} ${canonical(value)}`;
}

/** A value that nobody else writes: a text may be one, but none of numbers or of such a form. */
function nameOf(invocation: number, at: number): Value {
  return { write: [invocation, at] };
}
