/**
 * The module that a test says its system is in: a case names it, so it has to be one from which
 * `ordeal replay` gets that system.
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { HarnessError } from "../../errors.js";
import { isFile } from "../../runner/own-module.js";
import { systemIn } from "../../runner/own-test.js";
import { named } from "./given.js";

const EXAMPLE = 'file: new URL("./my-system.ts", import.meta.url)';

/**
 * A path as the command line takes it, from where that is likely to be called.
 * @throws HarnessError `bad-argument` when there is no such file.
 */
export function pathOfModule(given: string | URL): string {
  const path = pathIn(given);
  if (existsSync(path)) return path;
  throw new HarnessError(
    "bad-argument",
    `file: there is no ${path} (from the current directory); it is the module that exports the system by default, as in ${EXAMPLE}`,
  );
}

function pathIn(given: unknown): string {
  const isUrl = given instanceof URL || (typeof given === "string" && given.startsWith("file:"));
  if (!isUrl && (typeof given !== "string" || given === "")) {
    throw new HarnessError(
      "bad-argument",
      `file is the path or the file: URL of a module, as in ${EXAMPLE}; it was given ${named(given)}`,
    );
  }
  if (!isUrl) return isFile(given) ? given : `./${given}`;
  if (new URL(given).protocol !== "file:") {
    throw new HarnessError(
      "bad-argument",
      `file is a module on this machine, as in ${EXAMPLE}; it was given ${String(given)}`,
    );
  }
  const path = relative(process.cwd(), fileURLToPath(given));
  return path.startsWith(".") ? path : `./${path}`;
}

/**
 * Loads the module as a replay does.
 * @throws HarnessError `bad-argument` when a replay would not get this system from it.
 */
export async function assertExports(path: string, system: string): Promise<void> {
  const exported = await exportedBy(path);
  if (exported === system) return;
  throw new HarnessError(
    "bad-argument",
    `file: what ${path} exports by default is the system ${exported}, but ${system} is tested; ${FIX}`,
  );
}

const FIX =
  "ordeal replay takes the default export for the system of a case: export default what is tested, " +
  "or name the module that does, or leave file out";

async function exportedBy(path: string): Promise<string> {
  try {
    return (await systemIn(path)).make().name;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    throw new HarnessError("bad-argument", `file: ${error.message}; ${FIX}`, { cause: error });
  }
}
