/**
 * Random histories of a few transactions on lists, most of them sensible.
 */
import type { Random } from "../../src/random.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { SmallMicro, SmallTransaction } from "./isolation.js";

/**
 * Transactions on two keys that take effect one after the other, but now and then read too little,
 * what is aborted, or the state at their beginning.
 */
export function randomLists(random: Random): readonly SmallTransaction[] {
  const count = 2 + random.below(4);
  const lists = new Map<string, number[]>([
    ["x", []],
    ["y", []],
  ]);
  const strange = random.float() * 0.5;
  let element = 0;
  let event = 0;
  const busy = new Map<number, number>();
  const states: Map<string, number[]>[] = [];
  const transactions: SmallTransaction[] = [];
  for (let each = 0; each < count; each++) {
    states.push(copy(lists));
    const process = random.below(3);
    const outcome = random.chance(0.8) ? "ok" : random.chance(0.5) ? "info" : "fail";
    const isLate = random.chance(0.4);
    const earliest = isLate ? event - random.below(4) : event;
    // No two at the same moment.
    const begin = Math.max(busy.get(process) ?? 0, earliest) + 0.001 * random.float();
    const seen = random.chance(strange) ? random.pick(states) : lists;
    const own = copy(seen);
    const micro: SmallMicro[] = Array.from({ length: 1 + random.below(3) }, () => {
      const key = random.pick(["x", "y"]);
      const list = own.get(key) as number[];
      if (random.chance(0.5)) {
        list.push(++element);
        return { f: "append", key, value: element };
      }
      const drop = random.chance(strange / 2) ? random.below(3) : 0;
      const value = outcome === "ok" ? list.slice(0, list.length - drop) : undefined;
      return { f: "r", key, value };
    });
    const isApplied = outcome === "ok" || (outcome === "info" && random.chance(0.6));
    const isDirty = random.chance(strange / 2);
    for (const { f, key, value } of micro) {
      if (f !== "append" || !(isApplied || isDirty)) continue;
      const list = lists.get(key) as number[];
      if (random.chance(strange / 4)) list.splice(random.below(list.length + 1), 0, value);
      else list.push(value);
    }
    event += 2;
    const returned = Math.max(begin + 0.1, event + 3 * random.float());
    const end = outcome === "ok" ? returned : Infinity;
    busy.set(process, outcome === "ok" ? end + 0.1 : begin + 0.2);
    transactions.push({ process, outcome, begin, end, micro });
  }
  return transactions;
}

function copy(lists: ReadonlyMap<string, readonly number[]>): Map<string, number[]> {
  return new Map([...lists].map(([key, list]) => [key, [...list]]));
}

/** The history: an event at each beginning and each end. */
/** Their history. */
export function listHistory(transactions: readonly SmallTransaction[]): History {
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  for (const { process, outcome, begin, end, micro } of transactions) {
    const asked = micro.map(({ f, key, value }): Value => [f, key, f === "r" ? null : value]);
    const got = micro.map(({ f, key, value }): Value => [f, key, value ?? null]);
    const about = { process, f: "txn", timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: asked } });
    const at = outcome === "ok" ? end : begin + 0.1;
    const value = outcome === "ok" ? got : asked;
    events.push({ at, event: { ...about, type: outcome, value } });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}
