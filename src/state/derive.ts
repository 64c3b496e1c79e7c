/**
 * Makes a whole `StatePersistence` of a store's three methods: checks and copies arguments, tells
 * errors apart, and derives listing and batches where the store has none of its own.
 *
 * The derived listing keeps the keys in the store itself, in buckets of their own. A key is entered
 * before its first state is saved, so that the buckets never miss one, and it is looked up before
 * it is listed, so that they may hold too many. It is never taken out again: between "it is not
 * there" and "take it out" somebody may save it. A store whose keys come and go by the million
 * should list by itself.
 */
import { messageOf } from "../errors.js";
import type { Value } from "../history/value.js";
import {
  checkExpected,
  checkKey,
  checkListing,
  compareKeys,
  copyOf,
  copyOfBatch,
  RESERVED_PREFIX,
} from "./arguments.js";
import type {
  ChangeOptions,
  ListedState,
  ListOptions,
  SavedState,
  StateChange,
  StatePersistence,
  StateStore,
} from "./persistence.js";
import { isStateError, StateError } from "./state-error.js";
import { checkConditions } from "./state-table.js";

/** A store of states, from one's own three methods. */
export function statePersistence(store: StateStore): StatePersistence {
  const underWay = new UnderWay();
  const calls = classified(store, underWay);
  const index = store.listStates === undefined ? new KeyIndex(calls) : undefined;
  let closed = false;
  const open = (): void => {
    if (closed) throw new StateError("unavailable", "this store is closed");
  };

  const saveState = (key: string, value: Value, options: ChangeOptions): Promise<number> =>
    index === undefined
      ? calls.saveState(key, value, options)
      : underWay.during(async () => {
          await index.enter(key);
          return calls.saveState(key, value, options);
        });
  const atomicBatch = store.batch !== undefined;
  return {
    name: store.name ?? "store",
    durability: store.durability ?? "volatile",
    atomicBatch,
    saveState: async (key, value, options = {}) => {
      checkKey(key);
      const copy = copyOf(value);
      checkExpected(options);
      open();
      return saveState(key, copy, options);
    },
    loadState: async (key) => {
      checkKey(key);
      open();
      return calls.loadState(key);
    },
    deleteState: async (key, options = {}) => {
      checkKey(key);
      checkExpected(options);
      open();
      return calls.deleteState(key, options);
    },
    listStates: async (options = {}) => {
      checkListing(options);
      open();
      return index === undefined
        ? calls.listStates(options)
        : underWay.during(async () => index.list(options));
    },
    batch: async (changes) => {
      const copies = copyOfBatch(changes);
      open();
      if (atomicBatch) return calls.batch(copies);
      return underWay.during(async () => oneByOne(copies, { calls, saveState }));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await underWay.ended();
      await store.close?.();
    },
  };
}

/** Counts calls, so that a store is closed when the last one has ended. */
class UnderWay {
  #count = 0;
  #tellEnded: (() => void) | undefined;

  began(): void {
    this.#count++;
  }

