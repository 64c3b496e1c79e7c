/**
 * What bounds show of operations on a counter that are said to contradict one another, where a
 * search would try subset after subset of what may have been added.
 *
 * Two of them, a returned before b was called, say what the number was after a and before b (or
 * only b does: then it begins with the initial number). What was added between is
 *
 * - at least all positive amounts of required operations that were called after a returned and
 *   returned before b was called, and all negative ones that may have come between;
 * - at most it the other way round.
 *
 * What may have come between was called before b returned and, if it is required, returned after a
 * was called; what is forgotten may come as late as it likes. If the difference is not within these
 * bounds, no order explains both. Numbers are whole and sums exact, else bounds say nothing. That
 * the model is a counter, as its `type` says, is for the model's own tests.
 */
import type { Operation } from "../history/operation.js";
import type { Value } from "../history/value.js";
import type { Model } from "../model/model.js";

/** What is asked about, see verify-refutation.ts. */
export interface BoundsQuestion {
  readonly model: Model;
  readonly required: readonly Operation[];
  readonly forgotten: readonly Operation[];
  readonly omitted: readonly Operation[];
}

/** With more required operations the search is asked. */
const REQUIRED_MAX = 64;

/** Whether bounds show that there is no order; false says nothing. */
export function isOutOfBounds({ model, required, forgotten, omitted }: BoundsQuestion): boolean {
  const initial: Value = model.initial();
  if (model.type?.name !== "counter" || required.length > REQUIRED_MAX) return false;
  const { roles } = model.type;
  const calls = [
    ...required.map((operation) => readCall(operation, roles, operation.completion ?? Infinity)),
    ...forgotten.map((operation) => readCall({ ...operation, output: undefined }, roles, Infinity)),
  ];
  if (omitted.some((operation) => readCall(operation, roles, Infinity)?.amount !== 0)) return false;
  const all = calls.filter((call) => call !== undefined);
  if (all.length < calls.length || required.some(({ outcome }) => outcome !== "ok")) return false;
  const reach = all.reduce((sum, { amount }) => sum + Math.abs(amount), 0);
  if (!isWhole(initial) || Math.abs(initial) + reach > Number.MAX_SAFE_INTEGER / 4) return false;
  const telling = all.slice(0, required.length).filter(({ before }) => before !== undefined);
  const begin: Call = { begins: -1, ends: -1, amount: 0, before: initial };
  return [begin, ...telling].some((a) =>
    telling.some((b) => a !== b && a.ends < b.begins && contradict(a, b, all)),
  );
}

/** An operation as an amount, open between two events. */
interface Call {
  readonly begins: number;
  /** Infinity for what is forgotten. */
  readonly ends: number;
  readonly amount: number;
  /** The number before it, where it says so. */
  readonly before: number | undefined;
}

function contradict(a: Call, b: Call, all: readonly Call[]): boolean {
  const difference = (b.before as number) - ((a.before as number) + a.amount);
  let least = 0;
  let most = 0;
  for (const call of all) {
    if (call === a || call === b || call.begins > b.ends || call.ends < a.begins) continue;
    const must = call.begins > a.ends && call.ends < b.begins;
    if (must || call.amount < 0) least += call.amount;
    if (must || call.amount > 0) most += call.amount;
  }
  return difference < least || difference > most;
}

/** Undefined for what is no whole number, or nothing that a counter does. */
function readCall(
  { f, input, output, invocation }: Operation,
  roles: { readonly [f: string]: string },
  ends: number,
): Call | undefined {
  const role = Object.hasOwn(roles, f) ? (roles[f] as string) : "";
  const [kind = "", ...told] = role.split("-");
  if (kind === "read") {
    if (output !== undefined && !isWhole(output)) return undefined;
    return { begins: invocation, ends, amount: 0, before: output };
  }
  const size = input ?? 1;
  if (!["add", "increment", "decrement"].includes(kind) || !isWhole(size)) return undefined;
  const amount = kind === "decrement" ? -size : size;
  const returns = told.join("-");
  const says = returns === "returns-new" || returns === "returns-old";
  if (!says || typeof output !== "number") {
    return { begins: invocation, ends, amount, before: undefined };
  }
  if (!isWhole(output)) return undefined;
  const before = returns === "returns-new" ? output - amount : output;
  return { begins: invocation, ends, amount, before };
}

function isWhole(value: Value | undefined): value is number {
  return Number.isSafeInteger(value);
}
