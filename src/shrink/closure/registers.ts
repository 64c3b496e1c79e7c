/**
 * Registers: what saw a value keeps every write that it may have seen, which are those that put
 * this value there, unless a write that is kept lies between the two.
 *
 * Why that is enough: take an order that explains the whole history, and leave out of it what is
 * not kept. A read still follows the write that it saw. For had that write been left out, a write
 * that is kept would lie between them in time, hence in the order, and the read would not have seen
 * it.
 */
import type { Operation } from "../../history/operation.js";
import { canonical, type Value } from "../../history/value.js";
import { casArguments } from "../../model/register-rules.js";
import { mayChange, observes, type Needs, type Part } from "./part.js";

/** For models of the type `register`; O(log n) for each operation, and what it needs. */
export function registerNeeds(part: Part): Needs {
  const { operations, model, realTime } = part;
  const puts = [...operations.keys()].filter((at) =>
    mayChange(operations.get(at) as Operation, model),
  );
  const all = inOrder(puts, part);
  const byValue = new Map<string, number[]>();
  let isBlended = false;
  for (const at of puts) {
    const value = putBy(operations.get(at) as Operation, part);
    if (value === undefined) isBlended = true;
    else {
      const name = canonical(value);
      const known = byValue.get(name);
      if (known === undefined) byValue.set(name, [at]);
      else known.push(at);
    }
  }
  const ordered = new Map([...byValue].map(([name, list]) => [name, inOrder(list, part)]));
  const none = inOrder([], part);
  return (chosen) => {
    const lastBefore = separators(chosen, part);
    return function* (at) {
      const operation = operations.get(at) as Operation;
      const seen = seenBy(operation, part);
      if (seen === undefined) return;
      // Texts that were appended to show what was there before.
      const sources = isBlended || seen === "others" ? all : (ordered.get(seen.name) ?? none);
      const { completion = Infinity } = operation;
      yield* realTime ? sources.between(lastBefore(at), completion) : sources.list;
      // One at least, or it would seem to come from nowhere.
      const one = sources.lastBefore(completion) ?? sources.list[0];
      if (one !== undefined) yield one;
    };
  };
}

/** Writes in the order in which they began. */
interface Ordered {
  readonly list: readonly number[];
  /** Those that ended after the one moment and began before the other. */
  between(after: number, before: number): Iterable<number>;
  lastBefore(before: number): number | undefined;
}

function inOrder(list: readonly number[], { operations }: Part): Ordered {
  /** When the last of those up to here ended. */
  const ended: number[] = [];
  const endOf = (at: number): number => operations.get(at)?.completion ?? Infinity;
  for (const at of list) ended.push(Math.max(ended.at(-1) ?? -1, endOf(at)));
  const lastPlace = (before: number): number => {
    let low = 0;
    for (let high = list.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((list[middle] as number) < before) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  return {
    list,
    *between(after, before) {
      for (let place = lastPlace(before); place >= 0; place--) {
        if ((ended[place] as number) < after) return;
        const at = list[place] as number;
        if (endOf(at) > after) yield at;
      }
    },
    lastBefore: (before) => list[lastPlace(before)],
  };
}

/** For an operation: when the last write among the chosen began that certainly came before it. */
function separators(
  chosen: readonly number[],
  { operations, model }: Part,
): (at: number) => number {
  const writes = chosen
    .map((at) => operations.get(at) as Operation)
    .filter((operation) => operation.outcome === "ok" && mayChange(operation, model))
    .filter(({ f }) => Object.hasOwn(model.type?.roles ?? {}, f))
    .toSorted((a, b) => (a.completion as number) - (b.completion as number));
  const began: number[] = [];
  for (const { invocation } of writes) began.push(Math.max(began.at(-1) ?? -1, invocation));
  return (at) => {
    let low = 0;
    for (let high = writes.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((writes[middle]?.completion as number) < at) low = middle + 1;
      else high = middle;
    }
    return began[low - 1] ?? -1;
  };
}

/** The value that a change puts there; undefined when it depends on what was there. */
function putBy(operation: Operation, { model }: Part): Value | undefined {
  const { f, input } = operation;
  const role = model.type?.roles[f];
  if (role === "write") return input;
  if (role === "cas") return casArguments(operation)[1];
  const about = model.values?.(operation);
  return about === "all" || about?.length !== 1 ? undefined : about[0];
}

/** The value that an operation has seen, or that it saw another; undefined for neither. */
function seenBy(
  operation: Operation,
  { model }: Part,
): { readonly name: string } | "others" | undefined {
  const role = model.type?.roles[operation.f];
  // It may have swapped all the same, and others may have seen it.
  if (role === "cas" && operation.outcome === "info") return expectedBy(operation);
  if (!observes(operation, model)) return undefined;
  if (role === "read") {
    const isUnknown =
      model.options["nilReads"] === "unknown" && (operation.output ?? null) === null;
    return isUnknown ? undefined : { name: canonical(operation.output ?? null) };
  }
  if (role !== "cas") return undefined;
  const didSwap = operation.outcome === "ok" && operation.output !== false;
  return didSwap ? expectedBy(operation) : "others";
}

function expectedBy(operation: Operation): { readonly name: string } {
  return { name: canonical(casArguments(operation)[0]) };
}
