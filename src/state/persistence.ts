/**
 * The port of stores of states: a key, a plain JSON value, and a version that tells two states of
 * one key apart for ever.
 *
 * Versions are positive integers. Each save gives its key a greater one than the key ever had,
 * also when it was deleted in between: whoever saves on the condition that nothing has changed is
 * not deceived by a state that went away and came back.
 */
import type { Value } from "../history/value.js";

/** A state as it was saved. */
export interface SavedState {
  readonly value: Value;
  readonly version: number;
}

/** A state in a listing. */
export interface ListedState {
  readonly key: string;
  readonly version: number;
}

/** On what condition to change a state. */
export interface ChangeOptions {
  /** The version that the state must have; 0 when there must be none. Default: any. */
  readonly expected?: number;
}

/** One change of a batch. */
export type StateChange =
  | {
      readonly kind: "save";
      readonly key: string;
      readonly value: Value;
      readonly expected?: number;
    }
  | { readonly kind: "delete"; readonly key: string; readonly expected?: number };

/** Which states to list. */
export interface ListOptions {
  /** The beginning of their keys. Default: all. */
  readonly prefix?: string;
  /** List only what comes after this key: the last one of the page before. */
  readonly after?: string;
  /** The number of states at the most, 1 or more. Default: no limit. */
  readonly limit?: number;
}

/**
 * What a store keeps. `volatile`: nothing beyond its process. `kill`: what it acknowledged survives
 * the end of its process. `power-loss`: also a loss of power.
 */
export type Durability = "volatile" | "kill" | "power-loss";

/**
 * A store of one's own: three methods, and `statePersistence` derives the rest. All changes of one
 * key are atomic. Errors are `StateError`; anything else that a change throws counts as
 * `indeterminate`, anything else that a load throws as `unavailable`.
 */
export interface StateStore {
  /** As the contract suite and reports name it. Default `store`. */
  readonly name?: string;
  /** What it promises to keep. Default `volatile`. */
  readonly durability?: Durability;
  /**
   * Saves a state, a copy that is the store's own; resolves with its version once it is as durable
   * as the store makes it.
   */
  saveState(key: string, value: Value, options?: ChangeOptions): Promise<number>;
  /** @throws StateError `not-found` */
  loadState(key: string): Promise<SavedState>;
  /** @throws StateError `not-found`, `conflict` */
  deleteState(key: string, options?: ChangeOptions): Promise<void>;
  /** Better than the derived one when the store can find its keys itself. */
  listStates?(options?: ListOptions): Promise<readonly ListedState[]>;
  /** Better than the derived one when the store can do all or nothing. */
  batch?(changes: readonly StateChange[]): Promise<readonly number[]>;
  /** Called when no call is under way. */
  close?(): Promise<void>;
}

/** A store of states. Calls after `close` are `unavailable`. */
export interface StatePersistence {
  readonly name: string;
  readonly durability: Durability;
  /** Whether a batch is done wholly or not at all, and seen so by others. */
  readonly atomicBatch: boolean;
  /**
   * Saves a state as it is when this is called; resolves with its version once it is as durable as
   * the store makes it.
   * @throws StateError `conflict` when it has not the version that was expected
   */
  saveState(key: string, value: Value, options?: ChangeOptions): Promise<number>;
  /** Answers a copy that is the caller's own. @throws StateError `not-found` */
  loadState(key: string): Promise<SavedState>;
  /** @throws StateError `not-found`, `conflict` */
  deleteState(key: string, options?: ChangeOptions): Promise<void>;
  /** In the order of their keys, by code points. */
  listStates(options?: ListOptions): Promise<readonly ListedState[]>;
  /**
   * Several changes, of a key each. All conditions are about the states before the batch. Resolves
   * with the new versions, 0 for a deletion.
   * @throws StateError `not-found`, `conflict`; then nothing was changed
   */
  batch(changes: readonly StateChange[]): Promise<readonly number[]>;
  /** Idempotent; waits for what is under way. */
  close(): Promise<void>;
}
