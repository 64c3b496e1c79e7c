/** The order of events, against a sort that compares. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inEventOrder } from "./event-order.js";

test("positions in the order of their events, equal ones as they are", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (events) => {
      const positions = events.map((_, at) => at);
      const sorted = positions.toSorted(
        (a, b) => (events[a] as number) - (events[b] as number) || a - b,
      );
      expect([...inEventOrder(events)]).toEqual(sorted);
    }),
    { numRuns: 1_000 },
  );
});
