/**
 * Finds the processes that a run started: they inherit a mark in their environment.
 */
import { readdirSync, readFileSync } from "node:fs";

const NAME = "ORDEAL_TEST_MARK";

/** The environment that marks a process and all that it starts. */
export function marked(mark: string): { readonly [name: string]: string } {
  return { [NAME]: mark };
}

/** The living processes with this mark (Linux only), as `pid command`. */
export function processesOf(mark: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${NAME}=${mark}`)) continue;
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) continue;
      found.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** Waits until a condition holds; false when it does not within the limit. */
export async function eventually(condition: () => boolean, limitMs = 20_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  return true;
}
