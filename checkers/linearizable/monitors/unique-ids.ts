/**
 * Sources of unique ids: linearizable exactly when no two completed calls returned the same id, for
 * ids that differ are right in every order. O(n).
 *
 * An indeterminate call got an id that nobody knows, which may be any other one; it is left out. A
 * call that returned null may have meant that it knows none: unsuitable.
 */
import { FAIL, INFO, NONE } from "../../../src/history/history.js";
import type { Monitor, MonitorAnswer, MonitorQuestion } from "./monitor.js";
import { PositionNumbering } from "./numbering.js";

/** Decides sources of unique ids. */
export const uniqueIds: Monitor = {
  name: "unique-ids",
  type: "unique-ids",
  roles: ["generate"],
  // What an indeterminate call got is in no part with what is known.
  partOf: ({ outputs }, call) => outputs[call] as number,
  decide,
};

/** Bytes of the tables here, an operation. */
const BYTES_PER_CALL = 4 * 6;

function decide({ calls, model, meter }: MonitorQuestion): MonitorAnswer {
  const { count, outcomes, outputs, pool } = calls;
  meter.reserve(BYTES_PER_CALL * count);
  meter.spend(count);
  const numbers = new PositionNumbering(pool.length, count);
  const first = new Int32Array(count).fill(NONE);
  const order = new Int32Array(count);
  let length = 0;
  for (let call = 0; call < count; call++) {
    if (outcomes[call] === INFO) continue;
    if (outcomes[call] === FAIL) {
      return { kind: "unsuitable", reason: "a failed operation counts as an observation" };
    }
    const position = outputs[call] as number;
    if (pool[position] === null) return { kind: "unsuitable", reason: "an id is null" };
    const id = numbers.numberOf(position);
    const other = first[id] as number;
    if (other !== NONE) {
      const answer = { kind: "not-linearizable", calls: [other, call] } as const;
      return model.values === undefined ? answer : { ...answer, values: [position] };
    }
    first[id] = call;
    order[length++] = call;
  }
  return { kind: "linearizable", order: order.subarray(0, length) };
}
