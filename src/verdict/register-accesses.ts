/**
 * What operations on registers read and wrote, for the verification of staleness: a compare-and-set
 * that swapped read the old value and wrote the new one.
 */
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { claim } from "./claims.js";

/** What one operation did. */
export interface RegisterAccess {
  readonly operation: Operation;
  /** The value that it saw, as text; undefined when it says nothing. */
  readonly saw: string | undefined;
  /** The value that it wrote, as text, if it did. */
  readonly wrote: string | undefined;
}

/** What an operation did, taken to have happened. @throws ClaimRefused for other operations */
export function accessOf(model: Model, operation: Operation): RegisterAccess {
  claim(
    model.type?.name === "register",
    () => `Staleness is about registers, and the model ${model.name} is none.`,
  );
  const { f, input, output, outcome } = operation;
  const role = f === "delete" && model.name === "kv" ? "delete" : model.type.roles[f];
  if (role === "read") {
    const seen = output ?? null;
    const says = outcome === "ok" && (seen !== null || model.options["nilReads"] !== "unknown");
    return { operation, saw: says ? canonical(seen) : undefined, wrote: undefined };
  }
  if (role === "write") return { operation, saw: undefined, wrote: canonical(input) };
  if (role === "delete") return { operation, saw: undefined, wrote: canonical(null) };
  claim(
    role === "cas" && Array.isArray(input) && input.length === 2,
    () => `Operation ${operation.invocation} (${f}) is neither a read nor a write.`,
  );
  const [from, to] = input as unknown as readonly [Value, Value];
  if (outcome === "ok" && output === false) {
    return { operation, saw: undefined, wrote: undefined };
  }
  const wrote = canonical(to);
  // One that never answered is not known to have seen anything.
  const saw = outcome === "ok" ? canonical(from) : undefined;
  return { operation, saw, wrote: canonical(from) === wrote ? undefined : wrote };
}

/** Events as places in time: equal times in the order of the history, and time never goes back. */
export class Clock {
  readonly #times: Float64Array;

  constructor({ timesNs, length }: { readonly timesNs: Float64Array; readonly length: number }) {
    this.#times = Float64Array.from({ length }, () => 0);
    let latest = -Infinity;
    for (let event = 0; event < length; event++) {
      latest = Math.max(latest, timesNs[event] as number);
      this.#times[event] = latest;
    }
  }

  /** Whether an event comes before another one that is taken to be `earlierNs` earlier. */
  isBefore(event: number, other: number, earlierNs: number): boolean {
    if (event === Infinity) return false;
    const time = this.#times[event] as number;
    const otherTime = (this.#times[other] as number) - earlierNs;
    return time === otherTime ? event < other : time < otherTime;
  }
}
