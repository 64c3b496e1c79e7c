/**
 * A system from a handful of methods: the short way to test a store of one's own, in this process
 * or reached through its own client library, without writing a node program.
 *
 * ```ts
 * const mine = storeSystem({
 *   name: "mine",
 *   open: async () => {
 *     const map = new Map<string, Value>();
 *     return {
 *       get: async (key) => map.get(key) ?? null,
 *       put: async (key, value) => void map.set(key, value),
 *     };
 *   },
 * });
 * ```
 *
 * The store is opened once a run and shared by all its clients. What a method throws is
 * indeterminate, unless it is an
 * `OperationError` that says `fail`: only the store's author knows which errors mean that nothing
 * happened.
 */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import type { NodeProgram, WorldKind } from "../world/world.js";
import { OperationError, type Client } from "./client.js";
import type { SessionOptions, System, SystemPromise } from "./system.js";

/**
 * The methods that a store brings. Keys are texts as the workload has them; other keys come as
 * `json:` and their JSON, the register, which has no key, as `json:null`.
 */
export interface Store {
  /** The value of a key; `null` or `undefined` when it has none. */
  get(key: string): Promise<Value | undefined> | Value | undefined;
  put(key: string, value: Value): Promise<void> | void;
  /** Sets `next` if the value is `expected`; answers whether it was. */
  cas?(key: string, expected: Value, next: Value): Promise<boolean> | boolean;
  /** Adds text to the end of the value; a key without value counts as empty. */
  append?(key: string, text: string): Promise<void> | void;
  delete?(key: string): Promise<void> | void;
  /** Called once, after the last operation. */
  close?(): Promise<void> | void;
}

/** What `storeSystem` is made from. */
export interface StoreSystemOptions {
  readonly name: string;
  /** Default: "the store NAME". */
  readonly description?: string;
  /**
   * Opens the store of one run. In the simulated world the store must wait on nothing but `clock`
   * and promises: virtual time does not stand still for sockets, files and `setTimeout`.
   */
  open(context: SessionOptions): Promise<Store>;
  /** The methods beyond get and put that the store brings. Default none. */
  readonly methods?: readonly ("cas" | "append" | "delete")[];
  /**
   * Where it can run. Default `["real"]`, which is right for every store; see `open` for the other.
   */
  readonly worlds?: readonly WorldKind[];
  /** What the store is said to keep. Default: linearizable, without faults. */
  readonly promise?: SystemPromise;
}

/** What the text of a key that is no text begins with. */
const JSON_MARK = "json:";

/**
 * Makes a system of a store's methods: with `read`, `write`, `cas` and with `get`, `put`, `append`,
 * `delete`.
 */
export function storeSystem(options: StoreSystemOptions): System {
  const { name, methods = [], worlds = ["real"] } = options;
  const has = (method: "cas" | "append" | "delete"): readonly string[] =>
    methods.includes(method) ? [method] : [];
  const functions = [
    "read",
    "write",
    ...has("cas"),
    "get",
    "put",
    ...has("append"),
    ...has("delete"),
  ];
  return {
    name,
    description: options.description ?? `the store ${name}`,
    worlds,
    functions,
    nodes: { min: 1, default: 1, max: 1 },
    promise: options.promise ?? {
      consistency: "linearizable",
      under: [],
      deviation: "the faults of a run do not reach a store that is not a node of it",
    },
    availability: () => ({
      available: false,
      reason: "a store that is no node of the run is not reached by its faults",
      alternative:
        "use --nemesis none and break the store by other means, or write it as a node program (`System.deployment`)",
    }),
    deployment: (nodeCount) => ({
      program: { module: import.meta.url, export: "storeNodeProgram", options: {} },
      nodeCount,
    }),
    connect: async () => {
      throw new Error(`${name} is opened once a run: use openSession(system, …) and its connect`);
    },
    open: async (context) => {
      const store = await options.open(context);
      const missing = methods.filter((method) => store[method] === undefined);
      if (missing.length > 0) {
        throw new HarnessError(
          "bad-argument",
          `the store ${name} has no ${missing.join(", ")}, which its "methods" name; add the method, or take the name out`,
        );
      }
      return {
        connect: async ({ endpoint }) => createClient(store, functions, () => endpoint.close()),
        close: async () => store.close?.(),
      };
    },
  };
}

/** The node of a store that is not a node: it does nothing. */
export function storeNodeProgram(): NodeProgram {
  return { start: async () => undefined };
}

function createClient(store: Store, functions: readonly string[], release: () => void): Client {
  let closed = false;
  return {
    invoke: async ({ f, key, value }) => {
      if (closed) throw new OperationError("fail", "closed", "this client is closed");
      if (!functions.includes(f)) {
        throw new OperationError("fail", "unsupported", `this store has no function ${f}`);
      }
      return perform(store, { f, key: keyOf(key), value });
    },
    close: async () => {
      if (closed) return;
      closed = true;
      release();
    },
  };
}

async function perform(
  store: Store,
  { f, key, value }: { readonly f: string; readonly key: string; readonly value: Value },
): Promise<Value> {
  switch (f) {
    case "read":
    case "get":
      return (await store.get(key)) ?? null;
    case "cas": {
      const [expected, next] = value as readonly [Value, Value];
      if (await store.cas?.(key, expected, next)) return value;
      throw new OperationError("fail", "mismatch", `the value is not ${canonical(expected)}`);
    }
    case "append":
      await store.append?.(key, value as string);
      return value;
    case "delete":
      await store.delete?.(key);
      return null;
    default:
      await store.put(key, value);
      return value;
  }
}

/**
 * Texts stay as they are, all else becomes JSON behind a mark; no two keys become the same text.
 */
function keyOf(key: Value | undefined): string {
  if (typeof key === "string" && !key.startsWith(JSON_MARK)) return key;
  return JSON_MARK + canonical(key ?? null);
}
