/**
 * Requests that are tried again under their id until they are acknowledged: each acknowledged one
 * must have one effect, each failed one none.
 */
import { exactlyOnce as exactlyOnceChecker } from "../checkers/exactly-once.js";
import { recall } from "../src/generator/index.js";
import type { Generator } from "../src/generator/generator.js";
import type { Value } from "../src/history/value.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { objectClient, objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function exactlyOnce(options: ObjectWorkloadOptions = {}): Workload {
  const workload = objectWorkload(
    {
      name: "exactly-once",
      description: "requests that are repeated until they are acknowledged have one effect each",
      object: "set",
      functions: ["execute", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: executeAndRetry,
      checker: () => exactlyOnceChecker(),
    },
    options,
  );
  return { ...workload, client };
}

/** An effect is an element of a set of ids, which is how a store makes requests idempotent. */
function client(inner: Client): Client {
  const store = objectClient(inner, "set");
  return {
    invoke: async (invocation) =>
      store.invoke(invocation.f === "execute" ? { ...invocation, f: "add" } : invocation),
    close: async () => store.close(),
  };
}

/** Ids whose request was not acknowledged, the oldest first. */
type Unanswered = readonly Value[];

function executeAndRetry(): Generator {
  return recall<Unanswered>({
    initial: [],
    observe: (unanswered, { type, f, value }) => {
      if (f !== "execute") return unanswered;
      if (type === "invoke") return unanswered.filter((id) => id !== value);
      return type === "info" ? [...unanswered, value] : unanswered;
    },
    source: ([first], { index, random }) => {
      if (random.chance(0.3)) return { f: "read", value: null };
      const isAgain = first !== undefined && random.chance(0.5);
      return { f: "execute", value: isAgain ? first : `r${index}` };
    },
  });
}
