/**
 * Modules of users, in TypeScript or JavaScript, loaded without a build step.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createJiti } from "jiti";
import { HarnessError, messageOf } from "../errors.js";

/** Whether a word of the command line is the path of a module, not a name from the catalog. */
export function isFile(word: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(word);
}

/** What a module exports by default. @throws HarnessError `bad-argument` with what went wrong */
export async function defaultExportOf(file: string): Promise<unknown> {
  const path = resolve(file);
  try {
    const jiti = createJiti(pathToFileURL(path).href, { interopDefault: true, fsCache: false });
    return await jiti.import(path, { default: true });
  } catch (error) {
    throw new HarnessError("bad-argument", `cannot load ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
