/**
 * Histories of many transactions on few rows with few values, so that most reads may be of several
 * versions, as a database makes them that carries out transactions on snapshots: the first who
 * commits wins, and to delete what is not there is to do nothing. With `isSerial` each transaction
 * takes effect at its snapshot.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { createRandom } from "../../src/random.js";

interface Open {
  readonly process: number;
  readonly asked: readonly Value[];
  readonly got: readonly Value[];
  readonly writes: ReadonlyMap<string, number | undefined>;
}

/** Makes a history of so many transactions. */
export function rowDatabase(
  seed: number,
  count: number,
  { keys, values, isSerial }: { keys: number; values: number; isSerial: boolean },
): History {
  const random = createRandom(seed);
  const rows = new Map<string, number>();
  const versions = new Map<string, number>();
  const began = new Map<number, ReadonlyMap<string, number>>();
  const open: Open[] = [];
  const events: NewEvent[] = [];
  const about = { f: "txn", timeNs: 0 } as const;
  const draw = (process: number): Open => {
    const own = new Map<string, number>(rows);
    const writes = new Map<string, number | undefined>();
    const asked: Value[] = [];
    const got: Value[] = [];
    for (let left = 1 + random.below(4); left > 0; left--) {
      const key = `k${random.below(keys)}`;
      const value = random.below(values);
      if (random.chance(0.3)) {
        asked.push(["rp", ["=", value], null]);
        got.push(["rp", ["=", value], Object.fromEntries([...own].filter(([, v]) => v === value))]);
      } else if (random.chance(0.4)) {
        asked.push(["r", key, null]);
        got.push(["r", key, own.get(key) ?? null]);
      } else if (random.chance(0.5)) {
        asked.push(["w", key, value]);
        got.push(["w", key, value]);
        writes.set(key, value);
        own.set(key, value);
      } else {
        asked.push(["delete", key]);
        got.push(["delete", key]);
        if (own.delete(key)) writes.set(key, undefined);
      }
    }
    return { process, asked, got, writes };
  };
  const commit = ({ writes }: Open): void => {
    for (const [key, value] of writes) {
      versions.set(key, (versions.get(key) ?? 0) + 1);
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
    }
  };
  for (let made = 0; made < count || open.length > 0;) {
    const process = random.below(8);
    const at = open.findIndex((each) => each.process === process);
    if (at < 0) {
      if (made++ >= count) continue;
      const next = draw(process);
      events.push({ ...about, process, type: "invoke", value: next.asked });
      began.set(process, new Map(versions));
      if (isSerial) commit(next);
      open.push(next);
      continue;
    }
    const [each] = open.splice(at, 1) as [Open];
    const before = began.get(process);
    const isLate = [...each.writes.keys()].some((key) => before?.get(key) !== versions.get(key));
    const type = isLate && !isSerial ? "fail" : "ok";
    events.push({ ...about, process, type, value: type === "ok" ? each.got : each.asked });
    if (type === "ok" && !isSerial) commit(each);
  }
  return historyOf(events);
}
