import { expect, test } from "vitest";
import * as fc from "fast-check";
import { createEventQueue, type SimulatedEvent } from "./event-queue.js";
import { createScope } from "./scope.js";

const scopes = ["a", "b"].map((name) => createScope(name, () => {}));

test("events come in the order of time, then of scheduling; cancelled and discarded ones never", () => {
  const step = fc.oneof(
    fc.record({ push: fc.nat({ max: 5 }), scope: fc.nat({ max: 1 }) }),
    fc.record({ cancel: fc.nat() }),
    fc.record({ discard: fc.nat({ max: 1 }) }),
    fc.constant("pop" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = createEventQueue();
      const all: SimulatedEvent[] = [];
      let waiting: SimulatedEvent[] = [];
      for (const next of steps) {
        if (next === "pop") {
          waiting.sort((x, y) => x.timeNs - y.timeNs || x.sequence - y.sequence);
          expect(queue.pop()).toBe(waiting.shift());
        } else if ("push" in next) {
          const scope = scopes[next.scope] as (typeof scopes)[number];
          const sequence = all.length;
          const event = {
            timeNs: next.push,
            sequence,
            scope,
            action: () => {},
            queued: false,
            about: undefined,
          };
          all.push(event);
          waiting.push(event);
          queue.push(event);
        } else if ("cancel" in next) {
          const event = all[next.cancel % (all.length || 1)];
          if (event === undefined) continue;
          queue.cancel(event);
          waiting = waiting.filter((other) => other !== event);
        } else {
          const scope = scopes[next.discard] as (typeof scopes)[number];
          queue.discard(scope);
          waiting = waiting.filter((event) => event.scope !== scope);
        }
        expect(queue.size).toBe(waiting.length);
      }
    }),
  );
});

test("a cancelled event lets go of its action at once", () => {
  const queue = createEventQueue();
  const scope = scopes[0] as (typeof scopes)[number];
  for (let sequence = 0; sequence < 2_000; sequence++) {
    const event: SimulatedEvent = {
      timeNs: 1,
      sequence,
      scope,
      action: () => {},
      queued: false,
      about: undefined,
    };
    queue.push(event);
    queue.cancel(event);
    expect(event.action).toBeUndefined();
  }
  expect(queue.size).toBe(0);
  expect(queue.pop()).toBeUndefined();
});
