/**
 * Makes a refutation small: leaves out what the claim is not about (other parts, other values), and
 * forgets the completions of as many operations as possible while the rest still has no order.
 * Delta debugging (Zeller & Hildebrandt 2002) down to single operations; since what has no order
 * has none when more must be explained, one pass over single ones proves minimality. Each trial has
 * a bounded amount of work; an undecided one keeps its operations.
 */
import type { History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import { LimitReached, type Meter } from "../linearizable/meter.js";
import { decideOrder } from "./decide.js";
import { layOutByProcess, type Layout } from "./layout.js";

/** Work of one trial and of all. */
const TRIAL_WORK = 1 << 20;
const WHOLE_WORK = 1 << 26;

/** What a certificate says. */
export interface Reduced {
  readonly parts: readonly Value[] | undefined;
  readonly values: readonly Value[] | undefined;
  readonly required: readonly number[];
  readonly forgotten: readonly number[];
  readonly minimal: boolean;
}

/** A small counterexample among the operations that were found to contradict one another. */
export function reduce(
  layout: Layout,
  suspects: readonly number[],
  { model, meter }: { readonly model: Model; readonly meter: Meter },
): Reduced {
  const { history } = layout;
  let required = [...suspects].sort((a, b) => a - b);
  let minimal = false;
  const scope = createScope(layout, model);
  const has = (tried: readonly number[]): boolean | undefined =>
    hasOrder(scope, tried, { model, meter });
  try {
    meter.within(WHOLE_WORK, () => {
      let undecided = false;
      for (let size = required.length >>> 1; size >= 1; size >>>= 1) {
        undecided = false;
        for (let from = 0; from < required.length;) {
          const fewer = [...required.slice(0, from), ...required.slice(from + size)];
          const explained = fewer.length === 0 ? true : has(fewer);
          if (explained === false) required = fewer;
          else from += size;
          if (explained === undefined) undecided = true;
        }
      }
      minimal = !undecided;
    });
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  const { parts, values, absent } = scope.around(required);
  const kept = new Set(required);
  const forgotten = [...history.invocations()].filter(
    (one) => !kept.has(one) && !absent(one) && mayChange(history, model, one),
  );
  return { parts, values, required, forgotten, minimal };
}

function mayChange(history: History, model: Model, invocation: number): boolean {
  const operation = history.operation(invocation);
  return operation.outcome !== "fail" && model.readOnly?.(operation) !== true;
}

/** What a claim about some operations can leave out. */
interface Scope {
  readonly layout: Layout;
  around(required: readonly number[]): {
    readonly parts: readonly Value[] | undefined;
    readonly values: readonly Value[] | undefined;
    readonly absent: (invocation: number) => boolean;
  };
}

/**
 * Leaves out the parts, and the values, of no required operation; values only where each operation
 * is about one, and the model says about which.
 */
function createScope(layout: Layout, model: Model): Scope {
  const { history, invocations, partNames } = layout;
  const partOf = new Map<number, number>();
  const about = new Map<number, string | undefined>();
  let projects = model.values !== undefined && model.restrict === undefined;
  for (let operation = 0; operation < layout.count; operation++) {
    const invocation = invocations[operation] as number;
    partOf.set(invocation, layout.parts[operation] as number);
    if (!projects) continue;
    const values = model.values?.(history.operation(invocation));
    if (values === "all" || (values !== undefined && values.length !== 1)) projects = false;
    else about.set(invocation, values === undefined ? undefined : canonical(values[0] as Value));
  }
  return {
    layout,
    around: (required) => {
      const parts = new Set(required.map((one) => partOf.get(one) as number));
      const names = new Set(required.map((one) => about.get(one)));
      const projected = projects && !names.has(undefined);
      const allParts = parts.size === partNames.length;
      const values = required.flatMap((one) => model.values?.(history.operation(one)) ?? []);
      return {
        parts: allParts ? undefined : [...parts].map((part) => partNames[part] as Value),
        values: projected ? unique(values) : undefined,
        absent: (invocation) => {
          const part = partOf.get(invocation);
          // Those that failed are in no part.
          if (part === undefined || !parts.has(part)) return true;
          const value = about.get(invocation);
          return projected && (value === undefined || !names.has(value));
        },
      };
    },
  };
}

function unique(values: readonly Value[]): readonly Value[] {
  return [...new Map(values.map((value) => [canonical(value), value])).values()];
}

/** Whether these can be ordered with all others in their scope forgotten. */
function hasOrder(
  scope: Scope,
  required: readonly number[],
  { model, meter }: { readonly model: Model; readonly meter: Meter },
): boolean | undefined {
  const { absent } = scope.around(required);
  const kept = new Set(required);
  try {
    return meter.within(TRIAL_WORK, () => {
      const { history } = scope.layout;
      const layout = layOutByProcess(history, model, {
        required: (one) => kept.has(one),
        // What is not required and changed nothing need not be there.
        absent: (one) => absent(one) || (!kept.has(one) && !mayChange(history, model, one)),
      });
      return decideOrder(layout, model, meter).kind === "explained";
    });
  } catch (error) {
    if (!(error instanceof LimitReached) || error.limit === "time") throw error;
    meter.check();
    return undefined;
  }
}
