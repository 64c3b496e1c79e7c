/**
 * Transactions on rows as the verifier sees them: rows by name, which are there or not, and sets,
 * whose elements are rows that are there or not. Nothing here is shared with the checker.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import { areRowsByFirstValues } from "./first-values.js";
import type { RowName } from "./isolation-certificate.js";

/** What stands in a row: the text of its value, or undefined when the row is not there. */
export type Content = string | undefined;

/** One thing that a transaction did. */
export type RowAct =
  | { readonly f: "write"; readonly at: number; readonly row: string; readonly content: Content }
  | {
      readonly f: "read";
      readonly at: number;
      /** Of all rows of a table, or of one. */
      readonly isAbout: (row: string) => boolean;
      /** What was shown. */
      readonly shown: ReadonlyMap<string, string>;
      /** What a row that was not shown may have held. */
      readonly isHidden: (content: Content) => boolean;
      /** Of a set, what is shown more than once. */
      readonly twice: ReadonlySet<string>;
      /** Whether a row that was not shown was read as an item nevertheless. */
      readonly isItem: boolean;
    };

/** One transaction. */
export interface ActingTransaction {
  readonly operation: Operation;
  readonly acts: readonly RowAct[];
}

/** All of them, and what was there before. */
export interface ActingHistory {
  readonly transactions: readonly ActingTransaction[];
  readonly initial: ReadonlyMap<string, string>;
  /** Every row that is named anywhere. */
  readonly rows: ReadonlySet<string>;
  /** Row → all that was written to it, by transactions of whichever outcome. */
  readonly writes: ReadonlyMap<string, readonly Written[]>;
}

const OF_ROWS: ReadonlySet<Value> = new Set<Value>(["insert", "delete", "rp", "add"]);

/** The name of a row, or of an element of a set. */
export function rowNamed({ key, element }: RowName): string {
  return element === undefined ? `row ${textOfKey(key)}` : `${setNamed(key)}${canonical(element)}`;
}

function setNamed(key: Value): string {
  return `element of ${JSON.stringify(textOfKey(key))}: `;
}

/** Fields of objects are texts, whatever the key was. */
function textOfKey(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}

/** Reads a history of rows; undefined when it is none. */
export function actingHistory(history: History): ActingHistory | undefined {
  if (!isOfRows(history)) return undefined;
  const operations = Array.from(history.invocations(), (at) => history.operation(at));
  const transactions = operations.filter(({ f }) => f === "txn");
  const all = transactions.flatMap(microOf);
  const sets = new Set<string>();
  const single = new Set<string>();
  for (const [f, key] of all) {
    if (f === "add") sets.add(textOfKey(key as Value));
    if (f === "insert" || f === "delete" || f === "w" || f === "write") {
      single.add(textOfKey(key as Value));
    }
  }
  const rows = new Set<string>();
  const init = operations.find(({ f }) => f === "init");
  const made = init === undefined ? [] : contentsOf([init.input, init.output ?? null]);
  const initial = new Map(made);
  claim(
    init === undefined ||
      (init.outcome === "ok" &&
        transactions.every(({ invocation }) => invocation > (init.completion as number))),
    () => "What was there at first was not made before all transactions.",
  );
  const acting = transactions.map((operation): ActingTransaction => {
    const acts = microOf(operation).flatMap((micro, at) => {
      const key = textOfKey(micro[1] as Value);
      const isRow = single.has(key) || initial.has(rowNamed({ key }));
      const isSet = sets.has(key) || (Array.isArray(micro[2]) && !isRow);
      return actOf(micro, { at, isSet, isKnown: operation.outcome === "ok" });
    });
    return { operation, acts };
  });
  for (const row of initial.keys()) rows.add(row);
  for (const act of acting.flatMap(({ acts }) => acts)) {
    if (act.f === "write") rows.add(act.row);
    else for (const row of act.shown.keys()) rows.add(row);
  }
  // A row that was only read, and found not to be there, is one as well.
  for (const [f, key] of all) {
    const name = textOfKey(key as Value);
    if ((f === "r" || f === "read") && !sets.has(name)) rows.add(rowNamed({ key: name }));
  }
  return { transactions: acting, initial, rows, writes: writesByRow(acting) };
}

