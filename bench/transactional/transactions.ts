/**
 * Histories of transactions made by clients that take turns at random against one store: a
 * transaction takes effect at a random turn between its call and its return, so that a history is
 * strictly serializable by construction. As in Elle's generator, a few keys are in use at a time,
 * and a key is left for a fresh one after a number of writes. Same options, same history.
 */
import { createHistoryBuilder, INVOKE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { createRandom } from "../../src/random.js";

/** How a history is made. */
export interface TransactionsOptions {
  readonly transactions: number;
  /** What keys hold. */
  readonly on: "lists" | "registers";
  /**
   * What goes wrong: `"one"` read in the last tenth lacks a write whose transaction had returned
   * before its own was called, or every read may be of an `"old"` store. Default nothing.
   */
  readonly stale?: "one" | "old";
}

const SEED = 1;
const PROCESSES = 20;
const KEYS = 10;
const WRITES_PER_KEY = 32;
const MICRO_MAX = 4;
/** How far back old reads reach, in writes of a key. */
const OLD_MAX = 8;

interface Client {
  asked: readonly (readonly [f: string, key: number, value: Value])[];
  got: Value;
  /** Key → how many of its writes had been made by transactions that returned, at the call. */
  settled: ReadonlyMap<number, number>;
  state: "idle" | "called" | "done";
}

/** Makes a history. */
export function makeTransactions(options: TransactionsOptions): History {
  const { transactions, on, stale } = options;
  const random = createRandom(SEED);
  const builder = createHistoryBuilder();
  const write = on === "lists" ? "append" : "w";
  const store = new Map<number, number[]>();
  const active = Array.from({ length: KEYS }, (_, key) => key);
  const counts = new Map<number, number>();
  const settled = new Map<number, number>();
  const clients: Client[] = Array.from({ length: PROCESSES }, () => ({
    asked: [],
    got: null,
    settled: new Map(),
    state: "idle",
  }));
  let nextKey = KEYS;
  let called = 0;
  let returned = 0;
  let planted = false;

  const ask = (): readonly [string, number, Value] => {
    const slot = random.below(KEYS);
    const key = active[slot] as number;
    if (random.chance(0.5)) return ["r", key, null];
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count >= WRITES_PER_KEY) active[slot] = nextKey++;
    return [write, key, count];
  };
  const lacking = (written: readonly number[], settled: number): number => {
    if (stale === undefined || written.length === 0) return 0;
    if (stale === "old") return random.below(Math.min(OLD_MAX, written.length + 1));
    if (planted || settled === 0 || returned < 0.9 * transactions) return 0;
    planted = true;
    return written.length - settled + 1;
  };
  const carryOut = ({ asked, settled }: Client): Value => {
    const own = new Set<number>();
    return asked.map(([f, key, value]): Value => {
      const written = store.get(key) ?? [];
      if (f !== "r") {
        own.add(key);
        store.set(key, [...written, value as number]);
        return [f, key, value];
      }
      const missing = own.has(key) ? 0 : lacking(written, settled.get(key) ?? 0);
      const seen = written.slice(0, written.length - missing);
      return [f, key, on === "lists" ? seen : (seen.at(-1) ?? null)];
    });
  };

  while (returned < transactions) {
    const process = random.below(PROCESSES);
    const client = clients[process] as Client;
    const time = builder.length * 1000;
    if (client.state === "idle") {
      if (called === transactions) continue;
      called++;
      client.asked = Array.from({ length: 1 + random.below(MICRO_MAX) }, ask);
      client.settled = new Map(client.asked.map(([, key]) => [key, settled.get(key) ?? 0]));
      client.state = "called";
      builder.append(INVOKE, process, "txn", undefined, client.asked, undefined, time);
    } else if (client.state === "called") {
      client.got = carryOut(client);
      client.state = "done";
    } else {
      client.state = "idle";
      returned++;
      for (const [f, key, value] of client.asked) {
        if (f === "r") continue;
        const place = (store.get(key) ?? []).indexOf(value as number) + 1;
        settled.set(key, Math.max(settled.get(key) ?? 0, place));
      }
      builder.append(OK, process, "txn", undefined, client.got, undefined, time);
    }
  }
  return builder.build();
}
