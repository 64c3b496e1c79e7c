/**
 * The objects that clients use in histories for everyday checkers, and a certain violation of each,
 * planted in what the last tenth of the calls returned.
 */
import type { Value } from "../../src/history/value.js";
import type { Random } from "../../src/random.js";
import type { Planter } from "../linearizable/plant.js";
import type { SequentialObject } from "../linearizable/simulate.js";

/** Accounts of the bank, and what each has at first. */
const ACCOUNTS = 8;
const BALANCE = 100;

/** Integers that only grow; `add` by one to three. */
export function counterObject(): SequentialObject {
  let count = 0;
  return {
    request: (random) =>
      random.below(2) === 0
        ? { f: "read", input: null, updates: false }
        : { f: "add", input: 1 + random.below(3), updates: true },
    apply: ({ input }) => (count += Number(input)),
  };
}

/** Gives out one number after the other. */
export function idObject(): SequentialObject {
  let last = 0;
  return {
    request: () => ({ f: "generate", input: null, updates: true }),
    apply: () => ++last,
  };
}

/** Moves money between accounts; one call in ten reads them all. */
export function bankObject(): SequentialObject {
  const balances = Array.from({ length: ACCOUNTS }, () => BALANCE);
  return {
    request: (random) => {
      if (random.below(10) === 0) return { f: "read", input: null, updates: false };
      const from = random.below(ACCOUNTS);
      const to = (from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
      return { f: "transfer", input: [from, to, 1 + random.below(5)], updates: true };
    },
    apply: ({ f, input }) => {
      if (f === "read") return Object.fromEntries(balances.map((each, i) => [`a${i}`, each]));
      const [from, to, amount] = input as readonly [number, number, number];
      if ((balances[from] as number) < amount) return undefined;
      balances[from] = (balances[from] as number) - amount;
      balances[to] = (balances[to] as number) + amount;
      return input;
    },
  };
}

/** Pairs of keys, each written once; most calls read both of a recent pair. */
export function pairsObject(): SequentialObject {
  const written = new Set<number>();
  let next = 0;
  return {
    request: (random) => {
      if (random.below(5) === 0) return { f: "txn", input: [["w", next++, 1]], updates: true };
      const first = Math.max(0, next - random.below(20)) & ~1;
      const input = [0, 1].map((place) => ["r", first + place, null]);
      return { f: "txn", input, updates: false };
    },
    apply: ({ input }) =>
      (input as readonly (readonly [string, number, Value])[]).map(([kind, key]) => {
        if (kind === "w") written.add(key);
        return [kind, key, written.has(key) ? 1 : null];
      }),
  };
}

/** What is put into a collection, and how its words are. */
export interface Collection {
  readonly add: string;
  /** Calls in a thousand that read everything; a fraction where they are rarer. */
  readonly readsPerMille: number;
  /** A new collection, under a new key, after so many calls; default: one without a key. */
  readonly callsPerKey?: number;
  /** Reads name one of so many places. */
  readonly places?: number;
}

/** A collection of unique elements. */
export function collectionObject(collection: Collection): SequentialObject {
  const { add, readsPerMille, callsPerKey, places } = collection;
  const elements = new Map<number | undefined, number[]>();
  let calls = 0;
  const of = (key: number | undefined): number[] => {
    const found = elements.get(key) ?? [];
    elements.set(key, found);
    return found;
  };
  return {
    request: (random) => {
      const number = calls++;
      const keyed = callsPerKey === undefined ? {} : { key: Math.floor(number / callsPerKey) };
      if (random.below(1_000_000) >= readsPerMille * 1_000) {
        return { f: add, ...keyed, input: number, updates: true };
      }
      const input = places === undefined ? null : `n${random.below(places)}`;
      return { f: "read", ...keyed, input, updates: false };
    },
    apply: ({ f, key, input }) => {
      if (f === "read") return [...of(key)];
      of(key).push(input as number);
      return input;
    },
  };
}

/** Locks with fencing tokens, under ten keys. */
export function lockObject(): SequentialObject {
  const held = new Set<number>();
  let token = 0;
  return {
    request: (random) => {
      const f = random.below(2) === 0 ? "acquire" : "release";
      return { f, key: random.below(10), input: null, updates: true };
    },
    apply: ({ f, key }) => {
      if (f === "release") return held.delete(key as number) ? null : undefined;
      if (held.has(key as number)) return undefined;
      held.add(key as number);
      return ++token;
    },
  };
}

/** Tells who leads; one call in a hundred elects. */
export function leaderObject(): SequentialObject {
  let told = { term: 1, leader: "n1" };
  return {
    request: (random: Random) =>
      random.below(100) === 0
        ? { f: "elect", input: `n${1 + random.below(5)}`, updates: true }
        : { f: "leader", input: null, updates: false },
    apply: ({ f, input }) => {
      if (f === "elect") told = { term: told.term + 1, leader: input as string };
      return told;
    },
  };
}

/** Makes the last completed call of a function return something else. */
export function changeLast(f: string, change: (output: Value) => Value): Planter {
  return ({ calls }) => {
    const call = calls.findLast(({ request, outcome }) => request.f === f && outcome === "ok");
    if (call === undefined) throw new Error(`no ${f} to make wrong`);
    call.output = change(call.output);
  };
}

/** The first element of the collection that is read last is missing in that read. */
export const loseElement: Planter = changeLast("read", (shown) =>
  (shown as readonly Value[]).slice(1),
);

/** Two last reads of one pair of keys see the writes to it in opposite orders. */
export const forkPair: Planter = ({ calls }) => {
  const keyOf = ({ request }: { readonly request: { readonly input: Value } }): Value => {
    return (request.input as readonly (readonly Value[])[])[0]?.[1] as Value;
  };
  const isRead = ({ request }: { readonly request: { readonly updates: boolean } }): boolean =>
    !request.updates;
  const writes = new Set(calls.filter((call) => !isRead(call)).map(keyOf));
  const reads = calls.filter((call) => isRead(call) && call.outcome === "ok").toReversed();
  for (const one of reads) {
    const key = Number(keyOf(one));
    const other = reads.find((read) => read !== one && keyOf(read) === key);
    if (other === undefined || !writes.has(key) || !writes.has(key + 1)) continue;
    one.output = [
      ["r", key, 1],
      ["r", key + 1, null],
    ];
    other.output = [
      ["r", key, null],
      ["r", key + 1, 1],
    ];
    return;
  }
  throw new Error("no pair of keys to fork");
};