function writesByRow(
  transactions: readonly ActingTransaction[],
): ReadonlyMap<string, readonly Written[]> {
  const writes = new Map<string, Written[]>();
  for (const by of transactions) {
    for (const act of by.acts) {
      if (act.f !== "write") continue;
      const { at, row, content } = act;
      const isLeft = !by.acts.some(
        (each) => each.f === "write" && each.row === row && each.at > at,
      );
      const before = writes.get(row);
      if (before === undefined) writes.set(row, [{ by, at, content, isLeft }]);
      else before.push({ by, at, content, isLeft });
    }
  }
  return writes;
}

function isOfRows(history: History): boolean {
  const areNamed = history.invocations().some((at) => {
    const { f, input, output = null } = history.operation(at);
    // Invocations may say nothing.
    return f === "txn" && [input, output].some(namesRows);
  });
  return areNamed || areRowsByFirstValues(history);
}

function namesRows(list: Value): boolean {
  if (!Array.isArray(list)) return false;
  return list.some((each: Value) => Array.isArray(each) && OF_ROWS.has(each[0] as Value));
}

function microOf({ outcome, output, input, invocation }: Operation): readonly (readonly Value[])[] {
  const known = outcome === "ok" ? output : input;
  claim(
    Array.isArray(known) && known.every((each: Value) => Array.isArray(each) && each.length > 1),
    () => `Operation ${invocation} has no micro-operations.`,
  );
  return known as readonly (readonly Value[])[];
}

function contentsOf(objects: readonly Value[]): readonly (readonly [string, string])[] {
  return objects.flatMap((object) =>
    Object.entries((object ?? {}) as { readonly [key: string]: Value })
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [rowNamed({ key }), canonical(value)] as const),
  );
}

const NONE: ReadonlySet<string> = new Set();

function actOf(
  [f, key, value = null]: readonly Value[],
  about: { readonly at: number; readonly isSet: boolean; readonly isKnown: boolean },
): readonly RowAct[] {
  const { at, isSet, isKnown } = about;
  const row = rowNamed({ key: key as Value });
  if (f === "add") {
    const name = rowNamed({ key: key as Value, element: value });
    return [{ f: "write", at, row: name, content: canonical(value) }];
  }
  if (f === "w" || f === "write" || f === "insert") {
    claim(f !== "insert" || value !== null, () => "A row is inserted without a value.");
    return [{ f: "write", at, row, content: value === null ? undefined : canonical(value) }];
  }
  if (f === "delete") return [{ f: "write", at, row, content: undefined }];
  claim(f === "r" || f === "read" || f === "rp", () => `There is no ${canonical(f as Value)}.`);
  if (!isKnown) return [];
  if (f === "rp") {
    const means = meaningOf(key as Value);
    const isHidden = (content: Content): boolean => content === undefined || !means(content);
    const isAbout = (each: string): boolean => each.startsWith("row ");
    const shown = new Map(contentsOf([value]));
    return [{ f: "read", at, isAbout, shown, twice: NONE, isHidden, isItem: false }];
  }
  const isHidden = (content: Content): boolean => content === undefined;
  if (!isSet) {
    const shown = new Map(value === null ? [] : [[row, canonical(value)]]);
    const isAbout = (each: string): boolean => each === row;
    return [{ f: "read", at, isAbout, shown, twice: NONE, isHidden, isItem: true }];
  }
  const set = setNamed(key as Value);
  const elements = (value ?? []) as readonly Value[];
  const shown = new Map<string, string>();
  const twice = new Set<string>();
  for (const element of elements) {
    const name = rowNamed({ key: key as Value, element });
    if (shown.has(name)) twice.add(name);
    shown.set(name, canonical(element));
  }
  const isAbout = (each: string): boolean => each.startsWith(set);
  return [{ f: "read", at, isAbout, shown, twice, isHidden, isItem: true }];
}

