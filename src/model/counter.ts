/** A counter that is added to and read. The state: the number. */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import { byKey, type Model, type ModelOperation } from "./model.js";

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
      const sign = Object.hasOwn(SIGNS, f) ? SIGNS[f] : undefined;
      if (sign === undefined) return [];
      const next = count + sign * amountOf(operation);
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
  };
}

function amountOf({ f, input }: ModelOperation): number {
  const amount: Value = input ?? 1;
  if (typeof amount === "number") return amount;
  throw new HarnessError("malformed-input", `${f} needs a number or null, not ${canonical(input)}`);
}
