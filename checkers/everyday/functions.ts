/** Which events are about the functions that a checker reads. */
import { INVOKE, NEMESIS, NONE, type History } from "../../src/history/history.js";

/** For each position in `functionNames`, 1 when it is one of the names. */
export function maskOf(history: History, names: readonly string[]): Uint8Array {
  const { functionNames } = history;
  const mask = new Uint8Array(functionNames.length);
  for (let f = 0; f < mask.length; f++) if (names.includes(functionNames[f] as string)) mask[f] = 1;
  return mask;
}

/** For each position in `functionNames` the role that it has, 0 for none. */
export function rolesOf(history: History, roles: { readonly [name: string]: number }): Uint8Array {
  return Uint8Array.from(history.functionNames, (name) =>
    Object.hasOwn(roles, name) ? (roles[name] as number) : 0,
  );
}

/** How many client operations have one of the functions. */
export function countOf(history: History, mask: Uint8Array): number {
  const { length, types, processes, functions } = history;
  let count = 0;
  for (let i = 0; i < length; i++) {
    if (types[i] === INVOKE && processes[i] !== NEMESIS && mask[functions[i] as number] !== 0) {
      count++;
    }
  }
  return count;
}

/** The outcome of an invocation as the code of its completion; without one it is `INFO`. */
export function outcomeOf({ pairs, types }: History, invocation: number): number {
  const pair = pairs[invocation] as number;
  return pair === NONE ? 3 : (types[pair] as number);
}

/** What to do about a history without the functions that a checker reads. */
export function nothingOf(what: string, functions: readonly string[]): string {
  return (
    `Nothing was proved: the history has no ${what} that completed ok. ` +
    `This checker reads ${functions.join(", ")}; use it where clients invoke these, and run long enough for one to succeed.`
  );
}
