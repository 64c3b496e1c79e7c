/**
 * Registers that hold something before all transactions, as an operation `init` says. What it says
 * is their initial version; so where nobody writes it again and nobody reads that nothing is there,
 * a read of it is one of the initial version, and the history is judged as one that begins with
 * nothing, in which such reads are of null. In any other the keys are rows, which may not be there.
 */
import { HarnessError } from "../../src/errors.js";
import { nodesWhere } from "../../src/graph/digraph.js";
import { NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { ValuePool } from "../../src/history/value-pool.js";
import { Firsts, toldFrom, withLists, type Listed } from "./first-told.js";
import { initOf, madeBy, nameOfKey } from "./first-values.js";
import type { Judgement } from "./judge.js";
import { APPEND, kindsOf, WRITE } from "./layout.js";
import { namingEvent } from "./naming-event.js";

/** How a history is judged whose registers hold something at first. */
export type Begun = { readonly is: "rows" } | { readonly is: "registers"; readonly told: History };

/**
 * Looks what `init` says of lists and registers; undefined when it says nothing of what is there.
 * @throws HarnessError `bad-argument` when a list holds something at first
 */
export function begunWith(history: History): Begun | undefined {
  if (!history.functionNames.includes("init")) return undefined;
  const own = withLists(history);
  const { functions, functionNames } = own;
  const [txn, begin] = [functionNames.indexOf("txn"), functionNames.indexOf("init")];
  const invocations = own.invocations();
  const transactions = nodesWhere(invocations, (at) => functions[at] === txn);
  const inits = Array.from(nodesWhere(invocations, (at) => functions[at] === begin));
  const first = transactions.length === 0 ? undefined : own.operation(transactions[0] as number);
  const init = initOf(
    inits.map((at) => own.operation(at)),
    first,
  );
  if (init === undefined) return undefined;
  const pool = own.copyPool();
  const firsts = new Firsts(
    own,
    pool,
    namingEvent(init, () => madeBy(init)),
  );
  if (firsts.size === 0) return undefined;
  const { ofRows, areLists } = usesOf(own, pool, firsts, transactions);
  if (ofRows === undefined) return { is: "registers", told: toldFrom(own, pool, firsts) };
  if (!areLists) return { is: "rows" };
  const { key, does, by, event } = ofRows;
  throw new HarnessError(
    "bad-argument",
    `operation ${by} ${SAID[does]} ${nameOfKey(key)}, of which init says that it holds ${canonical(ofRows.first)} at first: that is judged as a row, and expected are no lists (append) beside rows. Write another value there, or put lists and rows into histories of their own`,
    { event },
  );
}

/** What makes a key a row, by whom it is done, and the event that says so. */
interface OfRows {
  readonly does: "writes null" | "writes the same" | "reads nothing";
  readonly key: Value;
  readonly first: Value;
  readonly by: number;
  readonly event: number;
}

const SAID: { readonly [does in OfRows["does"]]: string } = {
  "writes null": "writes null to",
  "writes the same": "writes once more what was there at first to",
  "reads nothing": "reads that nothing is at",
};

/**
 * What makes keys that hold something at first rows: somebody writes the same again, or nothing, or
 * reads that nothing is there. And whether some keys are lists. O(micro-operations).
 */
function usesOf(
  history: Listed,
  pool: ValuePool,
  firsts: Firsts,
  transactions: Int32Array,
): { readonly ofRows: OfRows | undefined; readonly areLists: boolean } {
  const { starts, items } = history.lists;
  const nullAt = pool.intern(null);
  const emptyAt = pool.intern([]);
  const kindOf = kindsOf({ count: starts.length, valueAt: history.valueAt });
  let ofRows: OfRows | undefined;
  let areLists = false;
  /** Micro-operation → whether it was seen in a transaction that is ok, and in another. */
  const seen = new Uint8Array(starts.length);
  for (const invocation of transactions) {
    const completion = history.pairs[invocation] as number;
    const isOk = completion !== NONE && history.types[completion] === OK;
    const bit = isOk ? 1 : 2;
    const event = isOk ? completion : invocation;
    const told = starts[history.values[event] as number] as number;
    const end = told < 0 ? told : told + 1 + (items[told] as number);
    for (let place = told + 1; place < end; place++) {
      const at = items[place] as number;
      const micro = starts[at] as number;
      if (micro < 0 || ((seen[at] as number) & bit) !== 0) continue;
      seen[at] = (seen[at] as number) | bit;
      const length = items[micro] as number;
      const kind = length === 0 ? NONE : kindOf(items[micro + 1] as number);
      if (kind === APPEND) areLists = true;
      const there = length < 2 ? NONE : firsts.of(items[micro + 2] as number);
      if (there === NONE) continue;
      const value = length < 3 ? nullAt : (items[micro + 3] as number);
      if (kind === APPEND && there !== emptyAt) {
        throw ofLists(
          history.valueAt(items[micro + 2] as number),
          history.valueAt(there),
          invocation,
        );
      }
      const isNothing = value === nullAt || value === emptyAt;
      const isWritten = kind === WRITE && (value === nullAt || value === there);
      const isMissed = kind !== WRITE && kind !== APPEND && isOk && isNothing && value !== there;
      if (ofRows !== undefined || (!isWritten && !isMissed)) continue;
      const written = value === nullAt ? "writes null" : "writes the same";
      ofRows = {
        does: isMissed ? "reads nothing" : written,
        key: history.valueAt(items[micro + 2] as number),
        first: history.valueAt(there),
        by: invocation,
        event,
      };
    }
  }
  return { ofRows, areLists };
}

/** Says what null stands for, and counts no `init` among what is left out. */
export function toldOfFirst(judgement: Judgement): Judgement {
  const { anomalies, reason, details = {} } = judgement;
  const isOf = (text: string): string =>
    text.includes("null") ? `${text} Null is what init says was there at first.` : text;
  const { leftOut } = details;
  return {
    ...judgement,
    reason: judgement.verdict === "invalid" ? isOf(reason) : reason,
    anomalies: anomalies.map((each) => Object.assign({}, each, { message: isOf(each.message) })),
    details: { ...details, ...(typeof leftOut === "number" ? { leftOut: leftOut - 1 } : {}) },
  };
}

function ofLists(key: Value, first: Value, event: number): HarnessError {
  return new HarnessError(
    "bad-argument",
    `init says that ${nameOfKey(key)} holds ${canonical(first)} at first, and it is appended to as a list: expected an init of rows, registers or counters. Let a first transaction append what was there`,
    { event },
  );
}
