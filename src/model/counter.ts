/** A counter that is added to and read. The state: the number. */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import { byKey, type LookAhead, type Model, type ModelOperation } from "./model.js";

/** The options of a counter. */
export interface CounterOptions {
  /** The number at first; default 0. */
  readonly initial?: number | null;
  /**
   * What a number that an `add`, `increment` or `decrement` answers is: `"nothing"` (default; many
   * clients answer what was added), the `"new"` number, or the `"old"` one.
   */
  readonly addReturns?: "new" | "nothing" | "old";
}

const SIGNS: { readonly [f: string]: number } = { add: 1, increment: 1, decrement: -1 };

/** A counter with `add` (null: 1), `increment` and `decrement` (by the input, or 1), and `read`. */
export function counter(options: CounterOptions = {}): Model<number> {
  const { addReturns = "nothing" } = options;
  const initial: unknown = options.initial ?? 0;
  if (typeof initial !== "number") {
    throw new HarnessError("bad-argument", "model option initial is a number for a counter");
  }
  if (!["nothing", "new", "old"].includes(addReturns)) {
    throw new HarnessError(
      "bad-argument",
      `model option addReturns is "nothing", "new" or "old", not ${canonical(addReturns)}`,
    );
  }
  const suffix = addReturns === "nothing" ? "" : `-returns-${addReturns}`;
  return {
    name: "counter",
    options: { initial, addReturns },
    origin: { module: import.meta.url, factory: "counter" },
    functions: ["add", "increment", "decrement", "read"],
    initial: () => initial,
    step: (count, operation): readonly number[] => {
      const { f, output = null, outcome } = operation;
      if (f === "read") return outcome === "info" || output === count ? [count] : [];
      if (!Object.hasOwn(SIGNS, f)) return [];
      const next = count + changeBy(operation);
      if (addReturns === "nothing" || outcome !== "ok" || typeof output !== "number") return [next];
      return output === (addReturns === "new" ? next : count) ? [next] : [];
    },
    partition: byKey,
    type: {
      name: "counter",
      roles: {
        add: `add${suffix}`,
        increment: `increment${suffix}`,
        decrement: `decrement${suffix}`,
        read: "read",
      },
    },
    readOnly: ({ f }) => f === "read",
    lookAhead: lookAhead(addReturns),
  };
}

/** A number that is too large already stays too large while nothing is taken away. */
function lookAhead(addReturns: NonNullable<CounterOptions["addReturns"]>): LookAhead<number> {
  return {
    observes: ({ f, outcome, output }) =>
      outcome === "ok" &&
      (f === "read" || (addReturns !== "nothing" && typeof output === "number")),
    mayLeadTo: (count, observation) => {
      const { f, output } = observation;
      if (typeof output !== "number") return true;
      const told = f === "read" || addReturns === "old" ? count : count + changeBy(observation);
      return told <= output;
    },
    restores: (operation) => operation.f !== "read" && changeBy(operation) < 0,
    overwrites: () => false,
  };
}

function changeBy(operation: ModelOperation): number {
  return (SIGNS[operation.f] as number) * amountOf(operation);
}

function amountOf({ f, input }: ModelOperation): number {
  const amount: Value = input ?? 1;
  if (typeof amount === "number") return amount;
  throw new HarnessError("malformed-input", `${f} needs a number or null, not ${canonical(input)}`);
}
