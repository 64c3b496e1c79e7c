/**
 * Small random histories of transactions on registers, which write each value once: mostly as a
 * store would answer that carries them out one after the other, with reads of older states, and of
 * any version that others left, mixed in.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Random } from "../../src/random.js";
import type { RegisterTransaction } from "./register-isolation.js";

/** How large a history may be. */
export interface Size {
  readonly transactionsMin: number;
  readonly transactionsMax: number;
  /** Brute force over orders of versions allows few. */
  readonly writesPerKeyMax: number;
}

type Micro = RegisterTransaction["micro"][number];

/** Makes transactions; half of the time some of their reads are scattered. */
export function randomRegisters(random: Random, size: Size): readonly RegisterTransaction[] {
  const made = carriedOut(random, size);
  return random.chance(0.5) ? made : scattered(made, random);
}

function carriedOut(random: Random, size: Size): readonly RegisterTransaction[] {
  const { transactionsMin, transactionsMax, writesPerKeyMax } = size;
  const count = transactionsMin + random.below(transactionsMax - transactionsMin + 1);
  const keys = random.chance(0.5) ? ["x", "y"] : ["x", "y", "z"];
  const store = new Map<string, number | null>(keys.map((key) => [key, null]));
  const strange = random.float() * 0.6;
  const apart = random.chance(0.5) ? 4 : 9;
  const states: Map<string, number | null>[] = [];
  const busy = new Map<number, number>();
  const written = new Map<string, number>();
  const transactions: RegisterTransaction[] = [];
  let next = 0;
  let values = 0;
  for (let each = 0; each < count; each++) {
    const process = random.below(4);
    const outcome = random.chance(0.85) ? "ok" : random.chance(0.5) ? "info" : "fail";
    const earliest = random.chance(0.5) ? next - random.below(apart) : next;
    const begin = Math.max(busy.get(process) ?? 0, earliest) + 0.001 * random.float();
    states.push(new Map(store));
    const own = new Map(random.chance(strange) ? random.pick(states) : store);
    const micro = Array.from({ length: 1 + random.below(4) }, (): Micro => {
      const key = random.pick(keys);
      const count = written.get(key) ?? 0;
      if (count < writesPerKeyMax && random.chance(0.5)) {
        written.set(key, count + 1);
        own.set(key, ++values);
        return { f: "w", key, value: values };
      }
      return { f: "r", key, value: outcome === "ok" ? (own.get(key) ?? null) : undefined };
    });
    const isApplied = outcome === "ok" || (outcome === "info" && random.chance(0.6));
    if (isApplied || random.chance(strange / 6)) {
      for (const { f, key, value } of micro) if (f === "w") store.set(key, value ?? null);
    }
    next += 2;
    const returned = Math.max(begin + 0.1, next + 3 * random.float());
    busy.set(process, outcome === "ok" ? returned + 0.1 : begin + 0.2);
    const end = outcome === "ok" ? returned : Infinity;
    transactions.push({ process, outcome, begin, end, micro });
  }
  return transactions;
}

/** Some first reads of keys return any version that another transaction left. */
function scattered(
  made: readonly RegisterTransaction[],
  random: Random,
): readonly RegisterTransaction[] {
  const left = new Map<string, { readonly by: number; readonly value: number }[]>();
  for (const [by, { outcome, micro }] of made.entries()) {
    if (outcome === "fail") continue;
    const last = new Map<string, number>();
    for (const { f, key, value } of micro) if (f === "w") last.set(key, value as number);
    for (const [key, value] of last) left.set(key, [...(left.get(key) ?? []), { by, value }]);
  }
  const share = random.float();
  return made.map((each, by) => {
    if (each.outcome !== "ok") return each;
    const own = new Map<string, number | null>();
    const micro = each.micro.map((access): Micro => {
      const { f, key, value } = access;
      if (f === "w" || !own.has(key)) {
        const others = (left.get(key) ?? []).filter((version) => version.by !== by);
        const isMoved = f === "r" && random.chance(share);
        const moved = random.chance(0.9) && others.length > 0 ? random.pick(others).value : null;
        own.set(key, isMoved ? moved : (value ?? null));
      }
      return f === "w" ? access : { f, key, value: own.get(key) ?? null };
    });
    return { ...each, micro };
  });
}

/** The history of transactions. */
export function historyOfRegisters(transactions: readonly RegisterTransaction[]): History {
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  for (const { process, outcome, begin, end, micro } of transactions) {
    const asked = micro.map(({ f, key, value }): Value => [
      f,
      key,
      f === "r" ? null : (value ?? null),
    ]);
    const got = micro.map(({ f, key, value }): Value => [f, key, value ?? null]);
    const about = { process, f: "txn", timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: asked } });
    const at = outcome === "ok" ? end : begin + 0.1;
    const value = outcome === "ok" ? got : asked;
    events.push({ at, event: { ...about, type: outcome, value } });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}
