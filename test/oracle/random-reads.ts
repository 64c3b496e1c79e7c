/**
 * Random histories of a few transactions on registers, which read at random what others write:
 * mostly what they left, now and then what is intermediate, aborted, nobody's, or written twice.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Random } from "../../src/random.js";
import type { RegisterTransaction } from "./register-isolation.js";

/** Two to five transactions of two or three sessions, which read at random what others write. */
export function randomReads(random: Random): readonly RegisterTransaction[] {
  const count = 2 + random.below(4);
  const keys = random.chance(0.5) ? ["x", "y"] : ["x", "y", "z"];
  const sessions = 2 + random.below(2);
  const strange = random.chance(0.25);
  const repeats = random.chance(0.1);
  const written = new Map<string, number[]>(keys.map((key) => [key, []]));
  let values = 0;
  const planned = Array.from({ length: count }, () => {
    const outcome = random.chance(0.85) ? "ok" : random.chance(0.7) ? "info" : "fail";
    const micro = Array.from({ length: 1 + random.below(4) }, () => {
      const key = random.pick(keys);
      const isWrite = random.chance(0.4);
      const value = repeats && random.chance(0.5) ? 1 + random.below(3) : ++values;
      return { isWrite, key, value };
    });
    for (const key of keys) {
      const own = micro.filter((each) => each.isWrite && each.key === key);
      const seen = strange ? own : outcome === "fail" ? [] : own.slice(-1);
      written.get(key)?.push(...seen.map(({ value }) => value));
    }
    return { outcome, micro, process: random.below(sessions) } as const;
  });
  return planned.map(({ outcome, micro, process }, number) => {
    const known = new Map<string, number | null>();
    return {
      outcome,
      process,
      begin: 2 * number,
      end: outcome === "ok" ? 2 * number + 1 : Infinity,
      micro: micro.map(({ isWrite, key, value }) => {
        if (isWrite) {
          known.set(key, value);
          return { f: "w" as const, key, value };
        }
        const any = random.chance(0.35)
          ? null
          : strange && random.chance(0.03)
            ? 99
            : random.pick([null, ...(written.get(key) as number[])]);
        const read = random.chance(0.95) ? (known.get(key) ?? any) : any;
        if (random.chance(0.8)) known.set(key, read);
        return { f: "r" as const, key, value: outcome === "ok" ? read : undefined };
      }),
    };
  });
}

/** The same, but those of different sessions overlap. */
export function spread(
  transactions: readonly RegisterTransaction[],
  random: Random,
): readonly RegisterTransaction[] {
  const busy = new Map<number, number>();
  const apart = random.chance(0.5) ? 3 : 12;
  return transactions.map(({ process, outcome, micro }, number) => {
    const begin = Math.max(busy.get(process) ?? 0, 2 * number - apart * random.float());
    const returned = Math.max(begin, 2 * number) + 0.1 + 3 * random.float();
    busy.set(process, outcome === "ok" ? returned + 0.1 : begin + 0.2);
    const end = outcome === "ok" ? returned : Infinity;
    return { process, outcome, micro, begin: begin + 0.001 * number, end };
  });
}

/** Their history, one after the other. */
export function readsHistory(transactions: readonly RegisterTransaction[]): History {
  const events: NewEvent[] = [];
  for (const { process, outcome, micro } of transactions) {
    const asked = micro.map(({ f, key, value }): Value => [
      f,
      key,
      f === "r" ? null : (value ?? 0),
    ]);
    const got = micro.map(({ f, key, value }): Value => [f, key, value ?? null]);
    const about = { process, f: "txn", timeNs: events.length };
    events.push({ ...about, type: "invoke", value: asked });
    events.push({ ...about, type: outcome, value: outcome === "ok" ? got : asked });
  }
  return historyOf(events);
}