  /** One that began has ended. */
  left(): void {
    if (--this.#count === 0) this.#tellEnded?.();
  }

  /** Counts what takes several steps as one. */
  async during<T>(action: () => Promise<T>): Promise<T> {
    this.began();
    try {
      return await action();
    } finally {
      this.left();
    }
  }

  /** Resolves when none is under way. */
  async ended(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#tellEnded = resolve));
  }
}

/** The store's own methods, counted, and with every error a `StateError`. */
function classified(
  store: StateStore,
  underWay: UnderWay,
): Required<Omit<StateStore, "name" | "durability">> {
  const guard = async <T>(otherwise: "unavailable" | "indeterminate", call: () => Promise<T>) => {
    underWay.began();
    try {
      return await call();
    } catch (error) {
      if (error instanceof StateError) throw error;
      throw new StateError(otherwise, messageOf(error), { cause: error });
    } finally {
      underWay.left();
    }
  };
  return {
    saveState: (key, value, options) =>
      guard("indeterminate", async () => store.saveState(key, value, options)),
    loadState: (key) => guard("unavailable", async () => store.loadState(key)),
    deleteState: (key, options) =>
      guard("indeterminate", async () => store.deleteState(key, options)),
    listStates: (options) =>
      guard("unavailable", async () => (await store.listStates?.(options)) ?? []),
    batch: (changes) => guard("indeterminate", async () => (await store.batch?.(changes)) ?? []),
    close: async () => store.close?.(),
  };
}

type Calls = ReturnType<typeof classified>;

/** How the derived batch changes states. */
interface Changing {
  readonly calls: Calls;
  readonly saveState: (key: string, value: Value, options: ChangeOptions) => Promise<number>;
}

/**
 * A batch for stores that have none: all conditions first, then the changes one by one, each on the
 * condition that nobody was faster. When somebody was and a part is done already, the batch is
 * indeterminate.
 */
async function oneByOne(
  changes: readonly StateChange[],
  { calls, saveState }: Changing,
): Promise<readonly number[]> {
  const before = new Map<string, number>();
  for (const { key } of changes) before.set(key, (await lookUp(calls, key))?.version ?? 0);
  checkConditions(changes, (key) => before.get(key) ?? 0);
  const versions: number[] = [];
  for (const change of changes) {
    const options = { expected: before.get(change.key) ?? 0 };
    try {
      if (change.kind === "delete") {
        await calls.deleteState(change.key, options);
        versions.push(0);
      } else versions.push(await saveState(change.key, change.value, options));
    } catch (error) {
      if (versions.length === 0) throw error;
      const message = `${versions.length} of ${changes.length} changes are done: ${messageOf(error)}`;
      throw new StateError("indeterminate", message, { key: change.key, cause: error });
    }
  }
  return versions;
}

async function lookUp(calls: Calls, key: string): Promise<SavedState | undefined> {
  try {
    return await calls.loadState(key);
  } catch (error) {
    if (isStateError(error, "not-found")) return undefined;
    throw error;
  }
}

const BUCKET_COUNT = 32;

/** The keys that a store ever had, kept in the store. */
class KeyIndex {
  readonly #calls: Calls;
  /** Keys that are known to be entered: they stay for ever. */
  readonly #entered = new Set<string>();

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Resolves when the key is in its bucket. */
  async enter(key: string): Promise<void> {
    if (this.#entered.has(key)) return;
    const bucket = bucketOf(key);
    for (;;) {
      const found = await lookUp(this.#calls, bucket);
      const keys = (found?.value ?? []) as readonly string[];
      if (keys.includes(key)) break;
      try {
        await this.#calls.saveState(bucket, [...keys, key], { expected: found?.version ?? 0 });
        break;
      } catch (error) {
        // Whether it is entered shows at the next look. What else goes wrong, goes wrong before
        // the state itself was touched.
        if (isStateError(error, "conflict")) continue;
        throw new StateError("unavailable", messageOf(error), { key, cause: error });
      }
    }
    this.#entered.add(key);
  }

  async list({ prefix = "", after, limit = Infinity }: ListOptions): Promise<ListedState[]> {
    const keys: string[] = [];
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      const found = await lookUp(this.#calls, bucketName(bucket));
      keys.push(...((found?.value ?? []) as readonly string[]));
    }
    const wanted = keys
      .filter((key) => key.startsWith(prefix))
      .filter((key) => after === undefined || compareKeys(key, after) > 0)
      .toSorted(compareKeys);
    const listed: ListedState[] = [];
    for (const key of wanted) {
      if (listed.length >= limit) break;
      const found = await lookUp(this.#calls, key);
      if (found !== undefined) listed.push({ key, version: found.version });
    }
    return listed;
  }
}

/** FNV-1a over the units of the key. */
function bucketOf(key: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return bucketName((hash >>> 0) % BUCKET_COUNT);
}

function bucketName(bucket: number): string {
  return `${RESERVED_PREFIX}keys/${bucket}`;
}
