/**
 * A store of lists and registers on which the verifier carries transactions out.
 */
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import { elementsOf, type Micro } from "./transactions.js";

/** What a store holds: lists as their elements, registers as a text; nothing is null. */
export type State = Map<string, string | string[]>;

/** Appends, or writes over. */
export function write(state: State, { f, key, value }: Micro): void {
  const text = canonical(value as Value);
  if (f === "w") {
    state.set(key, text);
    return;
  }
  const list = state.get(key);
  if (Array.isArray(list)) list.push(text);
  else state.set(key, [text]);
}

/** A read that is known returns what is there. */
export function confirmRead(
  read: Micro,
  found: string | readonly string[] | undefined,
  by: number,
): void {
  if (read.value === undefined) return;
  const isSame =
    typeof found === "string"
      ? canonical(read.value) === found
      : isSameList(elementsOf(read), found ?? []) &&
        (read.value === null || Array.isArray(read.value));
  claim(isSame, () => `Transaction ${by} did not read of ${read.key} what was there.`);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((element, place) => element === b[place]);
}
