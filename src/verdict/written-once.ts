/**
 * What was written to a key more than once: whoever reads one of these elements or values may have
 * read either, so that no dependency follows. Nor does one from a register that is null, which is
 * what is there before anybody writes it.
 */
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import { transactionsOf } from "./transactions.js";

const KNOWN = new WeakMap<History, ReadonlySet<string>>();

/**
 * Confirms that an element was not appended, nor a value written, more than once, and that it is no
 * initial value. @throws ClaimRefused
 */
export function confirmWrittenOnce(key: Value, value: Value, history: History): void {
  const twice = KNOWN.get(history) ?? writtenTwice(history);
  KNOWN.set(history, twice);
  const name = nameOf(canonical(key), value);
  claim(!twice.has(name), () => `To ${canonical(key)} ${canonical(value)} was written twice.`);
}

/** A list shows what was aborted, too; what is read of a register is not, at any level of wr. */
function writtenTwice(history: History): ReadonlySet<string> {
  const writers = new Map<string, number>();
  const twice = new Set<string>();
  for (const { operation, micro } of transactionsOf(history)) {
    for (const { f, key, value = null } of micro) {
      if (f === "r" || (f === "w" && operation.outcome === "fail")) continue;
      const name = nameOf(key, value);
      const other = writers.get(name);
      const isTwice = other !== undefined && (f === "append" || other !== operation.invocation);
      if (isTwice || (f === "w" && value === null)) twice.add(name);
      writers.set(name, operation.invocation);
    }
  }
  return twice;
}

function nameOf(key: string, value: Value): string {
  return `${key} ${canonical(value)}`;
}
