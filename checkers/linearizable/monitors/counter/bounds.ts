/**
 * Refutes counters whose amounts differ, by bounds on what must and what may have been added.
 *
 * One sign: an amount may be thought of as taken apart, into parts that are added at moments of
 * their own while the call is open. Whatever no order of parts explains no order of calls does
 * either; and for parts the sweep of `growth/sweep.ts` is exact again, by the same argument: add as
 * late as possible, first what completes first. O(n log n).
 *
 * Both signs: a number is at most the initial one, and all positive amounts that began before the
 * call that saw it completed, and all negative ones that completed before it began; and it is not
 * below what is said the other way round. O(n).
 *
 * What adds and says the number is taken for a look at the number that must have been exceeded or
 * not, and an add: its own amount has not come before it, nor is it missing after it.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import type { Meter } from "../../meter.js";
import { lastPush } from "../growth/few-calls.js";
import { OpenSteps } from "../growth/open-steps.js";
import { isBefore } from "../growth/growth.js";
import type { Calls } from "../monitor.js";
import type { Timeline } from "../timeline.js";
import { UNTOLD, type Amounts } from "./amounts.js";

/** What is to be refuted. */
export interface Mixed {
  readonly calls: Calls;
  readonly amounts: Amounts;
  readonly timeline: Timeline;
}

const BYTES_PER_CALL = 5 * 8;

/** Completed calls that contradict one another, ascending; undefined when bounds say nothing. */
export function refuteByBounds(given: Mixed, meter: Meter): readonly number[] | undefined {
  const { count } = given.calls;
  meter.reserve(BYTES_PER_CALL * count);
  meter.spend(4 * count);
  const { amounts } = given.amounts;
  const found = amounts.every((amount) => amount >= 0)
    ? refuteParts(given, 1)
    : amounts.every((amount) => amount <= 0)
      ? refuteParts(given, -1)
      : refuteSums(given);
  return found?.toSorted((a, b) => a - b);
}

/** By parts of amounts of one sign. */
function refuteParts({ calls, amounts, timeline }: Mixed, sign: number): number[] | undefined {
  const { count, outcomes } = calls;
  const { starts, ends, callAt, length } = timeline;
  const left = amounts.amounts.map((amount) => Math.abs(amount));
  const size = Float64Array.from(left);
  const least = new Float64Array(count);
  const most = new Float64Array(count).fill(Infinity);
  for (let call = 0; call < count; call++) {
    const before = amounts.before[call] as number;
    if (before === UNTOLD || outcomes[call] === INFO) continue;
    if (sign * before < 0) return [call];
    most[call] = sign * before;
    least[call] = sign * before + (size[call] as number);
  }
  const open = new OpenSteps();
  const pushed = (call: number): number[] | undefined => {
    const pushing = { timeline, least, amountOf: (one: number) => size[one] as number };
    const found = lastPush(pushing, { call, most: most[call] as number });
    return found === undefined ? undefined : [...found];
  };
  let height = 0;
  for (let event = 0; event < length; event++) {
    const call = callAt[event] as number;
    if (starts[call] === event) {
      if (height > (most[call] as number)) return pushed(call);
      if (size[call] !== 0) open.add(call, ends[call] as number);
      continue;
    }
    while (height < (least[call] as number) || (left[call] as number) > 0) {
      const first = open.first(callAt);
      if (first === NONE) return [call];
      const rest = left[first] as number;
      const needed = (least[call] as number) - height;
      const added = (left[call] as number) > 0 ? rest : Math.min(rest, needed);
      height += added;
      left[first] = rest - added;
      if (added === rest) open.takeFirst(callAt);
    }
  }
  return undefined;
}

/** By sums of the positive and of the negative amounts. */
function refuteSums(given: Mixed): number[] | undefined {
  const { calls, amounts, timeline } = given;
  const { starts, callAt, length } = timeline;
  const begun = new Sums();
  const ended = new Sums();
  /** By call: what had certainly been added when it began. */
  const certain = { up: new Float64Array(calls.count), down: new Float64Array(calls.count) };
  for (let event = 0; event < length; event++) {
    const call = callAt[event] as number;
    const amount = amounts.amounts[call] as number;
    if (starts[call] === event) {
      certain.up[call] = ended.up;
      certain.down[call] = ended.down;
      begun.add(amount);
      continue;
    }
    ended.add(amount);
    const before = amounts.before[call] as number;
    if (before === UNTOLD) continue;
    // Its own amount comes after the number.
    const up = begun.up - Math.max(0, amount);
    const down = begun.down - Math.max(0, -amount);
    if (before > up - (certain.down[call] as number)) {
      return [call, ...enoughOf(given, call, { sign: -1, over: up - before })];
    }
    if (before < (certain.up[call] as number) - down) {
      return [call, ...enoughOf(given, call, { sign: 1, over: before + down })];
    }
  }
  return undefined;
}

/** Running sums of the positive and of the negative amounts. */
class Sums {
  up = 0;
  down = 0;

  add(amount: number): void {
    if (amount > 0) this.up += amount;
    else this.down -= amount;
  }
}

/** The fewest amounts of this sign, completed before the call, whose sum is over the bound. */
function enoughOf(
  { amounts, timeline }: Mixed,
  call: number,
  { sign, over }: { readonly sign: number; readonly over: number },
): number[] {
  const size = (one: number): number => sign * (amounts.amounts[one] as number);
  const found: number[] = [];
  for (let one = 0; one < timeline.starts.length; one++) {
    if (size(one) > 0 && isBefore(timeline, one, call)) found.push(one);
  }
  found.sort((a, b) => size(b) - size(a));
  let sum = 0;
  let count = 0;
  while (sum <= over && count < found.length) sum += size(found[count++] as number);
  return found.slice(0, over < 0 ? 0 : count);
}
