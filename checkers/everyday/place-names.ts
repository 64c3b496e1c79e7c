/** Which replica, node or place an operation is about. */
import { NONE, type History } from "../../src/history/history.js";
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
  const { keys, values, processes, pool } = history;
  const key = keys[invocation] as number;
  if ((source === "auto" || source === "key") && key !== NONE && pool[key] !== null) {
    return valueText(pool[key] ?? null);
  }
  const input = pool[values[invocation] as number] ?? null;
  if ((source === "auto" || source === "input") && input !== null) return valueText(input);
  return `process ${processes[invocation]}`;
}

/** Whether a name is that of a process; these come and go, others stay. */
export function isProcessName(name: string): boolean {
  return name.startsWith("process ");
}
