/**
 * Why no order explains a counterexample, for people: each order that real time allows up to the
 * operation that is impossible there, as the checker found them (`details.excluded` of an anomaly).
 */
import { INVOKE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { anomaliesOf } from "./counterexample.js";
import { createLabeller, formatValue } from "./operation-label.js";

/** An order and its end; operations as labels. */
export interface ExcludedOrder {
  readonly after: readonly string[];
  readonly refused: string;
  /** What the state was, in words: `2`, `1, 2 or 3`, `1, 2 or 14 others`. */
  readonly states: string;
}

/** All that is known of them. */
export interface ExcludedOrders {
  readonly orders: readonly ExcludedOrder[];
  /** Pairs of operations of which the first returned before the second was called. */
  readonly realTime: readonly (readonly [string, string])[];
  /** Whether these are all orders. */
  readonly complete: boolean;
}

const STATES_MAX = 4;
const STATE_LENGTH_MAX = 40;

/** The excluded orders of the gravest anomaly; undefined when its checker tells none. */
export function excludedOrdersOf(verdict: Verdict, history: History): ExcludedOrders | undefined {
  const told = fields(anomaliesOf(verdict)[0]?.details?.["excluded"]);
  const orders = list(told["orders"]).map(fields);
  if (orders.length === 0) return undefined;
  const { label } = createLabeller(history);
  const keys = new Set(history.keys.filter((_, index) => history.types[index] === INVOKE));
  const labelOf = (invocation: Value): string =>
    label(Number(invocation), { withKey: keys.size > 1 });
  return {
    orders: orders.map(({ after, refused, states, stateCount }) => ({
      after: list(after).map(labelOf),
      refused: labelOf(refused ?? -1),
      states: statesInWords(list(states), Number(stateCount ?? 0)),
    })),
    realTime: list(told["realTime"]).flatMap((pair) => {
      const [one, other] = list(pair).map(labelOf);
      return one === undefined || other === undefined ? [] : [[one, other] as const];
    }),
    complete: told["complete"] === true,
  };
}

/** `after write 1, then write 2: read → 1 is impossible, for the state is 2`. */
export function orderInWords({ after, refused, states }: ExcludedOrder): string {
  const start = after.length === 0 ? "" : `after ${after.join(", then ")}: `;
  return `${start}${refused} is impossible, for the state is ${states}`;
}

function statesInWords(states: readonly Value[], count: number): string {
  const shown = states.slice(0, STATES_MAX).map((state) => formatValue(state, STATE_LENGTH_MAX));
  const more = Math.max(count, states.length) - shown.length;
  if (more > 0) return `${shown.join(", ")} or ${more === 1 ? "another" : `one of ${more} others`}`;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

function fields(value: Value | undefined): { readonly [name: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Value })
    : {};
}

function list(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}
