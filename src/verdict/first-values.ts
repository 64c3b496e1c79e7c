/**
 * What was there before all transactions on registers, as an operation `init` says: the initial
 * version of each key that it names. Where nobody writes the same value again, nor null, and nobody
 * finds nothing there, whoever reads the value reads the initial version. So the history is the
 * same as one that begins with nothing and in which these reads are of null. Otherwise its keys are
 * rows, which may not be there.
 */
import { historyOf, type History, type NewEvent } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";

/** Key → the text of what `init` says. */
type Initial = ReadonlyMap<string, string>;

/** The history as one that begins with nothing; itself when it does, or is one of rows. */
export function beginningWithNothing(history: History): History {
  const initial = initialOf(history);
  if (initial.size === 0 || findsRows(history, initial)) return history;
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    if (event.f === "init") return { ...event, value: null };
    if (event.f !== "txn" || event.type !== "ok") return event;
    const value = microOf(event.value).map((each): Value => {
      const [f = null, key = null, read = null] = each;
      const isFirst = isRead(f) && initial.get(textOf(key)) === canonical(read);
      return isFirst ? [f, key, null] : each;
    });
    return { ...event, value };
  });
  return historyOf(events);
}

/** Whether keys that `init` names are rows although nothing is done to them that only rows know. */
export function areRowsByFirstValues(history: History): boolean {
  const initial = initialOf(history);
  return initial.size > 0 && findsRows(history, initial);
}

function findsRows(history: History, initial: Initial): boolean {
  return Array.from(history.invocations(), (at) => history.operation(at))
    .filter(({ f }) => f === "txn")
    .some(({ outcome, output, input }) =>
      microOf(outcome === "ok" ? output : input).some(([f = null, key = null, value = null]) => {
        const first = initial.get(textOf(key));
        if (first === undefined) return false;
        const text = canonical(value);
        if (isWrite(f)) return text === "null" || text === first;
        claim(f !== "append" || first === "[]", () => "A list held something at first.");
        if (!isRead(f) || outcome !== "ok") return false;
        return (text === "null" || text === "[]") && text !== first;
      }),
    );
}

/** Nothing, unless the history is one of transactions that only read and write. */
function initialOf(history: History): Initial {
  const initial = new Map<string, string>();
  if (!history.functionNames.includes("init")) return initial;
  const operations = Array.from(history.invocations(), (at) => history.operation(at));
  const transactions = operations.filter(({ f }) => f === "txn");
  const areOthers = transactions.some(({ outcome, output, input }) =>
    microOf(outcome === "ok" ? output : input).some(
      ([f = null]) => !isRead(f) && !isWrite(f) && f !== "append",
    ),
  );
  const [init, ...more] = operations.filter(({ f }) => f === "init");
  if (areOthers || transactions.length === 0 || init === undefined) return initial;
  claim(
    more.length === 0 &&
      init.outcome === "ok" &&
      transactions.every(({ invocation }) => invocation > (init.completion as number)),
    () => "What was there at first was not made before all transactions.",
  );
  for (const made of [init.input, init.output ?? null]) {
    for (const [key, value] of Object.entries((made ?? {}) as { readonly [key: string]: Value })) {
      if (value === null) initial.delete(key);
      else initial.set(key, canonical(value));
    }
  }
  return initial;
}

function isRead(f: Value): boolean {
  return f === "r" || f === "read";
}

function isWrite(f: Value): boolean {
  return f === "w" || f === "write";
}

function microOf(value: Value | undefined): readonly (readonly Value[])[] {
  return Array.isArray(value) ? value.filter((each: Value) => Array.isArray(each)) : [];
}

function textOf(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}