/** Which contents a predicate means. */
function meaningOf(predicate: Value): (content: string) => boolean {
  if (predicate === true || predicate === "true") return () => true;
  const [f, a, b] = (Array.isArray(predicate) ? predicate : []) as readonly Value[];
  if (f === "=") return (content) => content === canonical(a as Value);
  claim(f === "mod", () => `There is no predicate ${canonical(predicate)}.`);
  const [divisor, remainder] = [Number(a), Number(b)];
  return (content) => {
    const value = JSON.parse(content) as Value;
    if (typeof value !== "number") return false;
    const rest = value % divisor;
    return (rest < 0 ? rest + divisor : rest) === remainder;
  };
}

/** A look at one row by one read. */
export interface Look {
  readonly by: ActingTransaction;
  readonly at: number;
  readonly row: string;
  readonly isItem: boolean;
  /** What the row may have held. */
  readonly fits: (content: Content) => boolean;
  /** What was shown of it. */
  readonly shown: Content;
  /** What its transaction had written to it before, last. */
  readonly own: { readonly content: Content } | undefined;
}

type Read = Extract<RowAct, { readonly f: "read" }>;

/** What a transaction's read says of a row; undefined when that read is not about it. */
export function lookAt(by: ActingTransaction, at: number, row: string): Look | undefined {
  const act = by.acts.find((each) => each.at === at);
  return act?.f === "read" && act.isAbout(row) ? lookOf(by, act, row) : undefined;
}

function lookOf(by: ActingTransaction, read: Read, row: string): Look {
  const { at } = read;
  const shown = read.shown.get(row);
  const own = by.acts.findLast((each) => each.f === "write" && each.row === row && each.at < at);
  const fits =
    shown === undefined ? read.isHidden : (content: Content): boolean => content === shown;
  const isItem = read.isItem || shown !== undefined;
  return { by, at, row, isItem, fits, shown, own: own?.f === "write" ? own : undefined };
}

/** Every look of a transaction at a row. */
export function looksOf(by: ActingTransaction, rows: Iterable<string>): readonly Look[] {
  const reads = by.acts.filter((act): act is Read => act.f === "read");
  const looks: Look[] = [];
  if (reads.length === 0) return looks;
  for (const row of rows) {
    for (const read of reads) if (read.isAbout(row)) looks.push(lookOf(by, read, row));
  }
  return looks;
}

/** A write of a row. */
export interface Written {
  readonly by: ActingTransaction;
  readonly at: number;
  readonly content: Content;
  /** Whether its transaction left it so. */
  readonly isLeft: boolean;
}

/** All writes of a row, of whichever outcome. */
export function writesOf({ writes }: ActingHistory, row: string): readonly Written[] {
  return writes.get(row) ?? [];
}

/**
 * The only version that explains a look, where nothing is read that was not committed: the initial
 * one, or one write.
 */
export function onlySource(look: Look, history: ActingHistory): "initial" | Written {
  const { row, by, fits, own } = look;
  claim(own === undefined, () => "The read follows what its transaction wrote itself.");
  const initial = history.initial.get(row);
  const writes = writesOf(history, row).filter((each) => fits(each.content));
  const left = writes.filter(
    (each) => each.isLeft && each.by !== by && each.by.operation.outcome !== "fail",
  );
  claim(
    left.length + (fits(initial) ? 1 : 0) < 2,
    () => `More than one version of ${row} explains the read.`,
  );
  if (fits(initial)) return "initial";
  const [only] = left;
  claim(only !== undefined, () => `No version of ${row} explains the read.`);
  return only;
}
