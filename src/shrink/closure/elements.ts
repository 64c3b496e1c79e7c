/**
 * Objects that hold elements which have nothing to do with one another (sets, queues, stacks): an
 * order stays right when everything about some of the elements is left out of it (projection, see
 * `Model.values`). So whoever keeps an operation keeps all that changed its elements.
 */
import type { Operation } from "../../history/operation.js";
import { canonical, type Value } from "../../history/value.js";
import { mayChange, observes, type Needs, type Part } from "./part.js";

/** For models with projection. */
export function elementNeeds({ operations, model }: Part): Needs {
  const changes = changesByElement({ operations, model });
  const all = [...changes.all];
  return () =>
    function* (at) {
      const operation = operations.get(at) as Operation;
      if (operation.outcome === "fail" && !observes(operation, model)) return;
      // A removal whose result is unknown may have taken anything.
      yield* changes.ofAny;
      const about = model.values?.(operation);
      // What sees no element sees that another is not there.
      if (about === "all" || changes.isWhole || (about === undefined && observes(operation, model)))
        yield* all;
      else for (const value of about ?? []) yield* changes.of.get(canonical(value)) ?? [];
      for (const value of seenOnTheWhole(operation, model.initial()))
        yield* changes.of.get(canonical(value)) ?? [];
    };
}

interface Changes {
  readonly all: readonly number[];
  readonly of: ReadonlyMap<string, readonly number[]>;
  /** Those of which it is not known what they are about. */
  readonly ofAny: readonly number[];
  /** Whether one of them is about all elements at once. */
  readonly isWhole: boolean;
}

function changesByElement({ operations, model }: Pick<Part, "operations" | "model">): Changes {
  const all: number[] = [];
  const ofAny: number[] = [];
  const of = new Map<string, number[]>();
  let isWhole = false;
  for (const [at, operation] of operations) {
    if (!mayChange(operation, model)) continue;
    all.push(at);
    const about = model.values?.(operation);
    if (about === "all") isWhole = true;
    else if (about === undefined || (about.length === 0 && operation.outcome === "info"))
      ofAny.push(at);
    else for (const value of about) add(of, value, at);
  }
  return { all, of, ofAny, isWhole };
}

/** The elements that a read of them all shows, or does not show although they were there. */
function seenOnTheWhole({ f, outcome, output }: Operation, initial: Value): readonly Value[] {
  if (f !== "read" || outcome !== "ok" || !Array.isArray(output)) return [];
  return [...(output as readonly Value[]), ...(Array.isArray(initial) ? initial : [])];
}

/**
 * A log: a read of the whole needs the appends that it shows; what tells places (an offset, a size,
 * a slice) needs all that may have come before.
 */
export function logNeeds({ operations, realTime }: Part): Needs {
  const appends = new Map<string, number[]>();
  const all: number[] = [];
  for (const [at, { f, input, outcome }] of operations) {
    if (f !== "append" || outcome === "fail") continue;
    all.push(at);
    add(appends, input, at);
  }
  return () =>
    function* (at) {
      const { f, input, output, outcome, completion = Infinity } = operations.get(at) as Operation;
      if (outcome !== "ok") return;
      const isSlice = input !== null && typeof input === "object";
      if (f === "read" && Array.isArray(output) && !isSlice) {
        for (const entry of output as readonly Value[]) yield* appends.get(canonical(entry)) ?? [];
      } else if (f !== "append" || typeof output === "number") {
        for (const other of all) if (!realTime || other < completion) yield other;
      }
    };
}

function add(map: Map<string, number[]>, value: Value, at: number): void {
  const name = canonical(value);
  const known = map.get(name);
  if (known === undefined) map.set(name, [at]);
  else known.push(at);
}
