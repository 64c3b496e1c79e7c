/**
 * Histories of transactions on a few registers that everybody writes, so that nobody knows the
 * order of most writes: clients take turns at random against a store of versions. A transaction
 * reads a snapshot and commits later, unless another committed to one of its keys in between: then
 * its client tries again (snapshot isolation); or it does both at once (serializability). Same
 * options, same history.
 */
import { createHistoryBuilder, INVOKE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { createRandom } from "../../src/random.js";

/** How a history is made. */
export interface HotKeysOptions {
  readonly transactions: number;
  readonly keys: number;
  /** What the store keeps. */
  readonly isolation: "snapshot" | "serializable";
  /** Whether one transaction in the last tenth reads of one key what was there long before. */
  readonly stale?: boolean;
}

const SEED = 1;
const SESSIONS = 20;
const MICRO = 8;
/** So many writes of the key before what is right to read. */
const STALE_BY = 3;

interface Client {
  asked: readonly (readonly [f: "r" | "w", key: number, value: number])[];
  got: Value;
  /** How many transactions had committed when it took its snapshot. */
  snapshot: number;
  state: "idle" | "called" | "begun" | "done";
}

/** A value of a key, and which commit wrote it. */
interface Version {
  readonly value: number;
  readonly commit: number;
}

/** Makes a history. */
export function makeHotKeys(options: HotKeysOptions): History {
  const { transactions, keys, isolation, stale = false } = options;
  const random = createRandom(SEED);
  const builder = createHistoryBuilder();
  const versions: Version[][] = Array.from({ length: keys }, () => []);
  const clients: Client[] = Array.from({ length: SESSIONS }, () => ({
    asked: [],
    got: null,
    snapshot: 0,
    state: "idle",
  }));
  let values = 0;
  let called = 0;
  let commits = 0;
  let returned = 0;
  let planted = !stale;

  const ask = (): readonly ["r" | "w", number, number] => {
    const key = random.below(keys);
    return random.chance(0.5) ? ["r", key, 0] : ["w", key, ++values];
  };
  const lastCommit = (key: number): number => (versions[key] as Version[]).at(-1)?.commit ?? 0;
  const read = (key: number, snapshot: number): number | null => {
    const known = (versions[key] as Version[]).filter(({ commit }) => commit <= snapshot);
    const isWrong = !planted && commits > 0.9 * transactions && known.length > STALE_BY;
    if (isWrong) planted = true;
    return known.at(isWrong ? -1 - STALE_BY : -1)?.value ?? null;
  };
  const carryOut = ({ asked, snapshot }: Client): Value => {
    const own = new Map<number, number | null>();
    const got = asked.map(([f, key, value]): Value => {
      if (f === "w") own.set(key, value);
      else if (!own.has(key)) own.set(key, read(key, snapshot));
      return [f, key, own.get(key) ?? null];
    });
    commits++;
    for (const key of new Set(asked.filter(([f]) => f === "w").map(([, key]) => key))) {
      (versions[key] as Version[]).push({ value: own.get(key) as number, commit: commits });
    }
    return got;
  };

  while (returned < transactions) {
    const process = random.below(SESSIONS);
    const client = clients[process] as Client;
    const time = builder.length * 1000;
    if (client.state === "idle") {
      if (called === transactions) continue;
      called++;
      client.asked = Array.from({ length: MICRO }, ask);
      client.state = "called";
      const asked = client.asked.map(([f, key, value]): Value => [
        f,
        key,
        f === "r" ? null : value,
      ]);
      builder.append(INVOKE, process, "txn", undefined, asked, undefined, time);
    } else if (client.state === "called") {
      client.snapshot = commits;
      client.state = "begun";
    } else if (client.state === "begun") {
      if (isolation === "serializable") client.snapshot = commits;
      const writes = client.asked.filter(([f]) => f === "w");
      if (writes.some(([, key]) => lastCommit(key) > client.snapshot)) {
        client.state = "called";
        continue;
      }
      client.got = carryOut(client);
      client.state = "done";
    } else {
      client.state = "idle";
      returned++;
      builder.append(OK, process, "txn", undefined, client.got, undefined, time);
    }
  }
  return builder.build();
}
