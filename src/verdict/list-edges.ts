/**
 * What micro-operations on lists say of who precedes whom: who read a list without an element that
 * a transaction committed read a version before it; and of two elements, the one that a read shows
 * first, or shows alone, was appended first.
 */
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { ListEdge } from "./isolation-certificate.js";
import { elementsOf, transactionAt, type Micro, type Transaction } from "./transactions.js";
import { happened } from "./verify-register-order.js";
import { confirmWrittenOnce } from "./written-once.js";

/** Whether it read a version without the element; of an update, before it wrote the key itself. */
export function lacks(
  { micro, operation }: Transaction,
  edge: Extract<ListEdge, { readonly by: "rw" | "update" }>,
): boolean {
  if (operation.outcome !== "ok") return false;
  const key = canonical(edge.key);
  const next = canonical(edge.next);
  return micro.some((each, at) => {
    if (each.f !== "r" || each.key !== key || elementsOf(each).includes(next)) return false;
    if (edge.by === "rw") return true;
    const isFirst = !micro.slice(0, at).some(({ f, key: of }) => f === "append" && of === key);
    return isFirst && micro.slice(at + 1).some(({ f, key: of }) => f === "append" && of === key);
  });
}

export function confirmOverwrite(
  edge: Extract<ListEdge, { readonly by: "ww" }>,
  from: Transaction,
  { to, history }: { readonly to: Transaction; readonly history: History },
): void {
  const about = `${edge.from} → ${edge.to}`;
  for (const element of [edge.value, edge.next]) {
    confirmWrittenOnce(edge.key, element, history);
  }
  claim(wrote(from, edge.key, edge.value), () => `${about}: the one did not write this.`);
  claim(wrote(to, edge.key, edge.next), () => `${about}: the other did not write this.`);
  const first = canonical(edge.value);
  const second = canonical(edge.next);
  const isShown = readsOf(transactionAt(history, edge.seenBy), edge.key).some((list) => {
    const place = list.indexOf(first);
    const after = list.indexOf(second);
    if (place < 0) return false;
    return after < 0 ? happened(to, edge.toSeenBy, history) : after > place;
  });
  claim(isShown, () => `${about}: operation ${edge.seenBy} does not show this order.`);
}

/** Whether a transaction that did not fail appended an element. */
export function wrote({ micro, operation }: Transaction, key: Value, value: Value): boolean {
  if (operation.outcome === "fail") return false;
  const text = canonical(key);
  const element = canonical(value);
  return micro.some(
    (each) =>
      each.f !== "r" &&
      each.key === text &&
      each.value !== undefined &&
      canonical(each.value) === element,
  );
}

/**
 * Whether a transaction read this value of a register, or a list that ends with it, but for what it
 * appended itself before.
 */
export function readsLast({ micro, operation }: Transaction, key: Value, value: Value): boolean {
  return operation.outcome === "ok" && micro.some((_, at) => readsLastBy(at, micro, [key, value]));
}

/** Whether it does so by this micro-operation. */
export function readsLastBy(
  at: number,
  micro: readonly Micro[],
  [key, value]: readonly [key: Value, value: Value],
): boolean {
  const text = canonical(value);
  const name = canonical(key);
  const each = micro[at];
  if (each?.f !== "r" || each.key !== name || each.value === undefined) return false;
  if (canonical(each.value) === text) return true;
  const own = ownBefore(at, micro);
  return elementsOf(each).findLast((element) => element === text || !own.has(element)) === text;
}

/** What a transaction had appended to the key of a micro-operation before it. */
export function ownBefore(at: number, micro: readonly Micro[]): ReadonlySet<string> {
  const name = micro[at]?.key;
  const own = micro.slice(0, at).filter(({ f, key }) => f === "append" && key === name);
  return new Set(own.map(({ value }) => canonical(value ?? null)));
}

/** The lists that a transaction read of a key. */
function readsOf({ micro, operation }: Transaction, key: Value): readonly (readonly string[])[] {
  if (operation.outcome !== "ok") return [];
  const text = canonical(key);
  return micro.filter((each) => each.f === "r" && each.key === text).map(elementsOf);
}
