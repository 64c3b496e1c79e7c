/**
 * The bugs of the variants of `memory`: what a command is answered, and what is changed, when the
 * bug strikes.
 */
import type { Value } from "../src/history/value.js";
import type { NodeContext } from "../src/world/world.js";
import { applyCommand, ok, stateKeyOf, type Applied, type Command } from "./store-commands.js";

/**
 * `stale-reads`: a read now and then gives what was there before the last change; `lost-writes`: a
 * change now and then is acknowledged and not made; `fractured-reads`: a read of several things now
 * and then gives some of them as they are, others as they were before, or leaves one out;
 * `bad-answers`: an answer now and then cannot be read; `panics`: a request now and then fails in
 * the server, which survives it, says so in its log, and answers that it does not know;
 * `stuck-after-restart`: a node that was killed does not serve any more.
 */
export type MemoryVariant =
  | "bad-answers"
  | "fractured-reads"
  | "lost-writes"
  | "panics"
  | "stale-reads"
  | "stuck-after-restart";

type Random = NodeContext["random"];

/** How often a variant shows its bug. */
export const BUG_PROBABILITY = 0.1;

/** What each does, for the list of backends. */
export const BUGS: { readonly [variant in MemoryVariant]: string } = {
  "stale-reads": "a read now and then gives the previous value",
  "lost-writes": "a write now and then is acknowledged and not made",
  "fractured-reads": "a read of several things now and then mixes new with old, or leaves one out",
  "bad-answers": "an answer now and then cannot be read",
  panics: "a request now and then panics, which only the log of the node tells",
  "stuck-after-restart": "a node that was killed does not serve again",
};

/** How many earlier values of a key are kept. */
const KEPT = 8;

/** What each key held before. */
export class Past {
  readonly #values = new Map<string, Value[]>();

  /** The value is about to be replaced. */
  keep(key: string, value: Value): void {
    const known = this.#values.get(key) ?? [];
    this.#values.set(key, known);
    known.push(value);
    if (known.length > KEPT) known.shift();
  }

  last(key: string): Value {
    return this.#values.get(key)?.at(-1) ?? null;
  }

  any(key: string, random: Random): Value {
    const known = this.#values.get(key) ?? [];
    return known.length === 0 ? null : random.pick(known);
  }
}

/** What a node with the bug makes of a command; `applied` is what it should make of it. */
export function withBug(
  variant: MemoryVariant,
  command: Command,
  told: { readonly applied: Applied; readonly past: Past; readonly random: Random },
): Applied {
  const { applied, past, random } = told;
  const { answer, change } = applied;
  if (answer.outcome !== "ok") return applied;
  const key = stateKeyOf(command);
  if (variant === "lost-writes") {
    return change !== undefined && random.chance(BUG_PROBABILITY) ? { answer } : applied;
  }
  const isBroken = variant === "stale-reads" || variant === "fractured-reads";
  if (!isBroken || change !== undefined || !random.chance(BUG_PROBABILITY)) return applied;
  if (variant === "stale-reads") return at(past.last(key), key, command);
  const before = at(past.any(key, random), key, command).answer;
  return before.outcome === "ok"
    ? { answer: ok(fractured(answer.value, before.value, random)) }
    : applied;
}

/** What the command would be answered if the key had this value. */
function at(value: Value, key: string, command: Command): Applied {
  return { answer: applyCommand(new Map([[key, value]]), command).answer };
}

/** Some parts as they are, the others as they were; of a list of plain elements one is left out. */
function fractured(now: Value, before: Value, random: Random): Value {
  if (typeof now !== "object" || now === null) return now;
  if (Array.isArray(now)) {
    const parts = now as readonly Value[];
    const earlier = Array.isArray(before) ? (before as readonly Value[]) : [];
    if (parts.every((part) => Array.isArray(part))) {
      return parts.map((part, i) => (random.chance(0.5) ? (earlier[i] ?? part) : part));
    }
    const gone = parts.length < 2 ? -1 : random.below(parts.length - 1);
    return parts.filter((_, i) => i !== gone);
  }
  const earlier = (before ?? {}) as { readonly [name: string]: Value };
  const fields = Object.entries(now as { readonly [name: string]: Value });
  return Object.fromEntries(
    fields.map(([name, value]) => [name, random.chance(0.5) ? (earlier[name] ?? value) : value]),
  );
}
