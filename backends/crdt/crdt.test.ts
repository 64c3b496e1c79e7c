/** The laws of merges, on random replicas: order, lateness and repetition do not matter. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, type Value } from "../../src/history/value.js";
import type { Crdt } from "./crdt.js";
import { createGrowSet } from "./grow-set.js";
import { createLwwRegister } from "./lww-register.js";
import { createOrSet } from "./or-set.js";
import { createPnCounter } from "./pn-counter.js";

const REPLICAS = 3;

type Step =
  | { readonly kind: "call"; readonly at: number; readonly f: string; readonly argument: number }
  | { readonly kind: "merge"; readonly at: number; readonly from: number };

const steps = (functions: readonly string[]): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant("call" as const),
        at: fc.nat(REPLICAS - 1),
        f: fc.constantFrom(...functions),
        argument: fc.integer({ min: -3, max: 3 }),
      }),
      fc.record({
        kind: fc.constant("merge" as const),
        at: fc.nat(REPLICAS - 1),
        from: fc.nat(REPLICAS - 1),
      }),
    ),
  );

/** Runs the steps; gives the replicas. */
function replay(make: () => Crdt, run: readonly Step[]): readonly Crdt[] {
  const replicas = Array.from({ length: REPLICAS }, make);
  let ticks = 0;
  for (const step of run) {
    const replica = replicas[step.at] as Crdt;
    if (step.kind === "merge") replica.merge((replicas[step.from] as Crdt).state());
    else {
      const caller = { slot: `n${step.at}`, tick: () => ++ticks, variant: null };
      replica.call(step.f, step.argument, caller);
    }
  }
  return replicas;
}

/** What a replica shows, without an order where it has none. */
function shown(replica: Crdt, read: string): string {
  const caller = { slot: "reader", tick: () => 0, variant: null };
  const value = replica.call(read, null, caller)?.value ?? null;
  if (!Array.isArray(value)) return canonical(value);
  return canonical((value as readonly Value[]).map((each) => canonical(each)).toSorted());
}

describe.each([
  ["grow-set", createGrowSet, ["add"], "read"],
  ["or-set", createOrSet, ["add", "remove"], "read"],
  ["pn-counter", () => createPnCounter({ merges: "max" }), ["add"], "read"],
  ["lww-register", () => createLwwRegister({ breaksTies: true }), ["put", "delete"], "get"],
] as const)("%s", (_, make, functions, read) => {
  test("replicas that have heard of each other show the same, in whatever order they did", () => {
    fc.assert(
      fc.property(
        steps(functions),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (run, order) => {
          const [one, other] = [make(), make()];
          const replicas = replay(make, run);
          for (const replica of replicas) one.merge(replica.state());
          for (const i of order) other.merge((replicas[i] as Crdt).state());
          expect(shown(other, read)).toBe(shown(one, read));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("hearing of something twice, or of less than one knows, changes nothing", () => {
    fc.assert(
      fc.property(steps(functions), (run) => {
        const [a, b] = replay(make, run) as readonly [Crdt, Crdt];
        const before = a.state();
        b.merge(before);
        const once = shown(b, read);
        b.merge(before);
        b.merge(b.state());
        expect(shown(b, read)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

test("an addition that a removal has not seen stays, one that it has seen goes", () => {
  const [a, b] = [createOrSet(), createOrSet()];
  let ticks = 0;
  const at = (slot: string) => ({ slot, tick: () => ++ticks, variant: null });
  a.call("add", "x", at("a"));
  b.merge(a.state());
  b.call("remove", "x", at("b"));
  a.merge(b.state());
  expect(shown(a, "read")).toBe("[]");
  a.call("add", "x", at("a"));
  b.call("remove", "x", at("b"));
  b.merge(a.state());
  expect(shown(b, "read")).toBe(canonical([canonical("x")]));
});
