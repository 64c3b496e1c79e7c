/**
 * Registers as lists: where an order of commits is given as the order of versions, every write
 * appends, and a read of a version is one of a list that ends with it. So what is confirmed of
 * lists is confirmed of registers too.
 */
import { canonical, type Value } from "../history/value.js";
import { claim, VerificationUndecided } from "./claims.js";
import type { Micro, Transaction } from "./transactions.js";

/** More elements than these, of all reads together, are not written down. */
const ELEMENTS_MAX = 10_000_000;

/** The same transactions, in their order, on lists. @throws ClaimRefused */
export function registersAsLists(transactions: readonly Transaction[]): readonly Transaction[] {
  const versions = new Map<string, Value[]>();
  /** Key and value → place among the versions of the key. */
  const places = new Map<string, number>();
  for (const { micro } of transactions) {
    for (const { f, key, value = null } of micro) {
      if (f !== "w") continue;
      const own = versions.get(key) ?? [];
      versions.set(key, own);
      const name = `${key} ${canonical(value)}`;
      claim(!places.has(name), () => `The value ${canonical(value)} of ${key} was written twice.`);
      places.set(name, own.push(value) - 1);
    }
  }
  let elements = 0;
  const asList = (each: Micro): Micro => {
    const { f, key, value } = each;
    if (f === "w") return { ...each, f: "append" };
    const own = versions.get(key);
    if (f !== "r" || value === undefined || (own === undefined && value === null)) return each;
    const place = value === null ? -1 : places.get(`${key} ${canonical(value)}`);
    if (own === undefined && Array.isArray(value)) return each;
    claim(place !== undefined, () => `Nobody wrote the value ${canonical(value)} of ${key}.`);
    elements += place + 1;
    if (elements > ELEMENTS_MAX) {
      throw new VerificationUndecided("Too much was read of keys that were written very often.");
    }
    return { f, key, value: (own ?? []).slice(0, place + 1) };
  };
  return transactions.map(({ operation, micro }) => ({
    operation,
    micro: micro.map((each) => asList(each)),
  }));
}
