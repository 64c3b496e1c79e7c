/**
 * Registers that hold something before all transactions, as an operation `init` says. What it says
 * is their initial version; so where nobody writes it again and nobody reads that nothing is there,
 * a read of it is one of the initial version, and the history is judged as one that begins with
 * nothing, in which such reads are of null. In any other the keys are rows, which may not be there.
 */
import { HarnessError } from "../../src/errors.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
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
  const operations = Array.from(history.invocations(), (at) => history.operation(at));
  const transactions = operations.filter(({ f }) => f === "txn");
  const init = initOf(operations, transactions[0]);
  if (init === undefined) return undefined;
  const initial = new Map(
    namingEvent(init, () => madeBy(init)).map(([key, value]) => [key, canonical(value)]),
  );
  if (initial.size === 0) return undefined;
  let areRows = false;
  let areLists = false;
  for (const operation of transactions) {
    const { outcome, output, input, invocation } = operation;
    for (const [f, key, value = null] of microOf(outcome === "ok" ? output : input)) {
      if (f === "append") areLists = true;
      const first = key === undefined ? undefined : initial.get(nameOfKey(key));
      if (first === undefined) continue;
      if (f === "append" && first !== "[]") throw ofLists(key as Value, first, invocation);
      if (f === "append") continue;
      const isWrite = f === "w" || f === "write";
      if (isWrite) areRows ||= value === null || canonical(value) === first;
      else if (outcome === "ok") areRows ||= isNothing(value) && canonical(value) !== first;
    }
  }
  if (!areRows) return { is: "registers", told: toldFrom(history, initial) };
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

function microOf(value: Value | undefined): readonly (readonly Value[])[] {
  return Array.isArray(value) ? value.filter((each: Value) => Array.isArray(each)) : [];
}

/** The same history, as if it began with nothing. */
function toldFrom(history: History, initial: ReadonlyMap<string, string>): History {
  const told = (micro: Value): Value => {
    if (!Array.isArray(micro)) return micro;
    const [f = null, key = null, value = null] = micro as readonly Value[];
    if (f !== "r" && f !== "read") return micro;
    const first = initial.get(nameOfKey(key));
    return first !== undefined && canonical(value) === first ? [f, key, null] : micro;
  };
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    if (event.f === "init") return { ...event, value: {} };
    const isRead = event.f === "txn" && event.type === "ok" && Array.isArray(event.value);
    return isRead ? { ...event, value: (event.value as readonly Value[]).map(told) } : event;
  });
  return historyOf(events);
}
