/**
 * What the calls of clients on a set or a log say, each for itself.
 */
import {
  FAIL,
  INFO,
  INVOKE,
  NEMESIS,
  NONE,
  OK,
  type History,
} from "../../../src/history/history.js";
import { ADDS, FINDS, MISSES, READS, REFUSED } from "./layout.js";

/** The calls of clients that did not fail, as columns, in the order of invocation. */
export interface Calls {
  readonly invocations: number[];
  readonly processes: number[];
  readonly kinds: number[];
  readonly keys: number[];
  readonly isCertain: boolean[];
  /** Position of what was added or looked for in the pool; of what a read shows. */
  readonly values: number[];
}

/** Calls, with keys numbered, and those to be left out. */
export interface Collected extends Calls {
  readonly keyCount: number;
  /** Keys that do not only grow. */
  readonly spoilt: ReadonlySet<number>;
  readonly leftOut: number;
}

/** Collects; undefined when no key only grows, or only some operations have one. */
export function collect(
  history: History,
  roles: { readonly [f: string]: string },
  isOrdered: boolean,
): Collected | undefined {
  const { types, processes, functions, functionNames, pairs, values, keys } = history;
  const found: Calls = {
    invocations: [],
    processes: [],
    kinds: [],
    keys: [],
    isCertain: [],
    values: [],
  };
  const spoilt = new Set<number>();
  const numbers = new Map<number, number>();
  let leftOut = 0;
  for (let event = 0; event < history.length; event++) {
    const process = processes[event] as number;
    if (types[event] !== INVOKE || process === NEMESIS) continue;
    const completion = pairs[event] as number;
    const outcome = completion === NONE ? INFO : (types[completion] as number);
    if (outcome === FAIL) continue;
    const key = keyOf(history, keys[event] as number);
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
    }
    const name = functionNames[functions[event] as number] as string;
    const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
    const isLook = role === "read" || role === "size" || (role === "contains" && !isOrdered);
    const kind = kindOf(history, role, { event, completion, isOrdered });
    if (kind === undefined && !isLook) spoilt.add(number);
    // What only looks, and did not return, is not there.
    if (isLook && outcome !== OK) continue;
    // The offset of an entry says more than that it is there.
    const tells = kind === ADDS && isOrdered && outcome === OK;
    if (kind === undefined || (tells && typeof answerOf(history, completion) === "number")) {
      leftOut++;
    }
    if (kind === undefined) continue;
    found.invocations.push(event);
    found.processes.push(process);
    found.kinds.push(kind);
    found.keys.push(number);
    found.isCertain.push(outcome === OK);
    found.values.push(values[kind === READS ? completion : event] as number);
  }
  // One read of everything makes one part of all keys.
  if (!isOrdered && numbers.size > 1 && numbers.has(NONE)) return undefined;
  if (spoilt.size === numbers.size) return undefined;
  return { ...found, keyCount: numbers.size, spoilt, leftOut };
}

/** Undefined for what this is not about. */
function kindOf(
  history: History,
  role: string | undefined,
  call: { readonly event: number; readonly completion: number; readonly isOrdered: boolean },
): number | undefined {
  const { event, completion, isOrdered } = call;
  const { values, lists } = history;
  const isOk = completion !== NONE && history.types[completion] === OK;
  if (role === (isOrdered ? "append" : "add")) {
    return isOk && !isOrdered && answerOf(history, completion) === false ? REFUSED : ADDS;
  }
  if (!isOk) return undefined;
  if (role === "read") {
    const isWhole = !isOrdered || isNoSlice(history.valueAt(values[event] as number));
    return isWhole && (lists?.starts[values[completion] as number] ?? NONE) >= 0
      ? READS
      : undefined;
  }
  const answer = role === "contains" && !isOrdered ? answerOf(history, completion) : undefined;
  if (typeof answer !== "boolean") return undefined;
  return answer ? FINDS : MISSES;
}

function answerOf(history: History, completion: number): unknown {
  return history.valueAt(history.values[completion] as number);
}

/** A key that is null is none. */
function keyOf({ valueAt }: History, key: number): number {
  return key !== NONE && valueAt(key) === null ? NONE : key;
}

function isNoSlice(input: unknown): boolean {
  return input === null || typeof input !== "object" || Array.isArray(input);
}
