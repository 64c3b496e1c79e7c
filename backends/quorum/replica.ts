/**
 * The copy of a node: of each key the latest version that it was given, on its disk before anybody
 * is told.
 */
import type { Value } from "../../src/history/value.js";
import type { Message } from "../../src/world/network.js";
import type { DurableMap } from "../file/durable-map.js";
import {
  compareTimestamps,
  decodeVersioned,
  encodeVersioned,
  type Timestamp,
  type Versioned,
} from "./versions.js";

/** The copy of a node. */
export interface Replica {
  query(key: string): Promise<Versioned>;
  /** Keeps the later of what it has and what it is given. */
  store(key: string, version: Versioned): Promise<void>;
  /** Keeps the later of what it has and what it is given, of each of these. */
  storeAll(versions: readonly Keyed[]): Promise<void>;
  /** Keeps a value with a timestamp that is made from that of what it has; answers both. */
  write(key: string, value: Value, stamp: (held: Timestamp) => Timestamp): Promise<Versioned>;
  /** All that it has. */
  everything(): Promise<readonly Keyed[]>;
  /** A number that no earlier start of this node had. */
  nextIncarnation(): Promise<number>;
}

/** A version, and of which key. */
export type Keyed = readonly [key: string, version: Versioned];

/** No key's text can be this, for it is not JSON. */
const INCARNATION_KEY = "incarnation";

/**
 * A failed disk call ends the node, as one of `file/journal.ts` does: whoever starts it again reads
 * what the disk holds. One that only refused would be of no use to anybody for ever.
 */
function endingWithDisk(map: DurableMap): DurableMap {
  return {
    transact: async (transaction) =>
      new Promise((resolve) => {
        // Nobody handles what is thrown here.
        void map.transact(transaction).then(resolve);
      }),
  };
}

/** The copy in a map on a disk. */
export function createReplica(given: DurableMap): Replica {
  const map = endingWithDisk(given);
  return {
    query: async (key) =>
      map.transact((state) => ({ changes: [], result: decodeVersioned(state.get(key)) })),
    store: async (key, version) =>
      map.transact((state) => ({ changes: news(state, [[key, version]]), result: undefined })),
    storeAll: async (versions) =>
      map.transact((state) => ({ changes: news(state, versions), result: undefined })),
    write: async (key, value, stamp) =>
      map.transact((state) => {
        const version = { timestamp: stamp(decodeVersioned(state.get(key)).timestamp), value };
        return { changes: [{ key, value: encodeVersioned(version) }], result: version };
      }),
    everything: async () =>
      map.transact((state) => ({
        changes: [],
        result: [...state]
          .filter(([key]) => key !== INCARNATION_KEY)
          .map(([key, held]) => [key, decodeVersioned(held)] as const),
      })),
    // Who cannot read its disk does not start.
    nextIncarnation: async () =>
      given.transact((state) => {
        const next = Number(state.get(INCARNATION_KEY) ?? 0) + 1;
        return { changes: [{ key: INCARNATION_KEY, value: next }], result: next };
      }),
  };
}

/** What of these is later than what is there. */
function news(
  state: ReadonlyMap<string, Value>,
  versions: readonly Keyed[],
): readonly { readonly key: string; readonly value: Value }[] {
  return versions
    .filter(([key, { timestamp }]) => {
      const held = decodeVersioned(state.get(key));
      return compareTimestamps(timestamp, held.timestamp) > 0;
    })
    .map(([key, version]) => ({ key, value: encodeVersioned(version) }));
}

/** What another node asks of a copy. */
export async function answerPeer(replica: Replica, message: readonly Message[]): Promise<Message> {
  const [kind, key, version] = message;
  if (kind === "store-all") {
    const versions = key as unknown as readonly (readonly [string, Value])[];
    await replica.storeAll(versions.map(([each, held]) => [each, decodeVersioned(held)]));
    return "stored";
  }
  if (typeof key !== "string") throw new Error("a replica is asked about a key");
  if (kind === "query") return encodeVersioned(await replica.query(key));
  if (kind !== "store") throw new Error("a replica answers query, store and store-all");
  await replica.store(key, decodeVersioned(version));
  return "stored";
}
