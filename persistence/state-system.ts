/**
 * A system from a store of states: the short way to drive the workloads `workflow` and `states`
 * against a store of one's own, in this process or reached through its own client library.
 *
 * ```ts
 * export default defineTest({
 *   system: stateSystem({ name: "mine", open: async () => statePersistence(myThreeMethods()) }),
 *   workload: "workflow",
 * });
 * ```
 *
 * The store is opened once a run and shared by all its clients. Faults of a run do not reach it:
 * break it by other means, or write it as a node program (see `runner/store-system.ts`).
 */
import { OperationError, type Client } from "../src/runner/client.js";
import { storeSystem } from "../src/runner/store-system.js";
import type { SessionOptions, System, SystemPromise } from "../src/runner/system.js";
import type { StatePersistence } from "../src/state/persistence.js";
import type { WorldKind } from "../src/world/world.js";
import { performStateCall } from "./hosted/serve-states.js";

/** What `stateSystem` is made from. */
export interface StateSystemOptions {
  readonly name: string;
  /** Default: "the store NAME". */
  readonly description?: string;
  /**
   * Opens the store of one run. In the simulated world it must wait on nothing but `clock` and
   * promises.
   */
  open(context: SessionOptions): Promise<StatePersistence>;
  /** Where it can run. Default `["real"]`, which is right for every store. */
  readonly worlds?: readonly WorldKind[];
  /** What the store is said to keep. Default: linearizable, without faults. */
  readonly promise?: SystemPromise;
}

/** Makes a system of a store of states, with the functions `state` and `states`. */
export function stateSystem(options: StateSystemOptions): System {
  const system = storeSystem({
    ...options,
    // Its functions are replaced below.
    open: async () => ({ get: () => null, put: () => undefined }),
  });
  return {
    ...system,
    functions: ["state", "states"],
    open: async (context) => {
      const store = await options.open(context);
      return {
        connect: async ({ endpoint }) => clientOf(store, () => endpoint.close()),
        close: () => store.close(),
      };
    },
  };
}

function clientOf(store: StatePersistence, release: () => void): Client {
  let closed = false;
  return {
    invoke: async ({ f, key = null, value }) => {
      if (closed) throw new OperationError("fail", "closed", "this client is closed");
      const answer = await performStateCall(store, { f, key, value });
      if (answer.outcome === "ok") return answer.value;
      throw new OperationError(answer.outcome, answer.code, answer.message);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      release();
    },
  };
}
