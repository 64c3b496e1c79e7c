/**
 * Several registers that transactions read and write together, with the conventions of Knossos: the
 * input of `txn` is a list of micro-operations `[f, register, value]`, the output the same list
 * with what its reads saw. A transaction sees its own writes.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import type { Model, ModelOperation } from "./model.js";

/** The options of a multi-register. */
export interface MultiRegisterOptions {
  /**
   * Register → the value before the first write to it; others hold null. A value that is no object
   * is what every register holds. Default null.
   */
  readonly initial?: Value;
  /**
   * What a read of null says: `"value"` (default): the register holds null; `"unknown"`: nothing,
   * as in Knossos' histories.
   */
  readonly nilReads?: "value" | "unknown";
}

/** A micro-operation; `value` is what is written, or was seen; undefined when that is not known. */
interface Micro {
  readonly kind: "read" | "write";
  readonly register: Value;
  readonly value: Value | undefined;
}

const KINDS: { readonly [f: string]: Micro["kind"] } = {
  r: "read",
  read: "read",
  w: "write",
  write: "write",
};

/**
 * Registers with `txn`, and transactions that only read or only write under the names `read` and
 * `write`. The state holds the registers whose value is not the initial one.
 */
export function multiRegister(options: MultiRegisterOptions = {}): Model {
  const { initial = null, nilReads = "value" } = options;
  if (!["value", "unknown"].includes(nilReads)) {
    throw new HarnessError(
      "bad-argument",
      `model option nilReads is "value" or "unknown", not "${nilReads}"`,
    );
  }
  return {
    name: "multi-register",
    options: { initial, nilReads },
    origin: { module: import.meta.url, factory: "multiRegister" },
    functions: ["txn", "read", "write"],
    initial: (): Value => ({}),
    step: (state, operation): readonly Value[] => {
      if (!isKnown(operation)) return [];
      const registers = new Map(Object.entries(state as { readonly [name: string]: Value }));
      for (const { kind, register, value } of microsOf(operation)) {
        const name = nameOf(operation, register);
        const before = initialOf(register, initial);
        if (kind === "write") {
          const next = value ?? null;
          if (sameValue(next, before)) registers.delete(name);
          else registers.set(name, next);
        } else if (value !== undefined && (value !== null || nilReads === "value")) {
          const held = registers.get(name);
          if (!sameValue(held === undefined ? before : held, value)) return [];
        }
      }
      return [Object.fromEntries(registers)];
    },
    partition,
    readOnly: (operation) =>
      !isKnown(operation) || microsOf(operation).every(({ kind }) => kind === "read"),
  };
}

/**
 * The key, where the history has keys; else the register, for a transaction about only one. That
 * two things which are independent may fall into one part does no harm: the state names both.
 */
function partition(operation: ModelOperation): Value | undefined {
  if (operation.key !== undefined && operation.key !== null) return operation.key;
  if (!isKnown(operation)) return null;
  const [first, ...others] = microsOf(operation);
  // An empty transaction is about nothing.
  if (first === undefined) return null;
  return others.every(({ register }) => sameValue(register, first.register))
    ? first.register
    : undefined;
}

/** Two JSON texts, which no other two give together. */
function nameOf({ key }: ModelOperation, register: Value): string {
  return `${canonical(key ?? null)} ${canonical(register)}`;
}

function initialOf(register: Value, initial: Value): Value {
  if (typeof initial !== "object" || initial === null || Array.isArray(initial)) return initial;
  const name = typeof register === "string" ? register : canonical(register);
  return Object.hasOwn(initial, name)
    ? ((initial as { readonly [name: string]: Value })[name] as Value)
    : null;
}

function isKnown({ f }: ModelOperation): boolean {
  return f === "txn" || f === "read" || f === "write";
}

/** The micro-operations that were asked for, with what the reads of an `ok` saw. */
function microsOf(operation: ModelOperation): readonly Micro[] {
  const { f, input, output, outcome } = operation;
  const asked = listOf(operation, input);
  const seen = outcome === "ok" && Array.isArray(output) ? listOf(operation, output) : undefined;
  if (seen !== undefined && seen.length !== asked.length) {
    throw malformed(operation, `has ${asked.length} micro-operations, and ${seen.length} results`);
  }
  return asked.map((micro, place) => {
    const kind = kindOf(operation, micro);
    const register = micro[1] as Value;
    if (f !== "txn" && f !== kind) throw malformed(operation, `does not only ${f}`);
    if (kind === "write") return { kind, register, value: micro[2] ?? null };
    const result = seen?.[place];
    if (result === undefined) return { kind, register, value: undefined };
    if (kindOf(operation, result) !== kind || !sameValue(result[1] as Value, register)) {
      throw malformed(operation, "has results of other micro-operations than it asked for");
    }
    return { kind, register, value: result[2] ?? null };
  });
}

function listOf(operation: ModelOperation, value: Value): readonly (readonly Value[])[] {
  if (Array.isArray(value) && value.every((micro) => Array.isArray(micro) && micro.length >= 2)) {
    return value as readonly (readonly Value[])[];
  }
  throw malformed(operation, "needs a list of [f, register, value]");
}

function kindOf(operation: ModelOperation, [f]: readonly Value[]): Micro["kind"] {
  const kind = typeof f === "string" && Object.hasOwn(KINDS, f) ? KINDS[f] : undefined;
  if (kind === undefined)
    throw malformed(operation, `has a micro-operation ${canonical(f ?? null)}`);
  return kind;
}

function malformed({ f, input, output }: ModelOperation, what: string): HarnessError {
  return new HarnessError(
    "malformed-input",
    `${f} ${what}: ${canonical(input)}${output === undefined ? "" : ` → ${canonical(output)}`}`,
  );
}
