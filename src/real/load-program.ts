/**
 * Loads the program of a node from its reference: compiled modules as they are, a user's TypeScript
 * without a build step.
 */
import { fileURLToPath } from "node:url";
import type { NodeProgram, ProgramReference } from "../world/world.js";

/** Imports the module and calls its factory. */
export async function loadProgram(reference: ProgramReference): Promise<NodeProgram> {
  const module = await importModule(reference.module);
  const factory = module[reference.export];
  if (typeof factory !== "function") {
    const exported = Object.keys(module).join(", ");
    throw new TypeError(
      `${reference.module} has no function ${reference.export} (it exports ${exported || "nothing"})`,
    );
  }
  const program = (await factory(reference.options)) as NodeProgram;
  if (typeof program?.start !== "function") {
    throw new TypeError(`${reference.export} of ${reference.module} gave no program: no start()`);
  }
  return program;
}

/** Imports a module by its `file:` URL, a TypeScript one too; both worlds load programs with it. */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  // When this file is TypeScript itself, whatever runs it takes other TypeScript too, and modules
  // are shared with it.
  const needsJiti = /\.[cm]?tsx?$/.test(url) && !import.meta.url.endsWith(".ts");
  if (!needsJiti) return (await import(url)) as Record<string, unknown>;
  // Most programs do without it, and a node should be up again soon.
  const { createJiti } = await import("jiti");
  // No cache on disk: it would outlive the run in the temporary directory.
  return createJiti(import.meta.url, { fsCache: false }).import(fileURLToPath(url));
}
