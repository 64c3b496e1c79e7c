/**
 * Which operations a part of a history cannot do without: those that others depend on.
 *
 * A read whose write is left out is wrong by itself, and would be all that is left of any history.
 * So a part is *closed*: whatever explains the whole history explains a closed part of it too, and
 * a closed part that is wrong is wrong in the whole history as well. What that takes depends on
 * what the object is:
 * - of a register, what a read may have seen (`registers.ts`);
 * - of a set, a queue and the like, all about an element or nothing (`elements.ts`);
 * - of transactions, whoever wrote what they read (`transactions.ts`);
 * - of anything else (a counter, a lock), every change.
 */
import type { History } from "../../history/history.js";
import type { Operation } from "../../history/operation.js";
import { canonical } from "../../history/value.js";
import type { Model } from "../../model/model.js";
import { elementNeeds, logNeeds } from "./elements.js";
import { mayChange, type Needs, type Operations, type Part } from "./part.js";
import { registerNeeds } from "./registers.js";
import { transactionNeeds } from "./transactions.js";

/** Adds to a set of operations (their invocations) what they cannot do without; ascending. */
export type Closure = (chosen: readonly number[]) => readonly number[];

/** What a closure goes by. */
export interface Meaning {
  /** What operations mean; without one they are transactions, or go by the values in them. */
  readonly model?: Model | undefined;
  /**
   * Whether an operation that ended before another began comes before it in every order that would
   * explain the history, as for linearizability.
   */
  readonly realTime: boolean;
}

/** The closure for the operations of a history. */
export function closureOf(history: History, { model, realTime }: Meaning): Closure {
  const operations = new Map(
    Array.from(history.invocations(), (index) => [index, history.operation(index)] as const),
  );
  const parts =
    model === undefined
      ? [{ operations, needs: transactionNeeds(operations) }]
      : partsOf(operations, model).map((each) => {
          return { operations: each, needs: needsOf({ operations: each, model, realTime }) };
        });
  return (chosen) => parts.flatMap((part) => closed(part, chosen)).toSorted((a, b) => a - b);
}

function closed(
  { operations, needs }: { readonly operations: Operations; readonly needs: Needs },
  chosen: readonly number[],
): readonly number[] {
  const open = chosen.filter((at) => operations.has(at));
  const kept = new Set(open);
  const needed = needs(open);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const other of needed(at)) {
      if (kept.has(other)) continue;
      kept.add(other);
      open.push(other);
    }
  }
  return [...kept];
}

/** The operations of each independent part; all of them where one is about several parts. */
function partsOf(operations: Operations, model: Model): readonly Operations[] {
  const parts = new Map<string, Map<number, Operation>>();
  for (const [at, operation] of operations) {
    const part = model.partition?.(operation);
    if (part === undefined) return [operations];
    const name = canonical(part);
    const known = parts.get(name);
    if (known === undefined) parts.set(name, new Map([[at, operation]]));
    else known.set(at, operation);
  }
  return [...parts.values()];
}

function needsOf(part: Part): Needs {
  const { name, type } = part.model;
  const isOfTransactions = [...part.operations.values()].every(({ f }) => f === "txn");
  if (name === "multi-register" && isOfTransactions) return transactionNeeds(part.operations);
  if (type?.name === "log") return logNeeds(part);
  if (type?.name === "register") return registerNeeds(part);
  return part.model.values === undefined ? changesBefore(part) : elementNeeds(part);
}

/** Every change that may have come before. */
function changesBefore({ operations, model, realTime }: Part): Needs {
  const changes = [...operations.keys()].filter((at) =>
    mayChange(operations.get(at) as Operation, model),
  );
  return () =>
    function* (at) {
      const { outcome, completion = Infinity } = operations.get(at) as Operation;
      // One that need not have happened explains itself.
      if (outcome === "info") return;
      for (const other of changes) {
        if (realTime && other > completion) return;
        yield other;
      }
    };
}
