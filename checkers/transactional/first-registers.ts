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
import { Firsts, itemsAt, toldFrom, withLists } from "./first-told.js";
import { initOf, madeBy, nameOfKey } from "./first-values.js";
import type { Judgement } from "./judge.js";
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
  const { lists, functions, functionNames } = own;
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
  const initial = new Map(
    namingEvent(init, () => madeBy(init)).map(([key, value]) => [key, canonical(value)]),
  );
  if (initial.size === 0) return undefined;
  const firsts = new Firsts(own, initial);
  let areRows = false;
  let areLists = false;
  /** Micro-operation → whether it was seen in a transaction that is ok, and in another. */
  const seen = new Uint8Array(lists.starts.length);
  for (const invocation of transactions) {
    const completion = own.pairs[invocation] as number;
    const isOk = completion !== NONE && own.types[completion] === OK;
    const told = own.values[isOk ? completion : invocation] as number;
    for (const at of itemsAt(lists, told) ?? []) {
      const micro = itemsAt(lists, at);
      const bit = isOk ? 1 : 2;
      if (micro === undefined || ((seen[at] as number) & bit) !== 0) continue;
      seen[at] = (seen[at] as number) | bit;
      const [f, key, value = null] = Array.from(micro, (item) => own.valueAt(item));
      if (f === "append") areLists = true;
      const there = key === undefined ? undefined : firsts.of(micro[1] as number);
      if (there === undefined) continue;
      if (f === "append" && there !== "[]") throw ofLists(key as Value, there, invocation);
      if (f === "append") continue;
      const isWrite = f === "w" || f === "write";
      if (isWrite) areRows ||= value === null || canonical(value) === there;
      else if (isOk) areRows ||= isNothing(value) && canonical(value) !== there;
    }
  }
  if (!areRows) return { is: "registers", told: toldFrom(own, initial) };
  if (!areLists) return { is: "rows" };
  throw new HarnessError(
    "bad-argument",
    "init says what registers hold at first, and somebody writes the same again, or reads that nothing is there: expected no lists beside such registers, which are judged as rows",
    { event: init.invocation },
  );
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

function ofLists(key: Value, first: string, event: number): HarnessError {
  return new HarnessError(
    "bad-argument",
    `init says that ${nameOfKey(key)} holds ${first} at first, and it is appended to as a list: expected an init of rows, registers or counters. Let a first transaction append what was there`,
    { event },
  );
}

function isNothing(value: Value): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
