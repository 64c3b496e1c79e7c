/**
 * Session guarantees of any object by their definitions, tried out: every order of updates, and
 * everything that each operation may see (Viotti & Vukolić 2016, section 3.3). For about six
 * operations.
 */
import type { History } from "../../src/history/history.js";
import type { Operation } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import type { Guarantee } from "./visibility.js";

/** One object with all its keys. */
export interface WholeObject {
  readonly initial: Value;
  step(state: Value, operation: Operation): readonly Value[];
  isUpdate(operation: Operation): boolean;
}

/** The object of a model whose parts, if it has any, are keys. */
export function wholeObject(model: Model): WholeObject {
  type States = { readonly [key: string]: Value };
  return {
    initial: {},
    step: (state, operation) => {
      const key = canonical(model.partition === undefined ? null : (operation.key ?? null));
      const states = state as States;
      const own = states[key] ?? model.initial();
      return model.step(own, operation).map((next) => Object.assign({}, states, { [key]: next }));
    },
    isUpdate: (operation) => model.readOnly?.(operation) !== true,
  };
}

/** Whether guarantees hold together, for some choice of the indeterminate operations. */
export function keepsAll(
  history: History,
  object: WholeObject,
  guarantees: readonly Guarantee[],
): boolean {
  const all = [...history.invocations()]
    .map((invocation) => history.operation(invocation))
    .filter((each) => each.outcome === "ok" || (each.outcome === "info" && object.isUpdate(each)));
  const precedes = (one: Operation, other: Operation): boolean =>
    one.outcome === "ok" && one.process === other.process && one.invocation < other.invocation;
  const has = (guarantee: Guarantee): boolean => guarantees.includes(guarantee);
  const updates = all.filter((each) => object.isUpdate(each));
  const processes = [...new Set(all.map(({ process }) => process))];
  /** What operations see → whether that explains them: orders have much of it in common. */
  const explained = new Map<string, boolean>();
  return ordersOf(updates).some((order) => {
    const place = new Map(order.map((each, at) => [each, at]));
    const before = (one: Operation, other: Operation): boolean =>
      (place.get(one) as number) < (place.get(other) as number);
    if (has("monotonic-writes")) {
      for (const one of order) {
        if (order.some((other) => precedes(one, other) && !before(one, other))) return false;
      }
    }
    /** What an operation sees, of what its session saw before it. */
    const choose = (
      [reader, ...rest]: readonly Operation[],
      seen: ReadonlyMap<Operation, readonly Operation[]>,
    ): boolean => {
      if (reader === undefined) return true;
      for (let mask = 0; mask < 1 << order.length; mask++) {
        const sees = order.filter((_, bit) => (mask & (1 << bit)) !== 0);
        if (!isRight(reader, sees, seen)) continue;
        if (choose(rest, new Map([...seen, [reader, sees]]))) return true;
      }
      return false;
    };
    const isRight = (
      reader: Operation,
      sees: readonly Operation[],
      seen: ReadonlyMap<Operation, readonly Operation[]>,
    ): boolean => {
      if (sees.includes(reader)) return false;
      if (has("read-your-writes")) {
        if (updates.some((one) => precedes(one, reader) && !sees.includes(one))) return false;
      }
      if (has("monotonic-reads")) {
        for (const [other, its] of seen) {
          if (!precedes(other, reader)) continue;
          if (its.some((one) => one !== reader && !sees.includes(one))) return false;
        }
      }
      if (has("writes-follow-reads")) {
        const later = updates.filter((one) => one === reader || precedes(reader, one));
        if (sees.some((one) => later.some((other) => !before(one, other)))) return false;
      }
      const name = `${sees.map(({ invocation }) => invocation).join()} ${reader.invocation}`;
      const known = explained.get(name);
      if (known !== undefined) return known;
      const isExplained = explains(object, sees, reader);
      explained.set(name, isExplained);
      return isExplained;
    };
    // In one order, what one process sees says nothing of another.
    return processes.every((process) => {
      const own = all.filter((each) => each.process === process && each.outcome === "ok");
      return choose(own, new Map());
    });
  });
}

/** Whether an operation has its result right after what it sees, whatever that returned. */
function explains(object: WholeObject, sees: readonly Operation[], reader: Operation): boolean {
  let states: readonly Value[] = [object.initial];
  for (const one of sees) {
    const { output: _, ...asked } = one;
    const step = { ...asked, outcome: "info" } as Operation;
    states = states.flatMap((state) => object.step(state, step));
  }
  return states.some((state) => object.step(state, reader).length > 0);
}

function ordersOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) =>
    ordersOf(items.toSpliced(at, 1)).map((rest) => [first].concat(rest)),
  );
}
