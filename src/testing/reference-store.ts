/**
 * A sequential store that the backend contract compares with. It is written apart from the
 * backends on purpose: nobody should be judged by their own code.
 */
import type { Invocation } from "../generator/generator.js";
import { canonical, type Value } from "../history/value.js";
import type { Random } from "../random.js";

/** The functions that the contract has a model of. */
export const KNOWN_FUNCTIONS: readonly string[] = [
  "read",
  "write",
  "cas",
  "get",
  "put",
  "append",
  "delete",
];

/** How to write and to read a key of a system, by whichever functions it has. */
export interface Access {
  write(key: Value, value: Value): Invocation;
  read(key: Value): Invocation;
}

/** The pair of functions that write and read; undefined when there is none. */
export function accessOf(functions: readonly string[]): Access | undefined {
  const pair = [
    ["put", "get"],
    ["write", "read"],
  ].find((names) => names.every((f) => functions.includes(f)));
  const [write, read] = pair ?? [];
  if (write === undefined || read === undefined) return undefined;
  return {
    write: (key, value) => ({ f: write, key, value }),
    read: (key) => ({ f: read, key, value: null }),
  };
}

/** What an operation should end as; an `ok` without value may answer anything. */
export type Expected = { readonly type: "ok"; readonly value?: Value } | { readonly type: "fail" };

/** The function that shows what this one did. */
export function observerOf(f: string | undefined): string {
  return f === "read" || f === "write" || f === "cas" ? "read" : "get";
}

/** The state of all keys, one operation after the other. */
export interface Reference {
  apply(invocation: Invocation): Expected;
  /** Draws arguments for a function, such that each of its outcomes is likely. */
  draw(f: string, random: Random, number: number): Invocation;
}

/** Makes an empty store. */
export function createReference(): Reference {
  const values = new Map<string, Value>();
  const slot = ({ key }: Pick<Invocation, "key">): string => canonical(key ?? null);

  const apply: Reference["apply"] = (invocation) => {
    const { f, value } = invocation;
    const at = slot(invocation);
    const held = values.get(at) ?? null;
    if (f === "read" || f === "get") return { type: "ok", value: held };
    if (f === "delete") values.delete(at);
    else if (f === "append") values.set(at, ((held ?? "") as string) + (value as string));
    else if (f === "cas") {
      const [expected = null, next = null] = value as readonly Value[];
      if (canonical(expected) !== canonical(held)) return { type: "fail" };
      values.set(at, next);
    } else values.set(at, value);
    return { type: "ok" };
  };

  return {
    apply,
    draw: (f, random, number) => {
      // Registers have no key; the kv functions use few, so that they meet. Both kinds stay apart.
      const keyed =
        f === "read" || f === "write" || f === "cas" ? {} : { key: `k${random.below(3)}` };
      if (f === "read" || f === "get" || f === "delete") return { f, ...keyed, value: null };
      if (f !== "cas") return { f, ...keyed, value: `v${number}` };
      const held = values.get(slot({})) ?? null;
      return { f, value: [random.chance(0.5) ? held : `not-${number}`, `v${number}`] };
    },
  };
}
