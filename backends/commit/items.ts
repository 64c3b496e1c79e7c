/**
 * What the steps of transactions do to items. There are two kinds: accounts, which are spread over
 * the nodes and changed by amounts, and states (`objects/state.ts`), of which every node has a
 * copy.
 */
import type { Value } from "../../src/history/value.js";
import { listIn } from "../objects/object.js";
import { stateObject } from "../objects/state.js";

/**
 * A part of a transaction: an account that is changed by an amount (0: only read), or a call of a
 * state.
 */
export type Step =
  | { readonly item: string; readonly change: number }
  | { readonly item: string; readonly call: Value };

/** What a step finds, and what it leaves where it changes something. */
export type Work = { readonly value: Value; readonly next?: Value } | { readonly refusal: string };

/** What an account holds at first. */
const INITIAL = 20;

/** Works a step out against what its item holds; null is an item that was never touched. */
export function workOf(held: Value, step: Step): Work {
  if ("change" in step) {
    const balance = Number(held ?? INITIAL);
    const next = balance + step.change;
    if (next < 0) return { refusal: "overdrawn" };
    return step.change === 0 ? { value: balance } : { value: balance, next };
  }
  const [f = null, argument = null] = listIn(step.call);
  const answer = typeof f === "string" ? stateObject(held, { f, argument }) : undefined;
  if (answer === undefined || "refusal" in answer) return { refusal: "unsupported" };
  return answer;
}
