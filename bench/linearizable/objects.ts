/**
 * The sequential objects that the benchmark's clients use. Values are unique unless an object is
 * asked to choose among a few; containers are kept short, since what is long in them makes a search
 * dear and shows nothing else.
 */
import type { Value } from "../../src/history/value.js";
import type { Random } from "../../src/random.js";
import type { Request, SequentialObject } from "./simulate.js";

/** Above this, clients rather take out than put in. */
const LENGTH_MAX = 50;
const PUT_WHEN_FULL = 0.2;

/** A register; writes choose among so many values, or each writes its own (0). */
export function registerObject(values: number, withCas: boolean): SequentialObject {
  let state: Value = null;
  const fresh = uniqueNumbers();
  const next = (random: Random): number => (values > 0 ? random.below(values) : fresh());
  return {
    request: (random) => {
      const draw = random.float();
      if (draw < 0.4) return { f: "read", input: null, updates: false };
      if (!withCas || draw < 0.7) return { f: "write", input: next(random), updates: true };
      // A guess that is often right: what the register holds at the call.
      const expected: Value = values > 0 ? random.below(values) : state;
      return { f: "cas", input: [expected, next(random)], updates: true };
    },
    apply: ({ f, input }) => {
      if (f === "read") return state;
      if (f === "write") {
        state = input;
        return input;
      }
      const [expected, replacement] = input as readonly [Value, Value];
      if (state !== expected) return undefined;
      state = replacement;
      return input;
    },
  };
}

/** A store of so many keys, each a register with unique values. */
export function storeObject(keys: number): SequentialObject {
  const states: Value[] = Array.from({ length: keys }, () => null);
  const fresh = uniqueNumbers();
  return {
    request: (random) => {
      const key = random.below(keys);
      if (random.chance(0.5)) return { f: "get", key, input: null, updates: false };
      return { f: "put", key, input: fresh(), updates: true };
    },
    apply: ({ f, key, input }) => {
      if (f === "get") return states[key as number];
      states[key as number] = input;
      return input;
    },
  };
}

/** What tells one container from another. */
interface Container {
  readonly put: string;
  readonly take: string;
  /** Which end of the elements is taken; they are held in the order of `insert`. */
  readonly end: "first" | "last";
  /** Default: after all others. */
  readonly insert?: (elements: number[], element: number) => void;
  readonly element: (random: Random) => number;
  /** With fewer elements, clients rather put in: with many clients' worth, none finds it empty. */
  readonly lengthMin?: number;
}

function containerObject(container: Container): SequentialObject {
  const { put, take, end, element, insert, lengthMin = 0 } = container;
  const elements: number[] = [];
  return {
    request: (random): Request => {
      const { length } = elements;
      const chance = length < lengthMin ? 1 : length >= LENGTH_MAX ? PUT_WHEN_FULL : 0.5;
      if (random.chance(chance)) return { f: put, input: element(random), updates: true };
      return { f: take, input: null, updates: true };
    },
    apply: ({ f, input }) => {
      if (f === take) return (end === "first" ? elements.shift() : elements.pop()) ?? null;
      if (insert === undefined) elements.push(input as number);
      else insert(elements, input as number);
      return input;
    },
  };
}

/** A first-in, first-out queue of unique elements. */
export function queueObject(): SequentialObject {
  const element = uniqueNumbers();
  return containerObject({ put: "enqueue", take: "dequeue", end: "first", element });
}

/** A stack of unique elements; with a least length, clients mostly find something on it. */
export function stackObject(lengthMin = 0): SequentialObject {
  const element = uniqueNumbers();
  return containerObject({ put: "push", take: "pop", end: "last", element, lengthMin });
}

/** A priority queue of unique numbers, of which the largest is extracted. */
export function priorityQueueObject(): SequentialObject {
  const seen = new Set<number>();
  const element = (random: Random): number => {
    let drawn = random.below(2 ** 30);
    while (seen.has(drawn)) drawn = random.below(2 ** 30);
    seen.add(drawn);
    return drawn;
  };
  const insert = (elements: number[], inserted: number): void => {
    let at = elements.length;
    while (at > 0 && (elements[at - 1] as number) > inserted) at--;
    elements.splice(at, 0, inserted);
  };
  return containerObject({ put: "insert", take: "extract", end: "last", insert, element });
}

/** How far back clients of a set look for an element that they ask about. */
const RECENT = 20;

/** A set to which each element is added once; clients remove and look for recent ones. */
export function setObject(): SequentialObject {
  const members = new Set<number>();
  let added = 0;
  return {
    request: (random) => {
      const draw = random.float();
      if (draw < 0.34 || added === 0) return { f: "add", input: ++added, updates: true };
      const input = Math.max(1, added - random.below(RECENT));
      return draw < 0.6
        ? { f: "remove", input, updates: true }
        : { f: "contains", input, updates: false };
    },
    apply: ({ f, input }) => {
      const element = input as number;
      if (f === "contains") return members.has(element);
      if (f === "remove") return members.delete(element);
      const isNew = !members.has(element);
      members.add(element);
      return isNew;
    },
  };
}

/** The account of the user-written model: it refuses to be overdrawn. */
export function accountObject(): SequentialObject {
  let balance = 0;
  return {
    request: (random) => {
      const draw = random.float();
      if (draw < 0.4) return { f: "balance", input: null, updates: false };
      const f = draw < 0.7 ? "deposit" : "withdraw";
      return { f, input: 1 + random.below(100), updates: true };
    },
    apply: ({ f, input }) => {
      if (f === "balance") return balance;
      const amount = Number(input);
      if (f === "withdraw" && amount > balance) return false;
      balance += f === "deposit" ? amount : -amount;
      return true;
    },
  };
}

function uniqueNumbers(): () => number {
  let last = 0;
  return () => ++last;
}
