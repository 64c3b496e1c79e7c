/**
 * A counter that goes up and down: each node counts its own additions and subtractions, which only
 * grow; the merge is the larger of each (Shapiro et al. 2011, section 3.1.3).
 */
import type { Crdt } from "./crdt.js";

/** The bug of merging by sums doubles at each merge; up to here a checker can read it. */
const READABLE = 1e9;

type Counts = readonly [up: number, down: number];

/** Makes a counter at 0 with `add` (of an amount, also a negative one) and `read`. */
export function createPnCounter(options: { readonly merges: "max" | "sum" }): Crdt {
  const slots = new Map<string, Counts>();
  const join = (a: number, b: number): number =>
    options.merges === "max" ? Math.max(a, b) : Math.min(a + b, READABLE);
  return {
    call: (f, argument, { slot, variant }) => {
      if (f === "read") {
        return { value: [...slots.values()].reduce((sum, [up, down]) => sum + up - down, 0) };
      }
      if (f !== "add") return undefined;
      const name = variant === "counter-in-one-slot" ? "all" : slot;
      const [up, down] = slots.get(name) ?? [0, 0];
      const amount = Number(argument);
      slots.set(name, amount >= 0 ? [up + amount, down] : [up, down - amount]);
      return { value: null };
    },
    state: () => [...slots],
    merge: (state) => {
      for (const [slot, [up, down]] of state as unknown as readonly [string, Counts][]) {
        const [ownUp, ownDown] = slots.get(slot) ?? [0, 0];
        slots.set(slot, [join(ownUp, up), join(ownDown, down)]);
      }
    },
  };
}
