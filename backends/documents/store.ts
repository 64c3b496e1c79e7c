/** The description of a store in shared documents. */
import type { System } from "../../src/runner/system.js";
import type { ProgramOptions } from "../../src/world/world.js";
import { memoryPromise } from "../replicated/memory-promise.js";
import { assertStrategy } from "../replicated/synchronization.js";
import { connectStore } from "../store-client.js";

/** What tells one such store from another. */
export interface DocumentStore {
  readonly library: "yjs" | "automerge";
  /** The library, as people write it. */
  readonly title: string;
  /** How copies are kept in step; absent for `eventual`. */
  readonly strategy: "eventual" | "weak" | undefined;
  /** The module of the program in this folder. */
  readonly program: {
    readonly file: string;
    readonly export: string;
    readonly options: ProgramOptions;
  };
  /** The name of what is wrong with it, and what that is; absent when nothing is. */
  readonly bug?: readonly [variant: string, description: string];
}

/** Options of such stores. */
export interface DocumentOptions {
  /**
   * Whether replicas come to the same in the end, or `weak`: they tell of each change once, and
   * never ask for what was lost. Default `eventual`.
   */
  readonly strategy?: "eventual" | "weak";
}

/** Makes the system. */
export function documentStore(store: DocumentStore): System {
  const { library, title, program, bug, strategy = "eventual" } = store;
  assertStrategy(library, strategy);
  const isWeak = strategy === "weak";
  const suffix = bug?.[0] ?? (isWeak ? strategy : undefined);
  const what = `a map, sets and counters in ${title} document`;
  // The sources run without a build too.
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return {
    name: suffix === undefined ? library : `${library}:${suffix}`,
    description:
      bug === undefined
        ? isWeak
          ? `${what}, whose replicas tell each other once; what is lost stays lost`
          : `${what}: answer at once, come to the same state`
        : `the same store with a bug: ${bug[1]}`,
    worlds: ["simulated", "real"],
    functions: ["get", "put", "delete", "set", "counter"],
    nodes: { min: 1, default: 3, max: 9 },
    promise:
      bug === undefined
        ? memoryPromise(strategy)
        : { consistency: "none", under: [], deviation: `it has a bug: ${bug[1]}` },
    deployment: (nodeCount) => ({
      program: {
        module: new URL(`./${program.file}${ending}`, import.meta.url).href,
        export: program.export,
        options: { ...program.options, repairs: !isWeak },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}
