/**
 * A register that the last writer wins (Shapiro et al. 2011, section 3.2.1), by a Lamport clock
 * and, of equal ones, the larger name. One for each key makes a map; a deletion is a write of null.
 */
import type { Value } from "../../src/history/value.js";
import type { Crdt } from "./crdt.js";

/** Makes a register that holds null, with `put`, `delete` and `get`. */
export function createLwwRegister(options: { readonly breaksTies: boolean }): Crdt {
  let [value, stamp, by]: [Value, number, string] = [null, 0, ""];
  return {
    call: (f, argument, { slot, tick }) => {
      if (f === "get") return { value };
      if (f !== "put" && f !== "delete") return undefined;
      [value, stamp, by] = [f === "put" ? argument : null, tick(), slot];
      return { value: f === "put" ? argument : null };
    },
    state: () => [value, stamp, by],
    merge: (state) => {
      const [theirs, theirStamp, theirBy] = state as unknown as readonly [Value, number, string];
      const wins = theirStamp === stamp ? options.breaksTies && theirBy > by : theirStamp > stamp;
      if (wins) [value, stamp, by] = [theirs, theirStamp, theirBy];
    },
  };
}
