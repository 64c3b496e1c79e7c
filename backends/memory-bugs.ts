/**
 * The bugs of the variants of `memory`: what a command is answered, and what is changed, when the
 * bug strikes.
 */
import type { Value } from "../src/history/value.js";
import type { NodeContext } from "../src/world/world.js";
import {
  applyCommand,
  indeterminate,
  ok,
  stateKeyOf,
  type Applied,
  type Command,
} from "./store-commands.js";

/**
 * `stale-reads`: a read now and then gives what was there before the last change; `lost-writes`: a
 * change now and then is acknowledged and not made; `fractured-reads`: a read of several things now
 * and then gives some of them as they are, others as they were before, or leaves one out;
 * `bad-answers`: an answer now and then cannot be read; `panics`: a request now and then fails in
 * the server, which survives it, says so in its log, and answers that it does not know;
 * `early-sends`: a transaction on logs sends at once, and reads a while later; `torn-transactions`:
 * one now and then stops after its first send, and answers that it does not know;
 * `stuck-after-restart`: a node that was killed does not serve any more.
 */
export type MemoryVariant =
  | "bad-answers"
  | "early-sends"
  | "fractured-reads"
  | "lost-writes"
  | "panics"
  | "stale-reads"
  | "stuck-after-restart"
  | "torn-transactions";

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
  "early-sends": "a transaction on logs sends at once, and reads a while later",
  "torn-transactions": "a transaction on logs now and then stops after its first send",
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

/** How long a transaction takes that sends early, until it reads. */
export const EARLY_MS = 200;

/** The steps of a transaction on logs; undefined for other commands. */
function logSteps({ f, value }: Command): readonly Value[] | undefined {
  if (f !== "log" || !Array.isArray(value)) return undefined;
  const [name, steps] = value as readonly Value[];
  return name === "txn" && Array.isArray(steps) ? (steps as readonly Value[]) : undefined;
}

const isSend = (step: Value): boolean => Array.isArray(step) && step[0] === "send";

/** A transaction that both sends and reads, as its sends and, a while later, its reads. */
export function inTwo(
  command: Command,
):
  | { readonly sends: Command; readonly reads: Command; answer(of: Value, later: Value): Value }
  | undefined {
  const steps = logSteps(command);
  if (steps === undefined || !steps.some(isSend) || steps.every(isSend)) return undefined;
  const part = (own: readonly Value[]): Command => ({ ...command, value: ["txn", own] });
  return {
    sends: part(steps.filter(isSend)),
    reads: part(steps.filter((step) => !isSend(step))),
    answer: (sent, read) => {
      const [offsets, pairs] = [[...(sent as readonly Value[])], [...(read as readonly Value[])]];
      const own = new Map<Value, number>();
      const answers = steps.map((step): Value => {
        if (!isSend(step)) return pairs.shift() ?? [];
        const offset = offsets.shift() ?? null;
        const [log = null] = ((step as readonly Value[])[1] ?? []) as readonly Value[];
        if (!own.has(log)) own.set(log, Number(offset));
        return offset;
      });
      // As brokers do: nobody reads past what is not committed, least of all its own.
      return answers.map((answer, at): Value => {
        const step = steps[at] as Value;
        if (isSend(step)) return answer;
        const { log = null } = (step as readonly Value[])[1] as { readonly log?: Value };
        const end = own.get(log) ?? Infinity;
        return (answer as readonly (readonly Value[])[]).filter(([offset]) => Number(offset) < end);
      });
    },
  };
}

/** What a transaction leaves that stops after its first send. */
export function torn(state: ReadonlyMap<string, Value>, command: Command): Applied | undefined {
  const sends = logSteps(command)?.filter(isSend) ?? [];
  if (sends.length < 2) return undefined;
  const { change } = applyCommand(state, { ...command, value: ["txn", sends.slice(0, 1)] });
  const answer = indeterminate("internal", "the transaction stopped");
  return change === undefined ? { answer } : { answer, change };
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
