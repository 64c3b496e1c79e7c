/** The kinds of anomalies that a checker without a model says it knows, read from its source. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** These name their anomalies in their parts. */
const STALENESS = ["stale-read", "unwritten-value", "read-from-the-future"];

/** The source of a checker. */
export function sourceOf(name: string): string {
  return readFileSync(join(ROOT, `checkers/${name}.ts`), "utf8");
}

/** The kinds, in the order in which they are listed. */
export function declaredKinds(name: string): readonly string[] {
  if (name === "k-atomicity" || name === "delta-atomicity") return STALENESS;
  const list = /(?:kinds: |const KINDS = )\[([^\]]+)\]/.exec(sourceOf(name))?.[1] ?? "";
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] as string);
}
