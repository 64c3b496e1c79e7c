/**
 * Finds plugins by the names of the catalog; what has none is an error of one line that says which
 * names are near, and where all are.
 */
import { HarnessError } from "../errors.js";
import { nearestFew } from "../nearest.js";

/** What is looked for, and the word by which `ordeal list` shows all. */
const LISTS = {
  system: "systems",
  workload: "workloads",
  nemesis: "nemeses",
  checker: "checkers",
  consistency: "checkers",
  model: "models",
} as const;

/** A kind of plugin, as errors call it. */
export type Kind = keyof typeof LISTS;

/** Names that take more characters than a line of a terminal and a half are a wall. */
const LISTED_LENGTH_MAX = 120;

/** The entry of a name. @throws HarnessError `bad-argument` with names that are near. */
export function find<Entry extends { readonly name: string }>(
  kind: Kind,
  entries: readonly Entry[],
  name: string,
): Entry {
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  throw new HarnessError(
    "bad-argument",
    unknownName(
      kind,
      name,
      entries.map((each) => each.name),
    ),
  );
}

/** Why there is no entry of a name; undefined when there is one. */
export function whyUnknown(
  kind: Kind,
  entries: readonly { readonly name: string }[],
  name: string,
): string | undefined {
  const names = entries.map((each) => each.name);
  return names.includes(name) ? undefined : unknownName(kind, name, names);
}

/** What is said of a name that nothing has. */
function unknownName(kind: Kind, name: string, names: readonly string[]): string {
  const [base, variant] = apart(name);
  if (variant !== undefined && names.includes(base)) return noVariant(kind, name, names);
  const near = nearestFew(
    name,
    names.filter((each) => !each.includes(":")),
  );
  // Whoever knows the name of a bug need not know whose it is.
  const found = near.length > 0 ? near : names.filter((each) => apart(each)[1] === name);
  const all = isShort(names)
    ? `there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`
    : `ordeal list ${LISTS[kind]} has all ${names.length}`;
  return `no ${kind} is called "${name}"${meaning(found)} (${all})`;
}

function noVariant(kind: Kind, name: string, names: readonly string[]): string {
  const [base, variant = ""] = apart(name);
  const variants = names.filter((each) => each.startsWith(`${base}:`));
  if (variants.length === 0) return `the ${kind} ${base} has no variants, so no ${variant} either`;
  const short = variants.map((each) => each.slice(base.length + 1));
  const near = nearestFew(variant, short).map((each) => `${base}:${each}`);
  const all = isShort(short)
    ? `it has ${short.join(", ")}`
    : `ordeal list ${LISTS[kind]} has all ${variants.length}`;
  return `the ${kind} ${base} has no variant ${variant}${meaning(near)} (${all})`;
}

function isShort(names: readonly string[]): boolean {
  return names.join(", ").length <= LISTED_LENGTH_MAX;
}

function apart(name: string): readonly [base: string, variant: string | undefined] {
  const at = name.indexOf(":");
  return at === -1 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

/** `; did you mean A, B or C?`; nothing for none. */
export function meaning(names: readonly string[]): string {
  if (names.length === 0) return "";
  const last = names.at(-1) ?? "";
  const others = names.slice(0, -1);
  const text = others.length === 0 ? last : `${others.join(", ")} or ${last}`;
  return `; did you mean ${text}?`;
}
