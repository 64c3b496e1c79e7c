/**
 * Registers: reads, writes and (where the system has it) compare-and-set on many independent keys,
 * judged by linearizability. The workload that finds stale reads, lost updates and split brains
 * with the least machinery.
 *
 * Small groups of workers share a key for a bounded number of operations and go on to the next:
 * contention is high, and each key stays cheap to check. Finally every key is read once more.
 */
import { linearizable } from "../checkers/linearizable.js";
import { HarnessError } from "../src/errors.js";
import { perKey, recall } from "../src/generator/index.js";
import type { Generator, Invocation } from "../src/generator/generator.js";
import type { SourceContext } from "../src/generator/source.js";
import type { HistoryEvent } from "../src/history/operation.js";
import type { Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { finalReads } from "./final-reads.js";

/** How the registers are used. */
export interface RegisterWorkloadOptions {
  /**
   * `"unique"`: no value is written twice to a key, so that every read tells which write it saw.
   * `"small"`: values are 0 to 4, as in Jepsen's tests, so that compare-and-sets of guessed values
   * succeed. Default `"unique"`.
   */
  readonly values?: "unique" | "small";
  /** Workers that share a key, at least 1; all of them when there are fewer. Default 5. */
  readonly groupSize?: number;
  /** Operations on a key before its group goes on to the next, at least 1. Default 120. */
  readonly operationsPerKey?: number;
  /**
   * The share of the operations that read, 0 to 1; the others change the register. Default 0.5.
   * With more, more is seen of a write that only some replicas have.
   */
  readonly readShare?: number;
}

const VALUES: readonly string[] = ["unique", "small"];
/**
 * How often a compare-and-set expects the value that was seen last; else it expects an older one.
 */
const LIKELY_SHARE = 0.75;
const SMALL_VALUES = 5;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for an option that is none.
 */
export function register(options: RegisterWorkloadOptions = {}): Workload {
  const { values = "unique", groupSize = 5, operationsPerKey = 120, readShare = 0.5 } = options;
  assertCounts({ groupSize, operationsPerKey });
  if (!VALUES.includes(values)) {
    throw new HarnessError("bad-argument", `values is ${VALUES.join(" or ")}, not ${values}`);
  }
  if (!(readShare >= 0 && readShare <= 1)) {
    throw new HarnessError("bad-argument", `readShare is between 0 and 1, not ${readShare}`);
  }
  return {
    name: "register",
    description: "reads, writes and compare-and-sets on independent registers; linearizable",
    requires: ["read", "write"],
    optional: ["cas"],
    observes: ["read"],
    generator: ({ functions }) =>
      perKey({
        keys: (index) => `r${index}`,
        groupSize,
        limitPerKey: operationsPerKey,
        generator: () =>
          oneRegister({ small: values === "small", cas: functions.has("cas"), readShare }),
      }),
    finalGenerator: (_, history) => finalReads("read", history),
    checker: () => linearizable({ model: casRegister() }),
  };
}

/** The last two values that the register seems to have had. */
interface Seen {
  readonly last: Value;
  readonly before: Value;
}

function oneRegister(options: {
  readonly small: boolean;
  readonly cas: boolean;
  readonly readShare: number;
}): Generator {
  return recall<Seen>({
    initial: { last: null, before: null },
    observe: (seen, event) => {
      const value = shown(event);
      return value === undefined || value === seen.last ? seen : { last: value, before: seen.last };
    },
    source: (seen, context) => {
      const { random } = context;
      if (random.chance(options.readShare)) return { f: "read", value: null };
      const next = options.small ? random.below(SMALL_VALUES) : context.index;
      if (!options.cas || random.chance(0.5)) return { f: "write", value: next };
      return compareAndSet(seen, next, context);
    },
  });
}

/**
 * The value that an event suggests the register has. A guess is good enough: it only makes success
 * likely.
 */
function shown({ f, type, value }: HistoryEvent): Value | undefined {
  if (f === "write" && type === "invoke") return value;
  if (f === "read" && type === "ok") return value;
  return undefined;
}

function compareAndSet(seen: Seen, next: Value, { random }: SourceContext): Invocation {
  const expected = random.chance(LIKELY_SHARE) ? seen.last : seen.before;
  return { f: "cas", value: [expected, next] };
}
