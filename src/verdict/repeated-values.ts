/**
 * Histories in which the same was written to a register or appended to a list more than once, told
 * apart: given whose write each read of it is of, every such write gets a value of its own, and the
 * read the one of its write. Null is there before anybody writes it to a register, so that each
 * write of it is one more, and reads that are of the initial value stay as they are. What shows a
 * level of that history shows it of the one as it was; what contradicts it in each such history
 * contradicts it.
 *
 * A list only grows, so that two reads of it that begin alike show the same appends there: were
 * they not the same, the reads would contradict each other, and with it read committed.
 */
import { historyOf, type History, type NewEvent } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { ReadSource } from "./isolation-certificate.js";
import { Beginnings } from "./list-beginnings.js";
import { elementsOf, transactionAt, transactionsOf, type Micro } from "./transactions.js";

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
  const lists = new Beginnings<Value>();
  for (const { reader, at, place, of, by } of sources) {
    const read = transactionAt(history, reader).micro[at];
    if (of === null || by === null) {
      claim(
        place === undefined && read?.f === "r" && read.value === null && of === by,
        () => `Transaction ${reader} did not read the initial value by ${at}.`,
      );
      continue;
    }
    const write = transactionAt(history, of).micro[by];
    const refused = (): string => `Transaction ${reader} did not read by ${at} what ${of} wrote.`;
    claim(read?.f === "r" && read.key === write?.key, refused);
    if (place === undefined) {
      claim(write.f === "w" && textOf(read) === textOf(write), refused);
      reads.set(`${reader} ${at}`, nameOf(of, by));
      continue;
    }
    const elements = elementsOf(read);
    claim(write.f === "append" && elements[place] === canonical(write.value ?? null), () =>
      refused(),
    );
    lists.set(read.key, elements.slice(0, place + 1), nameOf(of, by));
  }
  const listOf = (key: Value, list: readonly Value[]): Value => {
    const own = lists.walk(
      canonical(key),
      list.map((each) => canonical(each)),
    );
    return list.map((each, place) => own[place] ?? each);
  };
  const renamed = (value: Value, invocation: number, isRead: boolean): Value =>
    !Array.isArray(value)
      ? value
      : (value as readonly Value[]).map((micro, at): Value => {
          const name = `${invocation} ${at}`;
          const own = names.get(name) ?? (isRead ? reads.get(name) : undefined);
          const [f = null, key = null, read = null] = micro as readonly Value[];
          if (own !== undefined) return [f, key, own];
          const isList = isRead && Array.isArray(read) && lists.has(canonical(key));
          return isList ? [f, key, listOf(key, read as readonly Value[])] : micro;
        });
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    if (event.f !== "txn") return event;
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    return { ...event, value: renamed(event.value, invocation, event.type === "ok") };
  });
  return historyOf(events);
}

/** Every choice of whose write each read of a repeated value is of. */
export interface Choices {
  readonly all: readonly (readonly ReadSource[])[];
  readonly areOfLists: boolean;
}

/** @throws ClaimRefused */
export function everyChoice(history: History): Choices {
  const repeated = repeatedWrites(history);
  let all: readonly (readonly ReadSource[])[] = [[]];
  let areOfLists = false;
  const add = (read: Omit<ReadSource, "of" | "by">, to: ReadTo): void => {
    const { sources, others } = to;
    const isFree = (chosen: readonly ReadSource[], [of, by]: Source): boolean =>
      !others.some((number) => chosen[number]?.of === of && chosen[number]?.by === by);
    all = all.flatMap((chosen) =>
      sources
        .filter((source) => isFree(chosen, source))
        .map(([of, by]) => chosen.concat({ ...read, of, by })),
    );
    claim(all.length <= CASES_MAX, () => "There are too many choices.");
  };
  /** The number of what was read there. */
  const lists = new Beginnings<number>();
  for (const { operation, micro } of transactionsOf(history)) {
    if (operation.outcome !== "ok") continue;
    for (const [at, each] of micro.entries()) {
      if (each.f !== "r") continue;
      const read = { reader: operation.invocation, at };
      const places = repeated.get(textOf({ ...each, f: "w" }));
      if (places !== undefined) add(read, { sources: sourcesIn(places, each), others: [] });
      const elements = elementsOf(each);
      const known = lists.walk(each.key, elements);
      for (const [place, element] of elements.entries()) {
        const appends = repeated.get(`append ${each.key} ${element}`);
        if (appends === undefined || known[place] !== undefined) continue;
        areOfLists = true;
        // An append is there once: equal elements before it are of others.
        const others = known.filter(
          (number, before): number is number =>
            before < place && elements[before] === element && number !== undefined,
        );
        const number = all[0]?.length ?? 0;
        add(
          { ...read, place },
          { sources: appends.map(({ invocation, at: by }) => [invocation, by]), others },
        );
        known[place] = number;
        lists.set(each.key, elements.slice(0, place + 1), number);
      }
    }
  }
  return { all, areOfLists };
}

/** What a read may be of, and numbers of reads that are of others. */
interface ReadTo {
  readonly sources: readonly Source[];
  readonly others: readonly number[];
}

type Source = readonly [of: number | null, by: number | null];

/** What a read may be of: for null the initial value first. */
function sourcesIn(places: readonly Place[], { value }: Micro): readonly Source[] {
  const written = places.map(({ invocation, at }) => [invocation, at] as const);
  return value === null ? [[null, null], ...written] : written;
}

/** What was written → its writes, where there are several, or the initial value is the same. */
function repeatedWrites(history: History): ReadonlyMap<string, readonly Place[]> {
  const all = new Map<string, Place[]>();
  const nulls = new Set<string>();
  for (const { operation, micro } of transactionsOf(history)) {
    for (const [at, each] of micro.entries()) {
      if (each.f === "r") continue;
      const text = textOf(each);
      const places = all.get(text) ?? [];
      all.set(text, places);
      places.push({ invocation: operation.invocation, at });
      if (each.f === "w" && each.value === null) nulls.add(text);
    }
  }
  return new Map([...all].filter(([text, places]) => places.length > 1 || nulls.has(text)));
}

function textOf({ f, key, value = null }: Micro): string {
  return `${f === "append" ? f : "w"} ${key} ${canonical(value)}`;
}

/** A value that nobody else writes: a text may be one, but none of numbers or of such a form. */
function nameOf(invocation: number, at: number): Value {
  return { write: [invocation, at] };
}
