/** Which replica, node or place an operation is about. */
import { NONE, type History } from "../../src/history/history.js";
import { NumberTable } from "./number-table.js";
import { valueText } from "./words.js";

/**
 * What names the place: the operation's key, its input, or its process; `"auto"` takes the first of
 * these that is there (and not null).
 */
export type PlaceSource = "auto" | "input" | "key" | "process";

/** The choices. */
export const PLACE_SOURCES: readonly PlaceSource[] = ["auto", "key", "input", "process"];

/** A name for the place of an operation. */
export function placeNameOf(history: History, invocation: number, source: PlaceSource): string {
  const position = placeValueOf(history, invocation, source);
  if (position !== NONE) return valueText(history.valueAt(position));
  return `process ${history.processes[invocation]}`;
}

/** Where the value stands in the pool that names the place; `NONE` where the process does. */
function placeValueOf(history: History, invocation: number, source: PlaceSource): number {
  const { keys, values, valueAt } = history;
  const key = keys[invocation] as number;
  const mayBeKey = source === "auto" || source === "key";
  if (mayBeKey && key !== NONE && valueAt(key) !== null) return key;
  const input = values[invocation] as number;
  const mayBeInput = source === "auto" || source === "input";
  return mayBeInput && valueAt(input) !== null ? input : NONE;
}

/** Numbers for places, so that no name is made more than once. */
export class PlaceNumbers {
  /** By number. */
  readonly names: string[] = [];
  readonly #history: History;
  readonly #source: PlaceSource;
  readonly #byName = new Map<string, number>();
  readonly #byValue = new NumberTable();
  readonly #byProcess = new NumberTable();

  constructor(history: History, source: PlaceSource) {
    this.#history = history;
    this.#source = source;
  }

  /** The number of the place of an operation. */
  of(invocation: number): number {
    const isProcess = this.#source === "process";
    const position = isProcess ? NONE : placeValueOf(this.#history, invocation, this.#source);
    const table = position === NONE ? this.#byProcess : this.#byValue;
    const key = position === NONE ? (this.#history.processes[invocation] as number) : position;
    const known = table.find(key);
    if (known !== NONE) return known;
    const number = this.#numberOf(placeNameOf(this.#history, invocation, this.#source));
    table.set(key, number);
    return number;
  }

  /** Long values may be called the same. */
  #numberOf(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    this.#byName.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** Whether a name is that of a process; these come and go, others stay. */
export function isProcessName(name: string): boolean {
  return name.startsWith("process ");
}
