/**
 * States in the memory of this process: the smallest store, and volatile, as it says. What it
 * acknowledged is gone with the process.
 */
import { statePersistence } from "../src/state/derive.js";
import type { StateChange, StatePersistence } from "../src/state/persistence.js";
import { checkConditions, StateTable } from "../src/state/state-table.js";

/** A store of states in memory. */
export function memoryPersistence(): StatePersistence {
  const table = new StateTable();
  const commit = (changes: readonly StateChange[]): number[] => {
    checkConditions(changes, (key) => table.versionOf(key));
    const first = table.sequence + 1;
    const numbered = changes.map((change, place) => ({
      key: change.key,
      text: change.kind === "save" ? JSON.stringify(change.value) : undefined,
      version: first + place,
    }));
    table.apply(numbered);
    return numbered.map(({ text, version }) => (text === undefined ? 0 : version));
  };
  return statePersistence({
    name: "memory",
    durability: "volatile",
    saveState: async (key, value, options) =>
      commit([{ kind: "save", key, value, ...options }])[0] as number,
    loadState: async (key) => table.load(key),
    deleteState: async (key, options) => void commit([{ kind: "delete", key, ...options }]),
    listStates: async (options) => table.list(options),
    batch: async (changes) => commit(changes),
  });
}
