/**
 * A linearizable history is sequentially consistent, and linearizability is decided key by key: for
 * most systems that is the fastest way to an order of everything.
 *
 * The orders of the parts are merged by instants. In a part's order each operation gets the latest
 * invocation of itself and of those before it: that is no later than its completion, since none
 * after it in the order completed before one of those was invoked. So every instant lies while its
 * operation is open, and an order by instants respects real time over all parts, of which the order
 * of each process is a part. Equal instants are in one part, for each is an invocation there.
 */
import type { History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type { Meter } from "../linearizable/meter.js";
import { splitIntoParts } from "../linearizable/parts.js";
import { Rounds } from "../linearizable/rounds.js";

/** Parts that need more work in a round than this are not worth it. */
const WORK_MAX = 1 << 26;

/** What linearizability says, in invocations. */
export type Linearized =
  | { readonly kind: "order"; readonly order: readonly number[] }
  /** Few operations that no order explains in real time. */
  | { readonly kind: "none"; readonly contradictory: readonly number[] };

/** An order of effect, or that there is none; undefined when neither is seen. */
export function linearize(history: History, model: Model, meter: Meter): Linearized | undefined {
  const { parts } = splitIntoParts(history, model);
  const progress = { levelMax: 0, configurationsMax: 0 };
  const rounds = new Rounds({ history, model, parts, meter, progress });
  rounds.run(WORK_MAX);
  if (rounds.invalid !== undefined) {
    return { kind: "none", contradictory: rounds.invalid.certificate.required };
  }
  const bytes = 8 * history.length;
  meter.reserve(bytes);
  /** Instant → the first and the last operation there; operation → the next at its instant. */
  const first = new Int32Array(history.length).fill(-1);
  const next = new Int32Array(history.length).fill(-1);
  for (const answer of rounds.answers) {
    if (answer?.verdict !== "valid") return undefined;
    let instant = -1;
    let previous = -1;
    for (const invocation of answer.order) {
      if (invocation > instant) {
        instant = invocation;
        first[instant] = invocation;
      } else next[previous] = invocation;
      previous = invocation;
    }
  }
  const order: number[] = [];
  for (let instant = 0; instant < history.length; instant++) {
    for (let one = first[instant] as number; one !== -1; one = next[one] as number) order.push(one);
  }
  meter.release(bytes);
  return { kind: "order", order };
}
