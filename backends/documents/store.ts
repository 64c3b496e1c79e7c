/** The description of a store in shared documents. */
import type { System } from "../../src/runner/system.js";
import type { ProgramOptions } from "../../src/world/world.js";
import { connectStore } from "../store-client.js";

/** What tells one such store from another. */
export interface DocumentStore {
  readonly name: string;
  readonly description: string;
  /** The module of the program in this folder. */
  readonly program: {
    readonly file: string;
    readonly export: string;
    readonly options: ProgramOptions;
  };
  /** What is wrong with it; absent when nothing is. */
  readonly bug?: string;
}

/** Makes the system. */
export function documentStore({ name, description, program, bug }: DocumentStore): System {
  // The sources run without a build too.
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return {
    name,
    description: bug === undefined ? description : `the same store with a bug: ${bug}`,
    worlds: ["simulated", "real"],
    functions: ["get", "put", "delete", "set", "counter"],
    nodes: { min: 1, default: 3, max: 9 },
    promise:
      bug === undefined
        ? {
            consistency: "eventual",
            under: ["cut-link", "pause"],
            deviation: "nodes answer from what they have; what one has in memory dies with it",
          }
        : { consistency: "none", under: [], deviation: `it has a bug: ${bug}` },
    deployment: (nodeCount) => ({
      program: {
        module: new URL(`./${program.file}${ending}`, import.meta.url).href,
        export: program.export,
        options: program.options,
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}
