/**
 * States as chains of events, each saved once and never changed, in a file store: an event says
 * what its state became, and depends on the event before it. When the store is opened, the states
 * are rebuilt from their events in the order of these dependencies (`reconstruction`), so that an
 * event that is lost is an error and not an older state.
 */
import type { Value } from "../../src/history/value.js";
import type { ChangeOptions, StateChange, StatePersistence } from "../../src/state/persistence.js";
import { reconstruction } from "../../src/state/recovery.js";
import { statePersistence } from "../../src/state/derive.js";
import { isStateError } from "../../src/state/state-error.js";
import { checkConditions, StateTable } from "../../src/state/state-table.js";
import { filePersistenceOn, type FileOptions } from "../file.js";

/** `[key, number]`, with a value unless the event is a deletion. */
type Event = readonly [key: string, number: number, value?: Value];

const nameOf = (key: string, number: number): string => `${key}#${number}`;

/** Opens the store of a disk. @throws StateError as `filePersistenceOn` does */
export async function eventSourced(
  ...[place, options]: Parameters<typeof filePersistenceOn>
): Promise<StatePersistence> {
  const recovery = reconstruction({
    dependenciesOf: (_, saved) => {
      const [key, number] = saved as unknown as Event;
      return number === 1 ? [] : [nameOf(key, number - 1)];
    },
    rebuild: (_, saved) => saved,
  });
  const events = await filePersistenceOn(place, { ...options, recovery } satisfies FileOptions);
  const table = new StateTable();
  /** The number of the last event of each key. */
  const last = new Map<string, number>();
  const take = (event: Event): void => {
    const [key, number, value] = event;
    const text = value === undefined ? undefined : JSON.stringify(value);
    table.apply([{ key, text, version: number }]);
    last.set(key, number);
  };
  // In the order of their dependencies: those of a key one after the other.
  for (const event of events.recovery.rebuilt.values()) take(event as unknown as Event);

  const change = async (key: string, value: Value | undefined, options: ChangeOptions = {}) => {
    const asked: StateChange =
      value === undefined
        ? { kind: "delete", key, ...options }
        : { kind: "save", key, value, ...options };
    for (;;) {
      checkConditions([asked], (each) => table.versionOf(each));
      const number = (last.get(key) ?? 0) + 1;
      const event: Event = value === undefined ? [key, number] : [key, number, value];
      try {
        await events.saveState(nameOf(key, number), event as unknown as Value, { expected: 0 });
      } catch (error) {
        // Somebody was faster: the conditions are now about what that has left.
        if (isStateError(error, "conflict")) continue;
        throw error;
      }
      take(event);
      return number;
    }
  };
  return statePersistence({
    name: "event-sourced",
    durability: events.durability,
    saveState: async (key, value, options) => change(key, value, options),
    loadState: async (key) => table.load(key),
    deleteState: async (key, options) => {
      await change(key, undefined, options);
    },
    listStates: async (listing) => table.list(listing),
    close: () => events.close(),
  });
}
