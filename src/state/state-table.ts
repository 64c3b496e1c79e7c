/**
 * The states of a store that keeps them in memory (perhaps beside a log), and what a batch does to
 * them. Values are kept as texts, so that nobody's later change of an object changes a state.
 */
import type { Value } from "../history/value.js";
import { compareKeys } from "./arguments.js";
import type { ListedState, ListOptions, SavedState, StateChange } from "./persistence.js";
import { StateError } from "./state-error.js";

/** A state in the table; a text undefined is a deletion. */
export interface NumberedChange {
  readonly key: string;
  readonly text: string | undefined;
  readonly version: number;
}

interface Kept {
  readonly text: string;
  readonly version: number;
}

/** The table, and the number of the last change. */
export class StateTable {
  readonly #states = new Map<string, Kept>();
  #sequence = 0;

  /** The number of the last change; each change has the next one, which becomes its version. */
  get sequence(): number {
    return this.#sequence;
  }

  /** 0 when there is no such state. */
  versionOf(key: string): number {
    return this.#states.get(key)?.version ?? 0;
  }

  /** @throws StateError `not-found` */
  load(key: string): SavedState {
    const kept = this.#states.get(key);
    if (kept === undefined) throw notFound(key);
    return { value: JSON.parse(kept.text) as Value, version: kept.version };
  }

  list(options: ListOptions = {}): readonly ListedState[] {
    const { prefix = "", after, limit = Infinity } = options;
    const found: ListedState[] = [];
    for (const [key, { version }] of this.#states) {
      if (!key.startsWith(prefix)) continue;
      if (after === undefined || compareKeys(key, after) > 0) found.push({ key, version });
    }
    return found.toSorted((a, b) => compareKeys(a.key, b.key)).slice(0, limit);
  }

  /** Carries out changes that follow the last one. */
  apply(changes: readonly NumberedChange[]): void {
    for (const { key, text, version } of changes) {
      if (text === undefined) this.#states.delete(key);
      else this.#states.set(key, { text, version });
      this.#sequence = version;
    }
  }

  /** All states, in the order in which their keys came. */
  entries(): readonly NumberedChange[] {
    return [...this.#states].map(([key, { text, version }]) => ({ key, text, version }));
  }

  /** Takes over the states of a checkpoint. */
  restore(sequence: number, entries: readonly NumberedChange[]): void {
    this.#states.clear();
    for (const { key, text, version } of entries) {
      if (text !== undefined) this.#states.set(key, { text, version });
    }
    this.#sequence = sequence;
  }
}

/** @throws StateError `not-found`, `conflict`: the first of the batch, in its order */
export function checkConditions(
  changes: readonly StateChange[],
  versionOf: (key: string) => number,
): void {
  for (const change of changes) checkCondition(change, versionOf(change.key));
}

/** @throws StateError `not-found`, `conflict` */
function checkCondition(change: StateChange, version: number): void {
  const { kind, key, expected } = change;
  if (expected !== undefined && expected !== version) {
    const found = version === 0 ? "there is none" : `it has ${version}`;
    const wanted = expected === 0 ? "no state" : `version ${expected}`;
    const message = `${JSON.stringify(key)} was expected to have ${wanted}, but ${found}`;
    throw new StateError("conflict", message, { key, version });
  }
  if (kind === "delete" && version === 0) throw notFound(key);
}

/** The error of a state that is not there. */
export function notFound(key: string): StateError {
  return new StateError("not-found", `there is no state ${JSON.stringify(key)}`, { key });
}
