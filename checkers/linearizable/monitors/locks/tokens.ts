/**
 * Fencing tokens: they grow from one acquisition to the next, so that those whose tokens are known
 * took effect in the order of these. Each then took effect after the invocations of all with
 * smaller tokens, and before the completions of all with larger ones, which makes its window
 * narrower. Of two, that with the smaller token has a window that neither begins nor ends later,
 * and comes first where both end together, so that who takes the open one that ends first never
 * goes against the tokens.
 *
 * Tokens that are not known (null, true, those of indeterminate acquisitions) are any numbers
 * between the known ones; see the model.
 */
import { INFO, OK } from "../../../../src/history/history.js";
import { sortedByKey } from "../event-order.js";
import type { Outputs } from "./decide.js";
import { ACQUIRE, type Requests } from "./requests.js";
import { orderedWindows, type Windows } from "./windows.js";

/** Reads the outputs of acquisitions as tokens. */
export const tokens: Outputs = { narrow, behind, agree };

/** The token that a call is known to have got; undefined for any other. */
function tokenOf({ kinds, calls }: Requests, call: number): number | undefined {
  if (kinds[call] !== ACQUIRE || calls.outcomes[call] !== OK) return undefined;
  const output = calls.pool[calls.outputs[call] as number];
  return typeof output === "number" ? output : undefined;
}

function isToken(output: unknown): boolean {
  return output === null || output === true || typeof output === "number";
}

function narrow(requests: Requests): Windows | { contradict: readonly number[] } | string {
  const { kinds, calls } = requests;
  const { count, invocations, completions, outcomes, outputs, pool } = calls;
  for (let call = 0; call < count; call++) {
    if (kinds[call] !== ACQUIRE || outcomes[call] !== OK) continue;
    if (!isToken(pool[outputs[call] as number])) return "a token is no number";
  }
  const { known, unknown } = byToken(requests);
  const starts = Int32Array.from(invocations);
  const ends = Int32Array.from(completions);
  /** The calls that the windows come from. */
  const latest = new Int32Array(known.length);
  for (let place = 0; place < known.length; place++) {
    const call = known[place] as number;
    const before = place === 0 ? call : (latest[place - 1] as number);
    if (place > 0 && tokenOf(requests, call) === tokenOf(requests, known[place - 1] as number)) {
      return { contradict: [known[place - 1] as number, call] };
    }
    latest[place] = (invocations[before] as number) > (invocations[call] as number) ? before : call;
    starts[call] = invocations[latest[place] as number] as number;
  }
  let earliest = known.at(-1) ?? 0;
  for (let place = known.length - 1; place >= 0; place--) {
    const call = known[place] as number;
    if ((completions[call] as number) < (completions[earliest] as number)) earliest = call;
    ends[call] = completions[earliest] as number;
    if ((starts[call] as number) > (completions[earliest] as number)) {
      return { contradict: [latest[place] as number, earliest] };
    }
  }
  const byStart = sortedByKey(starts);
  const completed = new Int32Array(known.length + unknown.length);
  completed.set(known);
  completed.set(unknown, known.length);
  return orderedWindows({ starts, ends, byStart }, completed);
}

/** Completed calls: those with tokens in the order of these, and all others. */
function byToken(requests: Requests): { known: Int32Array; unknown: Int32Array } {
  const { count, outcomes } = requests.calls;
  const calls = Int32Array.from({ length: count }, (_, call) => call);
  const known = calls.filter((call) => tokenOf(requests, call) !== undefined);
  const unknown = calls.filter(
    (call) => outcomes[call] !== INFO && tokenOf(requests, call) === undefined,
  );
  const given = Float64Array.from(known, (call) => tokenOf(requests, call) as number);
  return { known: sortedByToken(given).map((place) => known[place] as number), unknown };
}

/** Tokens lie further apart than this, for one of them, where they are revisions of a store. */
const SPAN_MAX = 8;

/** The places of tokens in their order. */
function sortedByToken(given: Float64Array): Int32Array {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const token of given) {
    lowest = Math.min(lowest, token);
    highest = Math.max(highest, token);
  }
  const isDense = highest - lowest <= SPAN_MAX * given.length;
  if (isDense && given.every((token) => Number.isSafeInteger(token))) {
    return sortedByKey(Int32Array.from(given, (token) => token - lowest));
  }
  const places = Int32Array.from({ length: given.length }, (_, place) => place);
  return places.sort((a, b) => (given[a] as number) - (given[b] as number));
}

/**
 * All tokens of calls that began before the event, and the smallest of those that began later: it
 * keeps others from having taken effect.
 */
function behind(requests: Requests, event: number): readonly number[] {
  const { count, invocations } = requests.calls;
  const named: number[] = [];
  let smallest: number | undefined;
  let token = Infinity;
  for (let call = 0; call < count; call++) {
    const own = tokenOf(requests, call);
    if (own === undefined) continue;
    if ((invocations[call] as number) <= event) named.push(call);
    else if (own < token) [smallest, token] = [call, own];
  }
  return smallest === undefined ? named : [...named, smallest];
}

function agree(requests: Requests, order: Int32Array): boolean {
  let last = -Infinity;
  for (const call of order) {
    const token = tokenOf(requests, call);
    if (token === undefined) continue;
    if (token <= last) return false;
    last = token;
  }
  return true;
}
