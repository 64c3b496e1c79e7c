/**
 * The three methods of a store, as calls of the states that replicated systems keep
 * (`backends/objects/state.ts`); and what their errors mean for a state.
 */
import type { Value } from "../../src/history/value.js";
import { OperationError } from "../../src/runner/client.js";
import { compareKeys } from "../../src/state/arguments.js";
import type {
  ListedState,
  ListOptions,
  SavedState,
  StateStore,
} from "../../src/state/persistence.js";
import { StateError } from "../../src/state/state-error.js";
import { notFound } from "../../src/state/state-table.js";
import type { Clients } from "./clients.js";

/** What calls are made with. */
export interface CallOptions {
  readonly clients: Clients;
  /** After this, what was refused is not tried again. */
  readonly timeoutMs: number;
}

/** The methods of a store. */
export function stateCalls(
  options: CallOptions,
): Required<Pick<StateStore, "saveState" | "loadState" | "deleteState" | "listStates">> {
  const state = async (key: string, call: readonly [string, Value]): Promise<Value> =>
    perform(options, { f: "state", key, value: call, changes: call[0] !== "load" });
  return {
    saveState: async (key, value, { expected = null } = {}) =>
      versionIn(key, await state(key, ["save", { value, expected }])),
    loadState: async (key) => {
      const found = (await state(key, ["load", null])) as SavedState | null;
      if (found === null) throw notFound(key);
      return found;
    },
    deleteState: async (key, { expected = null } = {}) => {
      versionIn(key, await state(key, ["delete", { expected }]));
    },
    listStates: async (listing = {}) => {
      const { prefix = "" } = listing;
      const asked = { f: "states", key: null, value: prefix, changes: false };
      return pageOf((await perform(options, asked)) as readonly [string, number][], listing);
    },
  };
}

/** The version in an answer. @throws StateError `not-found`, `conflict` */
function versionIn(key: string, answer: Value): number {
  if (answer === null) throw notFound(key);
  const { version, conflict } = answer as { readonly version?: number; readonly conflict?: number };
  if (version !== undefined) return version;
  const found = conflict === 0 ? "there is none" : `it has ${conflict}`;
  const message = `${JSON.stringify(key)} was expected to have another version, but ${found}`;
  throw new StateError("conflict", message, { key, version: conflict ?? 0 });
}

function pageOf(
  pairs: readonly (readonly [string, number])[],
  { after, limit = Infinity }: ListOptions,
): readonly ListedState[] {
  return pairs
    .filter(([key]) => after === undefined || compareKeys(key, after) > 0)
    .toSorted(([a], [b]) => compareKeys(a, b))
    .slice(0, limit)
    .map(([key, version]) => ({ key, version }));
}

interface Call {
  readonly f: string;
  readonly key: Value;
  readonly value: Value;
  /** Whether it may change something: then it is not tried again unless it certainly did not. */
  readonly changes: boolean;
}

/** Mean time between two attempts; it doubles up to the maximum. */
const PAUSE_MS = 10;
const PAUSE_MS_MAX = 320;

async function perform({ clients, timeoutMs }: CallOptions, call: Call): Promise<Value> {
  const { changes, ...invocation } = call;
  const deadlineNs = clients.nowNs() + timeoutMs * 1e6;
  for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    try {
      return await clients.use(async (client) => client.invoke(invocation));
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      const { outcome, code, message } = error;
      if (outcome === "info" && changes) {
        throw new StateError("indeterminate", message, { cause: error });
      }
      if (clients.nowNs() + pauseMs * 1e6 > deadlineNs || code === "unsupported") {
        throw new StateError("unavailable", message, { cause: error });
      }
      if (code === "refused" || code === "timeout") clients.goOn();
    }
    await clients.pause(pauseMs);
  }
}
