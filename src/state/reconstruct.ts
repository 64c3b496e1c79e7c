/**
 * Rebuilds states from those that they depend on, each after its dependencies: the topological
 * order of Kahn ("Topological sorting of large networks", CACM 1962), in linear time. Among those
 * that are free to go the order is that of the given keys, so that a rebuilding repeats itself
 * exactly.
 */
import type { Value } from "../history/value.js";
import { StateError } from "./state-error.js";

/** What depends on what, and how to build it. */
export interface ReconstructionRules {
  /** The keys that have to be rebuilt before this one. */
  readonly dependenciesOf: (key: string, saved: Value) => readonly string[];
  /** The state that follows from what was saved (its events, say) and from what was rebuilt. */
  readonly rebuild: (key: string, saved: Value, dependencies: ReadonlyMap<string, Value>) => Value;
}

/**
 * Rebuilds all states.
 * @throws StateError `corrupt` when a dependency is missing, or some depend on each other in a
 *   circle; the message names them
 */
export function reconstruct(
  saved: ReadonlyMap<string, Value>,
  rules: ReconstructionRules,
): ReadonlyMap<string, Value> {
  const dependencies = dependenciesOf(saved, rules);
  const rebuilt = new Map<string, Value>();
  for (const key of inOrder(dependencies)) {
    const built = new Map<string, Value>();
    for (const each of dependencies.get(key) ?? []) built.set(each, rebuilt.get(each) as Value);
    rebuilt.set(key, rules.rebuild(key, saved.get(key) as Value, built));
  }
  return rebuilt;
}

type Dependencies = ReadonlyMap<string, readonly string[]>;

function dependenciesOf(
  saved: ReadonlyMap<string, Value>,
  rules: ReconstructionRules,
): Dependencies {
  const dependencies = new Map<string, readonly string[]>();
  for (const [key, value] of saved) {
    const needed = [...new Set(rules.dependenciesOf(key, value))];
    const missing = needed.find((each) => !saved.has(each));
    if (missing !== undefined) {
      const message = `${shown(key)} depends on ${shown(missing)}, which is missing`;
      throw new StateError("corrupt", message, { key: missing });
    }
    dependencies.set(key, needed);
  }
  return dependencies;
}

function inOrder(dependencies: Dependencies): readonly string[] {
  const missing = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const [key, needed] of dependencies) {
    missing.set(key, needed.length);
    for (const each of needed) {
      const known = dependents.get(each);
      if (known === undefined) dependents.set(each, [key]);
      else known.push(key);
    }
  }
  const order = [...dependencies.keys()].filter((key) => missing.get(key) === 0);
  // It grows while it is walked.
  for (const key of order) {
    for (const dependent of dependents.get(key) ?? []) {
      const left = (missing.get(dependent) as number) - 1;
      missing.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  }
  if (order.length < dependencies.size) throw circle(dependencies, new Set(order));
  return order;
}

/** Everything that is left has a dependency that is left: following them ends in a circle. */
function circle(dependencies: Dependencies, done: ReadonlySet<string>): StateError {
  const path: string[] = [];
  let key = [...dependencies.keys()].find((each) => !done.has(each)) as string;
  while (!path.includes(key)) {
    path.push(key);
    key = dependencies.get(key)?.find((each) => !done.has(each)) as string;
  }
  const names = [...path.slice(path.indexOf(key)), key].map(shown).join(" → ");
  return new StateError("corrupt", `states depend on each other in a circle: ${names}`, { key });
}

function shown(key: string): string {
  return JSON.stringify(key);
}
