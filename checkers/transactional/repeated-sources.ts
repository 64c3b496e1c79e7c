/**
 * Whose each read may be of what was written to its key more than once, and the history that each
 * choice makes: with a value of its own for each of these writes.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { ReadSource } from "../../src/verdict/isolation-certificate.js";

/** A read of a repeated value, or a place of a list, and the writes that it may be of. */
export interface RepeatedRead {
  readonly reader: number;
  readonly at: number;
  /** Of a list, from 0; the first read of several that begin alike. */
  readonly place?: number;
  readonly writes: readonly Write[];
  /** Numbers of reads that are of other appends: of equal elements before it in the list. */
  readonly others: readonly number[];
}

/** Both are null for the initial value. */
interface Write {
  readonly of: number | null;
  readonly by: number | null;
}

const INITIAL: Write = { of: null, by: null };

/** What was repeated, and who read it. */
export interface Repeated {
  readonly reads: readonly RepeatedRead[];
  /** Invocation and micro-operation of each repeated write. */
  readonly names: ReadonlySet<string>;
  /** Whether somebody wrote null, which is the initial value as well. */
  readonly writesNull: boolean;
  readonly isOfLists: boolean;
  readonly isOfRegisters: boolean;
  /** How many elements all reads of the history have. */
  readonly elements: number;
  /** Key → what its reads show, place by place. */
  readonly beginnings: ReadonlyMap<string, Beginning>;
}

/** What reads of a list show up to a place, and what comes next in each that begins so. */
interface Beginning {
  readonly next: Map<string, Beginning>;
  /** The number of the read of its last element, if that was repeated. */
  readonly number: number | undefined;
}

type Micro = readonly Value[];

const WRITES: ReadonlySet<Value> = new Set<Value>(["w", "write", "append"]);

/** Looks for what was written more than once, and for its reads. */
export function repeatedIn(history: History): Repeated {
  const writes = new Map<string, Write[]>();
  /** Of an append the key. */
  const ofLists = new Map<string, string>();
  const reads: { readonly reader: number; readonly at: number; readonly micro: Micro }[] = [];
  let elements = 0;
  for (const invocation of history.invocations()) {
    const { f, input, output, outcome } = history.operation(invocation);
    if (f !== "txn") continue;
    for (const [at, micro] of ((outcome === "ok" ? output : input) as readonly Micro[]).entries()) {
      const [name = null, key = null, value = null] = micro;
      if (WRITES.has(name)) {
        const of = nameOf(key, value);
        if (name === "append") ofLists.set(of, canonical(key));
        const known = writes.get(of);
        if (known === undefined) writes.set(of, [{ of: invocation, by: at }]);
        else known.push({ of: invocation, by: at });
      } else if (outcome === "ok") {
        reads.push({ reader: invocation, at, micro });
        if (Array.isArray(value)) elements += value.length;
      }
    }
  }
  const isNull = (of: string): boolean => of.endsWith(" null") && !ofLists.has(of);
  const repeated = new Map([...writes].filter(([of, each]) => each.length > 1 || isNull(of)));
  const keys = new Set([...repeated.keys()].map((of) => ofLists.get(of)));
  const names = new Set(
    [...repeated.values()].flatMap((each) => each.map(({ of, by }) => `${of} ${by}`)),
  );
  const found = new RepeatedReads(repeated, isNull);
  for (const { reader, at, micro } of names.size === 0 ? [] : reads) {
    const [, key = null, value = null] = micro;
    const isOfList = keys.has(canonical(key)) && Array.isArray(value);
    if (isOfList) found.addList({ reader, at, key, list: value as readonly Value[] });
    else found.addRegister({ reader, at, of: nameOf(key, value) });
  }
  return {
    reads: found.reads,
    names,
    writesNull: [...repeated.keys()].some(isNull),
    isOfLists: [...repeated.keys()].some((of) => ofLists.has(of)),
    isOfRegisters: [...repeated.keys()].some((of) => !ofLists.has(of)),
    elements,
    beginnings: found.beginnings,
  };
}

class RepeatedReads {
  readonly reads: RepeatedRead[] = [];
  readonly beginnings = new Map<string, Beginning>();
  readonly #repeated: ReadonlyMap<string, readonly Write[]>;
  readonly #isNull: (of: string) => boolean;

  constructor(repeated: ReadonlyMap<string, readonly Write[]>, isNull: (of: string) => boolean) {
    this.#repeated = repeated;
    this.#isNull = isNull;
  }

  addRegister(read: { readonly reader: number; readonly at: number; readonly of: string }): void {
    const { reader, at, of } = read;
    const known = this.#repeated.get(of);
    if (known === undefined) return;
    const writes = this.#isNull(of) ? [INITIAL, ...known] : known;
    this.reads.push({ reader, at, writes, others: [] });
  }

