/**
 * Several nemeses as one: their faults come side by side and overlap, each with its own beginnings
 * and ends.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import { anyOf } from "../src/generator/index.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import { unknownFunction } from "./node-fault.js";

/**
 * Does what all of them do. The schedules share the one nemesis process: an injection that takes
 * long holds up the others, but each keeps its own order.
 * @throws HarnessError `bad-argument` when two of them claim the same function.
 */
export function compose(nemeses: readonly Nemesis[]): Nemesis {
  const owners = new Map<string, Nemesis>();
  for (const nemesis of nemeses) {
    for (const f of nemesis.functions) {
      const other = owners.get(f);
      if (other !== undefined) {
        const message = `both ${other.name} and ${nemesis.name} claim ${f}; compose only one of them`;
        throw new HarnessError("bad-argument", message);
      }
      owners.set(f, nemesis);
    }
  }
  const name = nemeses.map((nemesis) => nemesis.name).join("+") || "none";
  return {
    name,
    description: nemeses.map(({ description }) => description).join("; ") || "injects nothing",
    needs: [...new Set(nemeses.flatMap(({ needs }) => needs))],
    available: (nodeCount) =>
      nemeses
        .map((nemesis) => nemesis.available(nodeCount))
        .find((availability) => !availability.available) ?? { available: true },
    functions: [...owners.keys()],
    schedule: (options) => anyOf(...nemeses.map((nemesis) => nemesis.schedule(options))),
    invoke: async (invocation, context) => {
      const owner = owners.get(invocation.f);
      if (owner === undefined) throw unknownFunction(name, invocation.f);
      return owner.invoke(invocation, context);
    },
    heal: async (context) => {
      const failures: { readonly name: string; readonly cause: unknown }[] = [];
      for (const nemesis of nemeses) {
        try {
          await nemesis.heal(context);
        } catch (cause) {
          failures.push({ name: nemesis.name, cause });
        }
      }
      const [first] = failures;
      if (first === undefined) return;
      const message = failures.map(({ name, cause }) => `${name}: ${messageOf(cause)}`).join("; ");
      throw new HarnessError("harness-failure", message, { cause: first.cause });
    },
  };
}
