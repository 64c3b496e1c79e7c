/**
 * Elements that were appended to a list more than once: whoever reads one of them may have read
 * either, so that no dependency follows.
 */
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import { transactionsOf } from "./transactions.js";

const KNOWN = new WeakMap<History, ReadonlySet<string>>();

/** Confirms that an element was not appended more than once. @throws ClaimRefused */
export function confirmAppendedOnce(key: Value, element: Value, history: History): void {
  const twice = KNOWN.get(history) ?? appendedTwice(history);
  KNOWN.set(history, twice);
  const name = nameOf(canonical(key), element);
  claim(!twice.has(name), () => `Of ${canonical(key)} ${canonical(element)} was appended twice.`);
}

function appendedTwice(history: History): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { micro } of transactionsOf(history)) {
    for (const { f, key, value = null } of micro) {
      if (f !== "append") continue;
      const name = nameOf(key, value);
      if (once.has(name)) twice.add(name);
      once.add(name);
    }
  }
  return twice;
}

function nameOf(key: string, element: Value): string {
  return `${key} ${canonical(element)}`;
}