  addList(read: {
    readonly reader: number;
    readonly at: number;
    readonly key: Value;
    readonly list: readonly Value[];
  }): void {
    const { reader, at, key, list } = read;
    const name = canonical(key);
    let beginning = this.beginnings.get(name) ?? { next: new Map(), number: undefined };
    this.beginnings.set(name, beginning);
    /** Element → the numbers of its reads so far. */
    const before = new Map<string, readonly number[]>();
    for (const [place, element] of list.entries()) {
      const text = canonical(element);
      const writes = this.#repeated.get(nameOf(key, element));
      let next = beginning.next.get(text);
      if (next === undefined) {
        const others = before.get(text) ?? [];
        const number =
          writes === undefined
            ? undefined
            : this.reads.push({ reader, at, place, writes, others }) - 1;
        next = { next: new Map(), number };
        beginning.next.set(text, next);
      }
      if (next.number !== undefined) before.set(text, [...(before.get(text) ?? []), next.number]);
      beginning = next;
    }
  }
}

/** All choices, one after the other: the last read changes fastest. */
export function* choicesOf(reads: readonly RepeatedRead[]): Iterable<readonly ReadSource[]> {
  const sources: ReadSource[] = [];
  const places: number[] = [];
  // Nothing recurses: there may be many reads.
  for (let number = 0, from = 0; number >= 0;) {
    const read = reads[number];
    const place = read === undefined ? -1 : nextOf(read, from, sources);
    if (read !== undefined && place >= 0) {
      sources[number] = sourceOf(read, read.writes[place] as Write);
      places[number] = place;
      number++;
      from = 0;
      continue;
    }
    if (read === undefined) yield sources.slice();
    number--;
    sources.length = Math.max(number, 0);
    from = (places[number] ?? 0) + 1;
  }
}

/** The next write that a read may be of, -1 when there is none. */
function nextOf(read: RepeatedRead, from: number, sources: readonly ReadSource[]): number {
  for (let place = from; place < read.writes.length; place++) {
    if (!isTaken(read, read.writes[place] as Write, sources)) return place;
  }
  return -1;
}

/** Whether an equal element before it in the list is of this append. */
function isTaken({ others }: RepeatedRead, write: Write, sources: readonly ReadSource[]): boolean {
  return others.some((number) => {
    const other = sources[number] as ReadSource;
    return other.of === write.of && other.by === write.by;
  });
}

function sourceOf({ reader, at, place }: RepeatedRead, { of, by }: Write): ReadSource {
  return { reader, at, ...(place === undefined ? {} : { place }), of, by };
}

/**
 * Each read is of the write that was invoked last before the reader ended; each place of a list of
 * the first that is not there before it.
 */
export function likely({ reads }: Repeated, history: History): readonly ReadSource[] {
  const sources: ReadSource[] = [];
  for (const read of reads) {
    const { reader, at, writes, place } = read;
    const end = history.pairs[reader] as number;
    const isBefore = ({ of, by }: Write): boolean =>
      of === null || by === null || (of === reader ? by < at : of < end);
    const may =
      place === undefined
        ? writes.findLast(isBefore)
        : writes.find((write) => isBefore(write) && !isTaken(read, write, sources));
    sources.push(sourceOf(read, may ?? (writes[0] as Write)));
  }
  return sources;
}

/** The history with a value of its own for each write of a repeated one. */
export function toldApart(
  history: History,
  { names, beginnings }: Repeated,
  sources: readonly ReadSource[],
): History {
  const read = new Map(
    sources.flatMap(({ reader, at, of, by, place }): readonly (readonly [string, Value])[] =>
      of === null || place !== undefined ? [] : [[`${reader} ${at}`, valueOf(of, by)]],
    ),
  );
  const listOf = (key: Value, list: readonly Value[]): Value => {
    let beginning = beginnings.get(canonical(key));
    return list.map((element): Value => {
      beginning = beginning?.next.get(canonical(element));
      const source = beginning?.number === undefined ? undefined : sources[beginning.number];
      return source === undefined ? element : valueOf(source.of as number, source.by);
    });
  };
  const events: NewEvent[] = [];
  for (let index = 0; index < history.length; index++) {
    const event = history.event(index);
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    if (event.f !== "txn" || !Array.isArray(event.value)) {
      events.push(event);
      continue;
    }
    const isOk = event.type === "ok";
    const micro = (event.value as readonly Micro[]).map((each, at): Value => {
      const [f = null, key = null, value = null] = each;
      const place = `${invocation} ${at}`;
      if (names.has(place)) return [f, key, valueOf(invocation, at)];
      const known = isOk ? read.get(place) : undefined;
      if (known !== undefined) return [f, key, known];
      const isList = isOk && Array.isArray(value) && beginnings.has(canonical(key));
      return isList ? [f, key, listOf(key, value as readonly Value[])] : each;
    });
    events.push({ ...event, value: micro });
  }
  return historyOf(events);
}

function valueOf(of: number, by: number | null): Value {
  return { write: [of, by] };
}

function nameOf(key: Value, value: Value): string {
  return `${canonical(key)} ${canonical(value)}`;
}
